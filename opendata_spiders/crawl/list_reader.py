"""Reads a portal's list page by page until it is stable, and keeps the facts on which the verdict is based."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from opendata_spiders.pages.contract import ListPage, ListRow, PageError, PageMissingError
from opendata_spiders.policy import CrawlPolicy
from opendata_spiders.store.models import Finding, Run, Verdict

FetchPage = Callable[[int], Awaitable[ListPage]]
"""Page number to the parsed page; raises PageError."""


@dataclass(slots=True)
class Pass:
    """One reading of the list from its first page on."""

    ids: set[str] = field(default_factory=set)
    errors: dict[int, PageError] = field(default_factory=dict)
    pages: int = 0
    rows: int = 0
    ended: bool = False
    """Whether the list came to a natural end: a short, empty or repeated page after the last one due."""
    stopped: str = ""
    """Why we stopped asking before the end; empty if we did not."""


@dataclass(slots=True)
class ListFacts:
    """All that is known about the reading of one list."""

    ids: set[str] = field(default_factory=set)
    declared: int | None = None
    declared_first: int | None = None
    passes: list[Pass] = field(default_factory=list)
    without_id: int = 0
    oddities: list[str] = field(default_factory=list)

    @property
    def last(self) -> Pass:
        return self.passes[-1]

    @property
    def errors(self) -> dict[int, PageError]:
        """Pages that no pass could read."""
        last = self.last.errors if self.passes else {}
        return {page: error for page, error in last.items() if all(page in one.errors for one in self.passes)}

    @property
    def identical(self) -> bool:
        """Whether the last two passes saw the very same ids."""
        return len(self.passes) > 1 and self.passes[-1].ids == self.passes[-2].ids

    @property
    def pages(self) -> int:
        return sum(one.pages for one in self.passes)

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.passes)

    @property
    def duplicates(self) -> int:
        """Rows of the first pass that repeat an id of the same pass."""
        return self.passes[0].rows - len(self.passes[0].ids) if self.passes else 0

    def findings(self) -> list[Finding]:
        """What was odd about the list, for the run's record."""
        found = [Finding("list.odd", text) for text in dict.fromkeys(self.oddities)]
        if self.duplicates:
            found.append(Finding("list.duplicate", "rows repeat an id", count=self.duplicates))
        if self.without_id:
            found.append(Finding("list.without_id", "entries that carry no id", count=self.without_id))
        if self.declared is not None and self.declared != self.declared_first:
            found.append(Finding("list.total_moved", f"{self.declared_first} at first, {self.declared} at last"))
        found += [Finding("list.hole", f"page {page}: {error}"[:300]) for page, error in self.errors.items()]
        return found


