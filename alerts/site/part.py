"""A part of the site: what is made from the same things, and so made again together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.site.tree import Trees


@dataclass(frozen=True, slots=True)
class SitePart:
    """Pages that are written together."""

    name: str
    made_from: Mapping[str, Any]
    """All that its pages show, apart from what the look covers; values that MongoDB can hold."""
    write: Callable[[Trees], None]
