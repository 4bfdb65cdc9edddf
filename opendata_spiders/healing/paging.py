"""Asks for further pages of a watched list: where page and size lie in its request, and how many datasets it has."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opendata_spiders.declared import Call, Slot
from opendata_spiders.healing.attempt import Attempt
from opendata_spiders.healing.json_places import ObjectList, leaves, numbers
from opendata_spiders.healing.matching import Matching, matching
from opendata_spiders.healing.watched_calls import (
    CallParts,
    NotReplayableError,
    Place,
    call_parts,
    is_called_page,
    page_places,
    size_place,
    with_slot,
    with_tenant,
)
from opendata_spiders.healing.watching import WatchedList
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageError
from opendata_spiders.pages.json_values import search

Entries = Sequence[Mapping[str, Any]]
_SAME = 0.5
"""Share of equal entries from which two answers show the same page: a row may come in between."""
_MOST_TRIES = 6
"""Values of a request that are tried as the number of the page."""
_MOST_TOTALS = 3
"""Numbers of an answer that are tried as the total."""


@dataclass(frozen=True, slots=True)
class PagedList:
    """A list that can be asked for page by page."""

    call: Call
    first_page: int
    page_size: int
    place: ObjectList
    """Of the first page."""
    found: Matching
    """Of all pages that were read."""
    pages_read: int
    total: str = ""
    """Path of the total; empty where none is proven."""
    total_said: str = ""
    """How it was proven."""


async def paged(attempt: Attempt, watched: WatchedList) -> PagedList:
    """Find how a list is paged, and read as many pages as a proof needs; raises NotReplayableError, PageError.

    A number of its request is that of the page if another one brings other entries and the printed total is right by
    it; without a total only one that is called a page (another order of the list brings other entries, too).
    """
    parts, _ = with_tenant(call_parts(watched.exchange, attempt.portal.base_url), attempt.portal.tenant)
    reader = _PageReader(attempt, watched.place)
    first = watched.place.entries
    again, _ = await reader.entries(parts.call(), {})
    if not _same(first, again):
        raise NotReplayableError("its request brings another answer when it is sent again outside the page")
    called: PagedList | None = None
    for place, number in page_places(parts)[:_MOST_TRIES]:
        turned = await _turned(reader, parts, place, number)
        if turned is None:
            continue
        found = await _read(reader, turned)
        if found.total:
            return found
        called = called or (found if is_called_page(place) else None)
    if called is not None:
        return called
    whole = matching(first, attempt.reading)
    if whole.found < attempt.policy.agree_share * len(attempt.reading.datasets):
        raise NotReplayableError("no number in its request is proven to lead to its second page")
    return PagedList(parts.call(), 1, max(len(first), 1), watched.place, whole, 1)


@dataclass(frozen=True, slots=True)
class _Turned:
    """A call by which a list was turned to its second page."""

    call: Call
    slot: Slot
    """PAGE or OFFSET."""
    first_page: int
    size: int
    second: Entries
    holder: Mapping[str, Any]
    """Of the second page."""

    def slots(self, page: int) -> Mapping[Slot, Any]:
        """The slots of a page, counted from 1."""
        number = (page - 1) * self.size if self.slot is Slot.OFFSET else self.first_page + page - 1
        return {self.slot: number, Slot.SIZE: self.size}


async def _turned(reader: "_PageReader", parts: CallParts, place: Place, number: int) -> _Turned | None:
    """Ask for the next page by one number of the request; None where that brings no other page."""
    first = reader.place.entries
    size = len(first)
    sized = with_slot(parts, at, Slot.SIZE) if (at := size_place(parts, size)) else parts
    call = with_slot(sized, place, Slot.PAGE).call()
    try:
        second, holder = await reader.entries(call, {Slot.PAGE: number + 1, Slot.SIZE: size})
        if size > 1 and number == 0 and _same(first[1:], second[: size - 1]):
            turned = _Turned(with_slot(sized, place, Slot.OFFSET).call(), Slot.OFFSET, 1, size, (), {})
            second, holder = await reader.entries(turned.call, turned.slots(2))
            return replace(turned, second=second, holder=holder) if second else None
    except PageError:
        return None
    if not second or _same(second, first) or not _alike(first, second):
        return None
    return _Turned(call, Slot.PAGE, number, size, second, holder)


async def _read(reader: "_PageReader", turned: _Turned) -> PagedList:
    """Read pages from all over a list, until enough of its datasets are found again: the newest ones change most."""
    attempt, policy = reader.attempt, reader.attempt.policy
    pages = {1: reader.place.entries, 2: turned.second}
    path, declared, rest = await _total(reader, turned)
    last = math.ceil(declared / turned.size) if declared else 0
    if last:
        pages[last] = rest
    for page in _spread(last, policy.pages_most):
        if matching(_all(pages), attempt.reading).found >= policy.matched_wanted:
            break
        if page not in pages:
            try:
                pages[page], _ = await reader.entries(turned.call, turned.slots(page))
            except PageError:
                break
            if not last and (not pages[page] or _same(pages[page], pages[page - 1])):
                del pages[page]
                break
    said = (
        f"`{path}`, {declared:,}: both pages print it, and page {last:,} is the last, with {len(rest)} rows"
        if path
        else ""
    )
    found = matching(_all(pages), attempt.reading)
    return PagedList(turned.call, turned.first_page, turned.size, reader.place, found, len(pages), path, said)


def _all(pages: Mapping[int, Entries]) -> Entries:
    return [entry for page in sorted(pages) for entry in pages[page]]


def _spread(last: int, most: int) -> list[int]:
    """Numbers of pages all over a list of `last` pages; the next ones where its length is not known."""
    if not last:
        return list(range(3, most + 1))
    return sorted({2 + round((last - 2) * step / most) for step in range(1, most)} - {1, 2, last})


async def _total(reader: "_PageReader", turned: _Turned) -> tuple[str, int | None, Entries]:
    """The path of a total, the total, and the last page: both pages print it, and the last page holds just the rest.

    A number that is not that of the page may bring other orders of the list: then the last page is one that was read.
    """
    counts, second = (numbers(one, reader.place.rows) for one in (reader.place.holder, turned.holder))
    least = turned.size + len(turned.second)
    steady = {path: value for path, value in counts.items() if value >= least and second.get(path) == value}
    known = len(reader.attempt.reading.datasets)
    for value in sorted(set(steady.values()), key=lambda one: abs(one - known))[:_MOST_TOTALS]:
        last = math.ceil(value / turned.size)
        try:
            rest, _ = await reader.entries(turned.call, turned.slots(last))
            beyond, _ = await reader.entries(turned.call, turned.slots(last + 1))
        except PageError:
            continue
        shown = any(_same(rest, page) for page in (reader.place.entries, turned.second)[: last - 1])
        if len(rest) == value - (last - 1) * turned.size and (not beyond or _same(beyond, rest)) and not shown:
            path = min((path for path, one in steady.items() if one == value), key=lambda one: (one.count("."), one))
            return path, value, rest
    return "", None, ()


class _PageReader:
    """Asks for pages of one list by a call."""

    def __init__(self, attempt: Attempt, place: ObjectList) -> None:
        self.attempt, self.place = attempt, place

    async def entries(self, call: Call, slots: Mapping[Slot, Any]) -> tuple[Entries, Mapping[str, Any]]:
        """The entries of a page, none past the end, and the object that holds them; raises PageError."""
        answer = await self.attempt.json_answer(call, slots)
        if self.place.inside:
            within = search(self.place.inside, answer)
            answer = bodies.json_object(within) if isinstance(within, str) else {}
        rows = search(self.place.rows, answer)
        return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else [], answer


# --- comparing pages --------------------------------------------------------------------------------------------------


def _marks(entries: Entries) -> list[frozenset[tuple[str, str]]]:
    """Each entry as what it prints."""
    return [
        frozenset((path, str(value)) for path, value in leaves(entry).items() if isinstance(value, str | int))
        for entry in entries
    ]


def _same(one: Entries, other: Entries) -> bool:
    """Whether two answers show the same page."""
    marks, others = _marks(one), set(_marks(other))
    return bool(marks) and sum(mark in others for mark in marks) >= _SAME * len(marks)


def _alike(one: Entries, other: Entries) -> bool:
    """Whether entries have the same keys, most of them."""
    keys, others = set(one[0]), set(other[0])
    return len(keys & others) >= _SAME * len(keys | others)
