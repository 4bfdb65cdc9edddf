"""Where the pages of a recognised list come from: its request asked again, or the page turned in the browser."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.browser.portal_page import Exchange
from opendata_spiders.declared.answers import Answer
from opendata_spiders.declared.json_pages import JsonList
from opendata_spiders.items import RawValues
from opendata_spiders.pages import bodies, walls
from opendata_spiders.pages.contract import ListPage, PageDriftedError
from opendata_spiders.rendered.answers import opened
from opendata_spiders.rendered.blocks import Blocks
from opendata_spiders.rendered.policy import rendered_policy
from opendata_spiders.rendered.recognition import Recognition
from opendata_spiders.rendered.replaying import Replay, call_of
from opendata_spiders.rendered.watched_page import Turned, WatchedPage

Ask = Callable[[Request], Awaitable[Response]]
"""Sends a plain request within the portal's host group; raises PageError."""


class ListSource(Protocol):
    """Gives the pages of a list, counted from 0 in their order; raises PageError."""

    @property
    def said(self) -> str:
        """How the pages are come by, for people."""

    async def page(self, turned: int) -> ListPage: ...


@dataclass
class ReplayedList:
    """The request of the first page asked again, without the browser; the only page where it names none."""

    reader: JsonList
    replay: Replay
    length: int
    ask: Ask

    @property
    def said(self) -> str:
        return "pages asked for as the page itself does" if self.replay.paged else "one answer holds it all"

    async def page(self, turned: int) -> ListPage:
        """Ask for one page."""
        if turned and not self.replay.paged:
            return ListPage(())
        response = await self.ask(self.replay.request(turned, self.length))
        walls.check_list(response, "json")
        return read_answer(self.reader, bodies.decode(response).text)


@dataclass
class TurnedAnswers:
    """The page's own pager in the browser, and what the page is answered then."""

    watched: WatchedPage
    found: Recognition
    said: str = "turned by the page's pager, its answers read"
    last: Exchange | None = None
    """The answer of the page that was read last."""
    _at: int = 0

    async def page(self, turned: int) -> ListPage:
        """Turn to one page; for one that lies behind the page is opened anew."""
        page = ListPage(())
        if turned <= self._at or not self.watched.is_open:
            await self.watched.again()
            self._at, self.last = 0, await self._answer(0, rendered_policy().settle_seconds)
            if self.last is None:
                raise PageDriftedError("opened once more, the page does not ask for its list as it did")
            page = read_answer(self.found.reader, self.last.text)
        while self._at < turned:
            before, how = len(self.watched.exchanges), await self.watched.turn()
            self._at += 1
            self.last = None if how is Turned.END else await self._answer(before, rendered_policy().turn_seconds)
            page = read_answer(self.found.reader, self.last.text) if self.last else ListPage(())
        return page

    async def _answer(self, after: int, seconds: float) -> Exchange | None:
        """The last answer of the list's own call since `after` answers; None where none comes."""
        call = call_of(self.found.replay.asked)

        async def ready() -> Exchange | None:
            new = self.watched.exchanges[after:]
            return next((one for one in reversed(new) if call_of(one) == call and one.text), None)

        return await self.watched.until(ready, seconds)


@dataclass
class TurnedBlocks:
    """The page's own pager in the browser, and the blocks that the page shows then."""

    watched: WatchedPage
    found: Blocks
    first: ListPage
    said: str = "turned by the page's pager, its blocks read"
    _at: int = 0
    _seen: frozenset[str] = frozenset()
    """Ids that the page shows still while it is turned."""

    async def page(self, turned: int) -> ListPage:
        """Turn to one page; for one that lies behind the page is opened anew."""
        page = ListPage(())
        if turned <= self._at or not self.watched.is_open:
            await self.watched.again()
            self._at = 0
            page = await self._others_than(frozenset(), rendered_policy().settle_seconds)
        while self._at < turned:
            before = self._seen if self._at else _ids(self.first)
            await self.watched.mark()
            how = await self.watched.turn()
            self._at += 1
            page = ListPage(())
            if how is not Turned.END:
                page = await self._others_than(before, rendered_policy().turn_seconds, only_new=how.adds)
            if how.adds:
                page = replace(page, rows=tuple(row for row in page.rows if row.id not in before))
            self._seen = _ids(page) | (before if how.adds or not page.rows else frozenset())
        return page

    async def _others_than(self, before: frozenset[str], seconds: float, *, only_new: bool = False) -> ListPage:
        """The page once it shows other entries than before, twice the same ones; an empty one where it never does.

        With `only_new` what the page held before it was turned is not read again: lists that grow have no end.
        """
        halfway: list[tuple[str, RawValues]] = []

        async def ready() -> ListPage | None:
            nonlocal halfway
            html = await self.watched.shown(only_new=only_new)
            try:
                page = self.found.read(html, self.watched.url)
            except PageDriftedError:  # an application takes its list away before it puts the next one there
                return None
            entries = [(row.id, row.values) for row in page.rows]
            settled, halfway = entries == halfway, entries
            return page if settled and not _ids(page) <= before else None

        return await self.watched.until(ready, seconds) or ListPage(())


@dataclass
class Remembered:
    """A source whose first pages have been read already: each of them is given once more without being asked for."""

    source: ListSource
    known: dict[int, ListPage]
    declared: int | None = None
    """The total that the page shows, for answers that print none."""

    @property
    def said(self) -> str:
        return self.source.said

    async def page(self, turned: int) -> ListPage:
        """One page, as it was read, or anew."""
        page = self.known.pop(turned, None) or await self.source.page(turned)
        return replace(page, declared=self.declared if page.declared is None else page.declared)


def read_answer(reader: JsonList, text: str) -> ListPage:
    """Read an answer of the recognised call; raises PageError for another shape."""
    value = opened(text)
    if value is None:
        bodies.json_value(text)
    return reader.read(Answer(bodies.json_text(value)))


def _ids(page: ListPage) -> frozenset[str]:
    return frozenset(row.id for row in page.rows)


def brings_others(first: ListPage, second: ListPage) -> bool:
    """Whether a second page is one: it has entries with titles, most of which are not on the first."""
    one, two = _ids(first), _ids(second)
    return bool(two) and len(two & one) * 2 <= len(two) and all("title" in row.values for row in second.rows)


def same_entries(one: ListPage, other: ListPage) -> bool:
    """Whether two pages are one and the same."""
    return bool(one.rows) and _ids(one) == _ids(other)


def differs(known: Mapping[str, str], tonight: Mapping[str, str]) -> str:
    """Say in what tonight's rule is another than the known one; '' if it reads the same things from the same places."""
    changed = [name for name in known if name in tonight and known[name] != tonight[name]]
    lost = [name for name in ("rows", "id", "title") if name in known and name not in tonight]
    if not changed and not lost:
        return ""
    name = [*lost, *changed][0]
    there = bodies.plain(tonight.get(name, "nowhere"), 60)
    return f"{name} would be read from {there} and was read from {bodies.plain(known[name], 60)}"
