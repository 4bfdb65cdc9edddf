"""How every figure, rank and event is made, with its version: a page to cite from."""

from alerts.audit.rules import RULES_VERSION, rules
from alerts.model.kinds import EventScope, kinds
from alerts.site.sources import Sources
from alerts.site.tree import Trees
from alerts.site.words import said


def put(trees: Trees, sources: Sources) -> None:
    """Put the page into both trees."""
    trees.put(
        "method.html",
        "method.html.j2",
        title=said("method.title"),
        section="method",
        figures=sources.board["figures"],
        rank=sources.board["rank"],
        kinds=[one for one in kinds().values() if one.is_stated and one.scope is not EventScope.OPS],
        rules=rules(),
        rules_version=RULES_VERSION,
    )
