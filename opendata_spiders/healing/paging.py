"""Asks for further pages of a watched list: where page and size lie in its request, and how many datasets it has."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opendata_spiders.declared import Call, Slot
from opendata_spiders.declared.json_pages import search
from opendata_spiders.healing.attempt import Attempt
from opendata_spiders.healing.json_places import ObjectList, leaves, numbers
from opendata_spiders.healing.matching import Matching, matching
from opendata_spiders.healing.watched_calls import (
    CallParts,
    NotReplayableError,
    call_parts,
    page_places,
    size_place,
    with_slot,
    with_tenant,
)
from opendata_spiders.healing.watching import WatchedList
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageError

Entries = Sequence[Mapping[str, Any]]
_SAME = 0.5
"""Share of equal entries from which two answers show the same page: a row may come in between."""
_MOST_TRIES = 6
"""Values of a request that are tried as the number of the page."""


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
    declared: int | None = None
    tenant_named: frozenset[str] = frozenset()
    """Keys of the register row's tenant that the call names."""


class ListAsker:
    """Asks for pages of one list by a call."""

    def __init__(self, attempt: Attempt, place: ObjectList) -> None:
        self._attempt, self._place = attempt, place

    async def page(self, call: Call, slots: Mapping[Slot, Any]) -> tuple[Entries, Mapping[str, Any]]:
        """The entries of a page, none past the end, and the object that holds them; raises PageError."""
        answer = await self._attempt.json_answer(call, slots)
        if self._place.inside:
            within = search(self._place.inside, answer)
            answer = bodies.json_object(within) if isinstance(within, str) else {}
        rows = search(self._place.rows, answer)
        return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else [], answer


async def paged(attempt: Attempt, watched: WatchedList) -> PagedList:
    """Find how a list is paged, and read as many pages as a proof needs; raises NotReplayableError, PageError."""
    portal, reading, policy = attempt.portal, attempt.reading, attempt.policy
    parts, named = with_tenant(call_parts(watched.exchange, portal.base_url), portal.tenant)
    asker = ListAsker(attempt, watched.place)
    first = watched.place.entries
    again, _ = await asker.page(parts.call(), {})
    if not _same(first, again):
        raise NotReplayableError("its request brings another answer when it is sent again outside the page")
    size = len(first)
    slotted = await _with_page(asker, parts, first)
    if slotted is None:
        whole = matching(first, reading)
        if whole.found < policy.agree_share * len(reading.datasets):
            raise NotReplayableError("no number in its request leads to its second page")
        return PagedList(parts.call(), 1, max(size, 1), watched.place, whole, 1, tenant_named=named)
    parts, slot, first_page = slotted
    if place := size_place(parts, size):
        parts = with_slot(parts, place, Slot.SIZE)
    found = PagedList(parts.call(), first_page, size, watched.place, watched.found, 1, tenant_named=named)
    entries = list(first)
    holders = [watched.place.holder]
    while found.pages_read < policy.pages_most and (
        found.pages_read < 2 or matching(entries, reading).found < policy.matched_least
    ):
        more, holder = await asker.page(found.call, _slots(found, slot, found.pages_read + 1))
        found = replace(found, pages_read=found.pages_read + 1)
        if not more:
            break
        entries += more
        holders.append(holder)
    found = replace(found, found=matching(entries, reading))
    return await _with_total(asker, found, slot, holders, len(reading.datasets))


async def _with_page(asker: ListAsker, parts: CallParts, first: Entries) -> tuple[CallParts, Slot, int] | None:
    """The call with the slot of its page (or offset), and the number of the first page."""
    for place, number in page_places(parts)[:_MOST_TRIES]:
        tried = with_slot(parts, place, Slot.PAGE)
        try:
            second, _ = await asker.page(tried.call(), {Slot.PAGE: number + 1, Slot.ID: ""})
        except PageError:
            continue
        if len(first) > 1 and number == 0 and _same(first[1:], second[: len(first) - 1]):
            return with_slot(parts, place, Slot.OFFSET), Slot.OFFSET, 1
        if second and not _same(second, first) and _alike(first, second):
            return tried, Slot.PAGE, number
    return None


def _slots(found: PagedList, slot: Slot, page: int) -> Mapping[Slot, Any]:
    """The slots of a page, counted from 1."""
    number = (page - 1) * found.page_size if slot is Slot.OFFSET else found.first_page + page - 1
    return {slot: number, Slot.SIZE: found.page_size}


async def _with_total(
    asker: ListAsker, found: PagedList, slot: Slot, holders: Sequence[Mapping[str, Any]], known: int
) -> PagedList:
    """Prove a total: every page prints it, and the last page by it holds exactly the rest."""
    counts = [numbers(holder, found.place.rows) for holder in holders]
    steady = {
        path: value
        for path, value in counts[0].items()
        if value >= len(found.found.entries) and all(one.get(path) == value for one in counts)
    }
    for value in sorted(set(steady.values()), key=lambda one: abs(one - known))[:3]:
        last = math.ceil(value / found.page_size)
        try:
            rest, _ = await asker.page(found.call, _slots(found, slot, last))
            beyond, _ = await asker.page(found.call, _slots(found, slot, last + 1))
        except PageError:
            continue
        if len(rest) == value - (last - 1) * found.page_size and (not beyond or _same(beyond, rest)):
            path = min((path for path, one in steady.items() if one == value), key=lambda one: (one.count("."), one))
            said = (
                f"`{path}`, {value:,}: every page prints it, and page {last:,} is the last one, with {len(rest)} rows"
            )
            return replace(found, total=path, total_said=said, declared=value)
    return found


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
