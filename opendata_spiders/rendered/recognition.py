"""Finds the one array in a page's answers that is the catalogue, and says how its entries are read.

An array is the catalogue where its entries have an id, a title and fields of two more kinds, each known by the word of
its key and confirmed by its values, one kind of which only catalogues have; and where the request says which page it
asks for, or the answer prints a total. Where several arrays would do, none is taken.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any

from opendata_spiders.declared.json_pages import JsonList
from opendata_spiders.pages import bodies
from opendata_spiders.rendered.answers import Path, arrays, jmespath_of, opened
from opendata_spiders.rendered.columns import EntryColumns, columns_of
from opendata_spiders.rendered.policy import paging_word, paging_words, rendered_policy
from opendata_spiders.rendered.replaying import Asked, Replay, call_of, replay_of
from opendata_spiders.rendered.totals import total_in_words


@dataclass(frozen=True, slots=True)
class Recognition:
    """The catalogue among a page's answers; paths are JMESPath expressions on the opened answer."""

    exchange: int
    """Which of the answers holds it."""
    rows: str
    """Path of the array; `list` where the answer is the array itself."""
    id: str
    """Path of the native id within an entry."""
    keys: Mapping[str, str]
    """Path within an entry to its field."""
    by: Mapping[str, str]
    """Field (and `id`) to what it was recognised by."""
    confirmed: tuple[str, ...]
    """Fields that values confirm: the more, the surer."""
    total: str
    """Path of the printed total; '' for none."""
    declared: int | None
    """The total itself."""
    entries: int
    """Entries of this page."""
    replay: Replay
    """How further pages are asked for, if the request says which page it is."""

    @property
    def goes_on(self) -> bool:
        """Whether there are further pages: the request names one, or the total is larger than this page."""
        return self.replay.paged or (self.declared or 0) > self.entries

    @property
    def reader(self) -> JsonList:
        """Reads such an answer, opened."""
        totals = (self.total,) if self.total else ()
        return JsonList(rows=self.rows, id=self.id, keys=self.keys, totals=totals)

    @property
    def rule(self) -> Mapping[str, str]:
        """What is kept of it from night to night: where the array, its ids and its fields lie."""
        return {"rows": self.rows, "id": self.id, **{name: path for path, name in sorted(self.keys.items())}}

    def __str__(self) -> str:
        """One sentence for people."""
        paged = self.replay.page or self.replay.offset
        parts = (
            f"{self.rows} of {self.entries} entries, id {self.id}",
            f"total {self.total}" if self.total else "no total",
            f"page by {paged.word or 'its path'!r}" if paged else "",
            f"{len(self.confirmed)} fields confirmed by their values",
        )
        return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Weak:
    """No array is the catalogue beyond doubt."""

    reason: str
    """One sentence."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    columns: EntryColumns
    found: Recognition
    where: tuple[str, str]
    """Its call, and its path in the answer: two answers of one call are one list."""


def recognise(
    exchanges: Sequence[Asked],
    *,
    now: datetime,
    tz: tzinfo,
    shown: str = "",
    known: Mapping[str, str] = MappingProxyType({}),
) -> Recognition | Weak:
    """Find the catalogue.

    `shown` is the text of the page, which helps to tell a title from a second name; `known` is the `rule` by which the
    list was read before, which counts between two fields that would do.
    """
    looked, best_missing = 0, ("", -1)
    strong: dict[tuple[str, str], _Candidate] = {}
    for number, exchange in enumerate(exchanges):
        for one in _candidates(
            number, exchange, lambda entries: columns_of(entries, now=now, tz=tz, shown=shown, known=known)
        ):
            looked += 1
            missing = one.columns.missing or _no_list(one.found, shown)
            if not missing:
                strong[one.where] = one  # of several answers of one call the last one is what the page shows
            elif one.columns.id and len(one.columns.confirmed) > best_missing[1]:
                best_missing = f"{one.found.rows} ({one.found.entries} entries): {missing}", len(one.columns.confirmed)
    if not strong:
        nearest = f"; the nearest is {bodies.plain(best_missing[0], 300)}" if best_missing[0] else ""
        return Weak(f"none of {looked} arrays in {len(exchanges)} answers is a catalogue by its values{nearest}")
    ranked = sorted(strong.values(), key=_likeness, reverse=True)
    if len(ranked) > 1 and not _outdoes(ranked[0], ranked[1]):
        names = " and ".join(bodies.plain(one.found.rows, 60) for one in ranked[:2])
        return Weak(f"two arrays look like the catalogue, {names}, and nothing says which of them it is")
    return ranked[0].found


def _candidates(
    number: int, exchange: Asked, read: Callable[[Sequence[Mapping[str, Any]]], EntryColumns]
) -> Iterator[_Candidate]:
    answer = opened(exchange.text)
    for path, entries in arrays(answer):
        if len(entries) < rendered_policy().least_entries:
            continue
        columns = read(entries)
        total, declared = _total(answer, path, len(entries))
        found = Recognition(
            exchange=number,
            rows=jmespath_of(path),
            id=columns.id,
            keys=columns.keys,
            by=columns.by,
            confirmed=columns.confirmed,
            total=total,
            declared=declared,
            entries=len(entries),
            replay=replay_of(exchange),
        )
        yield _Candidate(columns, found, (call_of(exchange), found.rows))


def _no_list(found: Recognition, shown: str) -> str:
    """Say why an array of datasets may be no list of them all: a ranking holds datasets, too."""
    declared, paged = found.declared, found.replay.paged
    if (declared or 0) > found.entries or (paged and declared is None):
        return ""
    whole = total_in_words(shown, found.entries)
    if whole is not None and whole != found.entries:
        return f"its answer holds all that it has, and the page shows {whole}: it may be a ranking"
    if whole is None and declared is None:
        return "neither its answer nor the page prints a total and its request names no page: it may be a ranking"
    if whole is None and shown and not paged:
        return "its request names no page, and the page does not print its total: it may be a ranking"
    return ""


def _likeness(one: _Candidate) -> tuple[int, int, int]:
    return _extent(one.found), len(one.columns.kinds), one.found.declared or 0


def _extent(found: Recognition) -> int:
    """2 for a list whose request names a page, 1 for one whose total says that there is more, 0 for one that ends."""
    return 2 if found.replay.paged else int(found.goes_on)


def _outdoes(one: _Candidate, other: _Candidate) -> bool:
    """Whether a candidate is clearly better: it is more of a list, or it says more of at least as many datasets."""
    if _extent(one.found) > _extent(other.found):
        return True
    richer = one.columns.kinds > other.columns.kinds
    return richer and (one.found.declared or 0) >= (other.found.declared or 0)


def _total(answer: Any, path: Path, length: int) -> tuple[str, int | None]:
    """Path and number of the total printed nearest to the array: beside it or a step away, no smaller than it."""
    words = paging_words("total")
    for depth in range(len(path) - 1, -1, -1):
        at = path[:depth]
        beside = _at(answer, at)
        if not isinstance(beside, dict):
            continue
        found = []
        for steps, key, value in _scalars(beside):
            number, _ = bodies.total(value)
            if paging_word(key) in words and number is not None and number >= length:
                found.append((words[paging_word(key)], len(steps), jmespath_of((*at, *steps)), number))
        if found:
            _, _, said, number = min(found)
            return said, number
    return "", None


def _scalars(beside: Mapping[str, Any]) -> Iterator[tuple[Path, str, Any]]:
    for key, value in beside.items():
        if isinstance(value, dict):
            yield from (((key, inner), inner, one) for inner, one in value.items() if isinstance(one, str | int))
        elif isinstance(value, str | int):
            yield (key,), key, value


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