class ListReader:
    """Reads one list; `rows()` yields every row the first time its id is seen, `facts` holds the rest.

    A list is read again while it is not stable (rows repeat, the total is not reached), unless it falls short exactly
    as it did in the last trusted run: that would double the cost of every normal night.
    """

    def __init__(  # noqa: PLR0913 -- what a reading depends on, all of it keyword-only
        self,
        fetch: FetchPage,
        *,
        first_page: int,
        page_size: int,
        window: int,
        policy: CrawlPolicy,
        trusted: Run | None,
        trusted_ids: AbstractSet[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.facts = ListFacts()
        self._clock = clock
        self._began = clock()
        self._chars = 0
        self._pages: int | None = None
        """The number of pages that the list prints, or that are known so far where each page names the next."""
        self._fetch = fetch
        self._first = first_page
        self._size = page_size
        self._window = window
        self._policy = policy
        self._trusted = trusted
        self._trusted_ids = trusted_ids

    async def rows(self) -> AsyncIterator[list[ListRow]]:
        """Yield the new rows of each page; repeats the walk until the list is settled."""
        for _ in range(self._policy.max_passes):
            known = len(self.facts.ids)
            self.facts.passes.append(Pass())
            async for fresh in self._walk(self.facts.last):
                yield fresh
            if self._settled(known):
                return

    async def _walk(self, walk: Pass) -> AsyncIterator[list[ListRow]]:
        page, streaks = self._first, _Streaks()
        while not (walk.ended or walk.stopped):
            if limit := self._limit(walk):
                walk.stopped = limit
                return
            batch = range(page, page + self._batch(page))
            results = await asyncio.gather(*map(self._try, batch))
            for number, result in zip(batch, results, strict=True):
                yield self._take(walk, number, result, streaks)
                if walk.ended or walk.stopped:
                    break
            page = batch.stop

    def _limit(self, walk: Pass) -> str:
        """Why no further page is requested although the list goes on; empty while one may be."""
        rules, total = self._policy, self.facts.declared_first  # a total may run ahead of the pages
        most = rules.list_pages
        if total is not None:
            most = min(most, max(rules.list_least_pages, rules.list_beyond * math.ceil(total / self._size)))
        if walk.pages + len(walk.errors) >= most:
            return f"the list has no end: {most:,} pages were read"
        if len(self.facts.ids) >= rules.list_datasets:
            return f"the list has no end: {len(self.facts.ids):,} datasets were read"
        if self._chars > rules.list_mb * 1_000_000:
            return f"the list has no end: more than {rules.list_mb} million characters were read"
        if self._clock() - self._began >= rules.list_hours * 3600:
            return f"the list was not read to its end within {rules.list_hours:g} hours"
        return ""

    def _batch(self, page: int) -> int:
        """How many pages to ask for at once: one at first and past the end, a window in between."""
        last = self._last_due()
        if page == self._first or last is None or page > last:
            return 1
        return min(self._window, last - page + 1)

    @property
    def page_size(self) -> int:
        """Rows a page: as many as were asked for, or as the portal gives where those are fewer."""
        return self._size

    @property
    def pages_due(self) -> int | None:
        """Pages of the list as printed, else by its total; None while neither is known."""
        declared = self.facts.declared
        return self._pages if self._pages or declared is None else math.ceil(declared / self._size)

    def _last_due(self) -> int | None:
        return None if self.pages_due is None else self._first + self.pages_due - 1

    async def _try(self, page: int) -> ListPage | PageError:
        try:
            read = await self._fetch(page)
        except PageError as error:
            return error
        if read.pages is not None:
            self._pages = read.pages  # of answers that cross on their way the last one knows most
        return read

    def _take(self, walk: Pass, number: int, result: ListPage | PageError, streaks: "_Streaks") -> list[ListRow]:
        if isinstance(result, PageError):
            self._take_error(walk, number, result, streaks)
            return []
        self._take_totals(result, number)
        new_to_walk = {row.id for row in result.rows} - walk.ids
        fresh = list({row.id: row for row in reversed(result.rows) if row.id not in self.facts.ids}.values())[::-1]
        self._count(walk, result)
        self._chars += sum(len(row.body) for row in fresh)
        streaks.page(rows=len(result.rows), new=len(new_to_walk))
        walk.ended = self._at_end(number, result, new_to_walk, streaks)
        if walk.ended and (short := self._short_of_pages(number, streaks)):
            walk.ended = self._as_full_as_trusted()
            walk.stopped = "" if walk.ended else short
        return fresh

    def _short_of_pages(self, number: int, streaks: "_Streaks") -> str:
        """Say that a list without a total ended before the last page it announces; '' if it did not.

        Of the announced pages only the last may be empty.
        """
        last = self._last_due()
        if self.facts.declared is not None or last is None:
            return ""
        empty_of_those = min(number, last) - (number - streaks.empty)
        if number < last or empty_of_those >= self._policy.past_end_empty:
            return f"nothing new on page {number} of {last} that the list says it has"
        return ""

    def _as_full_as_trusted(self) -> bool:
        """Whether a list that ends before its announced last page is as full as in the last trusted run.

        The first such reading is partial until a person regrades it; from then on the wrong number is known.
        """
        trusted = self._trusted
        return trusted is not None and len(self.facts.ids) >= self._policy.complete_share * trusted.seen

    def _count(self, walk: Pass, page: ListPage) -> None:
        ids = {row.id for row in page.rows}
        walk.ids |= ids
        self.facts.ids |= ids
        walk.pages += 1
        walk.rows += len(page.rows)
        self.facts.without_id += page.without_id
        self.facts.oddities += page.oddities

    def _take_totals(self, page: ListPage, number: int) -> None:
        if page.declared is not None:
            if self.facts.declared_first is None:
                self.facts.declared_first = page.declared
            self.facts.declared = page.declared
        length = len(page.rows) + page.without_id
        if number == self._first and 0 < length < self._size and length < (page.declared or 0):
            self._size = length  # the portal gives fewer a page than were asked for

    def _take_error(self, walk: Pass, number: int, error: PageError, streaks: "_Streaks") -> None:
        last = self._last_due()
        if last is not None and number > last and len(walk.ids) >= (self.facts.declared or 0):
            walk.ended = True  # some portals answer an error past the end of a list that was read whole
            return
        walk.errors[number] = error
        limit = self._policy.hole_stop if isinstance(error, PageMissingError) else self._policy.same_failure_stop
        if number == self._first:
            walk.stopped = f"the first page could not be read: {error}"
        elif streaks.error(error) >= limit or (last is None or number > last):
            walk.stopped = f"stopped at page {number}: {error}"

    def _at_end(self, number: int, page: ListPage, new_to_walk: set[str], streaks: "_Streaks") -> bool:
        last = self._last_due()
        length = len(page.rows) + page.without_id
        if last is not None and number < last:
            return streaks.empty >= self._policy.past_end_empty or streaks.repeated >= self._policy.repeat_stop
        past = last is not None and number > last
        return length < self._size or (past and not new_to_walk) or streaks.repeated >= self._policy.past_end_empty

    def _settled(self, known_before: int) -> bool:
        facts, seen = self.facts, len(self.facts.ids)
        if facts.last.stopped or facts.errors or not facts.last.ended:
            return True
        # A total that was wrong in the last trusted run may be equalled by chance while something is missing.
        proves = self._trusted is None or self._trusted.total_trusted or self._trusted_ids <= facts.ids
        if facts.declared and seen == facts.declared and proves:
            return True
        if len(facts.passes) > 1:
            return seen == known_before
        return self._as_last_time()

    def _as_last_time(self) -> bool:
        """Whether the list falls short of its total exactly as in the last trusted run, and no dataset is missing."""
        trusted = self._trusted
        if trusted is None or not self._trusted_ids <= self.facts.ids:
            return False
        if trusted.declared is None or self.facts.declared is None:
            return trusted.declared is self.facts.declared
        return self.facts.declared - len(self.facts.ids) == trusted.declared - trusted.seen


@dataclass(slots=True)
class _Streaks:
    """How many pages in a row were empty, brought nothing new, or failed in the same way."""

    empty: int = 0
    repeated: int = 0
    failed: int = 0
    failure: Verdict | None = None

    def page(self, *, rows: int, new: int) -> None:
        self.empty = 0 if rows else self.empty + 1
        self.repeated = 0 if new else self.repeated + 1
        self.failed, self.failure = 0, None

    def error(self, error: PageError) -> int:
        self.failed = self.failed + 1 if error.verdict is self.failure else 1
        self.failure = error.verdict
        return self.failed
