"""Where the pages of a recognised list come from: its request asked again, or the page turned in the browser."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
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
class WholeList:
    """A list that one answer holds."""

    first: ListPage
    said: str = "one answer holds it all"

    async def page(self, turned: int) -> ListPage:
        """The list, and nothing behind it."""
        return self.first if turned == 0 else ListPage(())


@dataclass
class ReplayedList:
    """The request of the first page asked again, without the browser."""

    reader: JsonList
    replay: Replay
    length: int
    ask: Ask
    said: str = "pages asked for as the page itself does"

    async def page(self, turned: int) -> ListPage:
        """Ask for one page."""
        response = await self.ask(self.replay.request(turned, self.length))
        walls.check_list(response, "json")
        return read_answer(self.reader, bodies.decode(response).text)


@dataclass
class TurnedAnswers:
    """The page's own pager in the browser, and what the page is answered then."""

    watched: WatchedPage
    found: Recognition
    first: ListPage
    said: str = "turned by the page's pager, its answers read"
    last: Exchange | None = None
    """The answer of the page that was read last."""
    _at: int = 0

    async def page(self, turned: int) -> ListPage:
        """Turn to one page: the next one, or the first, for which the page is opened anew."""
        if turned == 0:
            if self._at:
                await self.watched.again()
                answer = await self.watched.until(lambda: self._answer(0), rendered_policy().settle_seconds)
                return self._read(answer, 0)
            return self.first
        before = len(self.watched.exchanges)
        how, self._at = await self.watched.turn(), turned
        if how is Turned.END:
            return ListPage(())
        answer = await self.watched.until(lambda: self._answer(before), rendered_policy().turn_seconds)
        return ListPage(()) if answer is None else self._read(answer, turned)

    def _read(self, answer: Exchange | None, turned: int) -> ListPage:
        if answer is None:
            raise PageDriftedError("opened once more, the page does not ask for its list as it did")
        self._at, self.last = turned, answer
        return read_answer(self.found.reader, answer.text)

    async def _answer(self, after: int) -> Exchange | None:
        """The last answer of the list's own call since `after` answers."""
        call, new = call_of(self.found.replay.asked), self.watched.exchanges[after:]
        return next((one for one in reversed(new) if call_of(one) == call and one.text), None)


@dataclass
class TurnedBlocks:
    """The page's own pager in the browser, and the blocks that the page shows then."""

    watched: WatchedPage
    found: Blocks
    first: ListPage
    said: str = "turned by the page's pager, its blocks read"
    _at: int = 0
    _before: frozenset[str] = frozenset()
    """Ids that the page showed before it was turned."""
    _halfway: list[tuple[str, RawValues]] | None = field(default=None, repr=False)

    async def page(self, turned: int) -> ListPage:
        """Turn to one page: the next one, or the first, for which the page is opened anew."""
        if turned == 0:
            if self._at:
                await self.watched.again()
                self._at, self._before = 0, frozenset()
                return await self._arrived(rendered_policy().settle_seconds) or self.first
            return self.first
        shown = await self._read()
        self._before, self._at = _ids(shown), turned
        how = await self.watched.turn()
        if how is Turned.END:
            return ListPage(())
        page = await self._arrived(rendered_policy().turn_seconds) or ListPage(())
        if not how.adds:
            return page
        return replace(page, rows=tuple(row for row in page.rows if row.id not in self._before))

    async def _arrived(self, seconds: float) -> ListPage | None:
        self._halfway = None
        return await self.watched.until(self._other, seconds)

    async def _other(self) -> ListPage | None:
        """The page once it shows other entries than before, and the same ones twice in a row."""
        try:
            page = await self._read()
        except PageDriftedError:  # an application takes its list away before it puts the next one there
            return None
        entries = [(row.id, row.values) for row in page.rows]
        settled, self._halfway = entries == self._halfway, entries
        return page if settled and page.rows and _ids(page) != self._before else None

    async def _read(self) -> ListPage:
        return self.found.read(await self.watched.shown(), self.watched.url)


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
