"""The list of all feeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.site.tree import Trees
from alerts.site.words import said
from alerts.text.labels import Both

PATH = "feeds/index.html"


@dataclass(frozen=True, slots=True)
class Listed:
    """One feed in the list."""

    file: str
    name: Both


def put(trees: Trees, feeds: Sequence[Listed]) -> None:
    """Put the page into both trees: apart the feeds of single portals, whose names may be those of provinces."""
    wide = [one for one in feeds if not one.file.startswith("city-")]
    groups = (said("feeds.wide"), wide), (said("feeds.portals"), [one for one in feeds if one not in wide])
    trees.put(PATH, "feeds.html.j2", title=said("feeds.title"), section="feeds", groups=groups)
