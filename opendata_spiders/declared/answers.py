"""What the readers of declared pages share: the decoded answer, and how a value is put into its field."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from opendata_spiders.items import RawValues

Fields = str | tuple[str, ...] | re.Pattern[str]
"""The field that a value serves, or several; a pattern cuts a text into its named groups, which are the fields."""
_EMPTY: tuple[Any, ...] = (None, "", [])


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded body, the address it came from, and what was odd about its characters."""

    text: str
    url: str = ""
    oddities: tuple[str, ...] = ()


class InUtc(str):
    """A date field whose times are UTC and do not say so: a time without a zone is given the zone it lacks."""

    __slots__ = ()


def put(values: RawValues, name: str, value: Any) -> None:
    """Put a value into its field unless the field is filled already."""
    if name not in values or values[name] in _EMPTY:
        values[name] = value


def names(served: Fields) -> tuple[str, ...]:
    """The fields that a value serves."""
    if isinstance(served, str):
        return (served,)
    return tuple(served.groupindex) if isinstance(served, re.Pattern) else served


def parts(served: Fields, text: str) -> Iterator[tuple[str, str]]:
    """Each field with its part of a text; a text that the pattern does not fit goes whole into each."""
    found = served.search(text) if isinstance(served, re.Pattern) else None
    for name in names(served):
        yield name, (found[name] or "").strip() if found else text


def names_of(maps: Iterable[Mapping[str, Fields]]) -> tuple[str, ...]:
    """Every field of some maps, once, in their order."""
    return tuple(dict.fromkeys(name for one in maps for served in one.values() for name in names(served)))
