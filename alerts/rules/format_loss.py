"""A dataset that programs could read and that only people can read now."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from opendata_spiders import normalise
from opendata_spiders.tables import Tables

_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]+")


def dropped(before: Any, after: Any, family: str) -> list[str]:
    """The machine-readable formats among the raw `before`, if all that `after` names are pages or pictures; else none.

    A word that formats.csv does not know says nothing, and so the whole cell says nothing.
    """
    left = _words(after)
    if not left or any(_readable().get(word, True) for word in left):
        return []
    return [name for name in normalise.formats(before, family=family) if _readable().get(name, False)]


def _words(raw: Any) -> list[str]:
    many = raw if isinstance(raw, list | tuple) else [raw]
    return [word for one in many if one is not None for word in _WORD.findall(str(one).casefold())]


@cache
def _readable() -> Mapping[str, bool]:
    return {row["word"]: row["readable"] == "yes" for row in Tables("alerts.rules").rows("formats", "word", "readable")}
