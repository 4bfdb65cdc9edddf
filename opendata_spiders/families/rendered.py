"""rendered: a portal whose interface nobody has recorded, read as its own page reads it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.pages import bodies, walls
from opendata_spiders.pages.contract import (
    ListPage,
    PageBlockedError,
    PageDriftedError,
    PageError,
    PageUnreachableError,
)
from opendata_spiders.pages.labels import lines
from opendata_spiders.rendered.blocks import Blocks, recognise_blocks
from opendata_spiders.rendered.policy import rendered_policy
from opendata_spiders.rendered.recognition import Recognition, Weak, recognise
from opendata_spiders.rendered.replaying import Replay, learnt_from, with_cookies
from opendata_spiders.rendered.sources import (
    ListSource,
    Remembered,
    ReplayedList,
    TurnedAnswers,
    TurnedBlocks,
    brings_others,
    differs,
    read_answer,
    same_entries,
)
from opendata_spiders.rendered.totals import total_in_words
from opendata_spiders.rendered.watched_page import WatchedPage
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.fields import fields
from opendata_spiders.store.models import RECOGNISED, Finding


class RenderedSpider(PortalSpider):
    """Reads a portal through its own page, opened in Chromium.

    A portal joins by one register row:

    1. `base_url` and `context_path` are the address of the page that lists the datasets, as a person opens it. The
       path may hold the route of a single-page application: `/portal/#/catalog`.
    2. `tenant` names nothing that is sent. `reading=2` (then 3, …) begins a new epoch, after a person has looked at why
       the list is recognised in another way than before.

    What is read, and how it is known:

    3. The answers that the page's scripts get are searched for one array whose entries are datasets: an id, a title and
       fields of two more kinds, by the words of their keys (normalise/field_words.csv) **and** by their values; the
       request names a page, or the answer prints a total (`rendered/recognition.py`).
    4. Where no answer can be read (encrypted bodies), the repeated blocks that the page shows are read in the same way,
       by their labels (`rendered/blocks.py`).
    5. Whatever is not certain is no reading: the run is drifted, and its reason names the nearest array.
    6. Further pages: the recognised request with another page number, sent plainly, if the second page brings other
       entries; else the page's own pager in the browser, at the settings' delay.
    7. The place of rows, ids and fields is kept with the run. A later night that would read any of them from elsewhere
       is drifted.

    Quirks:

    8. A field that values do not confirm is not read; codes of frequency and open type are kept as they come.
    9. Details are not read: `page_url` is the list's page, unless the ids are links.

    Gone: never, for no details are read.
    """

    family = "rendered"
    body_kind = "html"
    unsent = frozenset({"reading"})
    custom_settings = {"LIST_WINDOW": 1}  # noqa: RUF012 -- Scrapy's. A page in a browser is turned one by one

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._source: ListSource | None = None
        self._failure: PageError | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Open the list's page and recognise the list, then read it as any portal's is read."""
        self._watched = WatchedPage(self.crawler, self.root or self.base_url, self.host_group)
        try:
            if not Recorder.of(self.crawler).refusal:
                await self._learn()
            async for dataset in super().start():
                yield dataset
        finally:
            await self._watched.close()

    async def _fetch_list(self, page: int) -> ListPage:
        if self._source is None:
            raise self._failure or PageError("the list was not recognised")
        return await self._source.page(page - self.first_page)

    async def _learn(self) -> None:
        """Find the list, prove that it can be paged, and compare how it is read with the last trusted run."""
        try:
            response = await self._watched.open()
            if response is not None:
                walls.check_list(response, self.body_kind)
            found = self._with_known_fields(await self._recognised())
            source = await self._proven(found)
        except PageError as error:
            self._failure = error
            return
        except Exception as error:
            self.logger.exception("the page could not be understood")
            self._failure = PageError(f"our reader stumbled: {type(error).__name__}")
            return
        if changed := differs(self._known, found.rule):
            self._failure = PageDriftedError(
                f"the list is recognised in another way than in the last trusted run: {changed}; if that is right, "
                "write reading=2 into the row's tenant"
            )
            return
        if isinstance(source.source, ReplayedList):
            await self._watched.close()
        self._source, self.recognised = source, found.rule
        first = source.known[0]
        self.page_size = len(first.rows) + first.without_id
        self.list_fields = tuple(sorted(set(found.keys.values())))
        self.findings.append(Finding(RECOGNISED, f"{found}; {source.said}"))

    @property
    def _known(self) -> Mapping[str, str]:
        previous = Recorder.of(self.crawler).previous.run
        return previous.recognised if previous else {}

    def _with_known_fields(self, found: Recognition | Blocks) -> Recognition | Blocks:
        """Read the fields of the last trusted run also where tonight's values are too few or odd to confirm them."""
        there = set(found.keys.values())
        kept = {path: name for name, path in self._known.items() if name in fields() and name not in {"title", *there}}
        return replace(found, keys={**kept, **found.keys})

    async def _recognised(self) -> Recognition | Blocks:
        """Wait until the page has loaded a list that can be recognised; raises PageError where it does not."""
        now, tz, known = Recorder.of(self.crawler).at, self.target.timezone, self._known
        weak: list[Weak] = []
        before: tuple[int, str] = (-1, "")

        async def look() -> Recognition | Blocks | PageError | None:
            nonlocal before
            await self._watched.quiet(rendered_policy().settle_seconds)
            html = await self._watched.shown()
            if (tonight := (len(self._watched.exchanges), html)) == before:
                return None
            before = tonight
            text = "\n".join(lines(bodies.html_page(html)))
            answers = recognise(self._watched.exchanges, now=now, tz=tz, shown=text, known=known)
            if isinstance(answers, Recognition):
                return answers
            blocks = recognise_blocks(html, self._watched.url, now=now, tz=tz, known=known)
            if isinstance(blocks, Blocks):
                return blocks
            weak[:] = [answers, blocks]
            return self._refused()

        found = await self._watched.until(look, rendered_policy().settle_seconds)
        if isinstance(found, Recognition | Blocks):
            return found
        raise found or PageDriftedError("; ".join(one.reason for one in weak) or "the page never came to rest")

    def _refused(self) -> PageError | None:
        """What the page's scripts asked for in vain; None for nothing."""
        page = self._watched.opened
        if page.forbidden:
            return page.forbidden[0]
        for one in page.exchanges:
            where = bodies.plain(one.url.partition("?")[0], 100)
            if one.status in walls.BLOCKED_STATUSES:
                return PageBlockedError(f"the page's own request to {where} is answered HTTP {one.status}")
            if one.status >= 500:
                return PageUnreachableError(f"the page's own request to {where} is answered HTTP {one.status}")
        return None

    async def _proven(self, found: Recognition | Blocks) -> Remembered:
        """The source of the list's pages, the first of them read; raises PageError where no second page can be had."""
        html = await self._watched.shown()
        if isinstance(found, Recognition):
            return await self._answers(found, "\n".join(lines(bodies.html_page(html))))
        first = found.read(html, self._watched.url)
        turned = TurnedBlocks(self._watched, found, first)
        if first.declared is not None and first.declared <= len(first.rows) + first.without_id:
            return Remembered(turned, {0: first})
        second = await turned.page(1)
        if not second.rows and first.declared is not None:
            raise PageDriftedError(f"the page says {first.declared:,} entries, and its pager leads to no others")
        return Remembered(turned, {0: first, 1: second})

    async def _answers(self, found: Recognition, shown: str) -> Remembered:
        """Prove one way to the further pages of a list of answers: no browser if that is possible."""
        first, cookies = read_answer(found.reader, found.replay.asked.text), await self._watched.cookies()
        total = total_in_words(shown, len(first.rows))
        declared = total if first.declared is None else first.declared
        replayed = self._replayed(found, found.replay, cookies)
        if declared is not None and declared <= found.entries:
            return Remembered(replayed, {0: first}, total)
        if found.replay.paged and (second := await self._plainly(replayed)) and brings_others(first, second):
            return Remembered(replayed, {0: first, 1: second}, total)
        turned = TurnedAnswers(self._watched, found)
        second = await turned.page(1)
        if not brings_others(first, second):
            what = "the same entries again" if same_entries(first, second) else f"{len(second.rows)} new entries"
            raise PageDriftedError(f"no way to the second page: asked for or turned to, it shows {what}")
        if turned.last and (learnt := learnt_from(found.replay.asked, turned.last, found.entries)):
            replayed = self._replayed(found, learnt, cookies)
            if (again := await self._plainly(replayed)) and same_entries(again, second):
                return Remembered(replayed, {0: first, 1: second}, total)
        return Remembered(turned, {0: first, 1: second}, total)

    async def _plainly(self, replayed: ReplayedList) -> ListPage | None:
        """The second page asked for without the browser, whose page is closed: a wall may need it. None if refused."""
        await self._watched.close()
        with suppress(PageError):
            return await replayed.page(1)
        return None

    def _replayed(self, found: Recognition, replay: Replay, cookies: Mapping[str, str]) -> ReplayedList:
        return ReplayedList(found.reader, with_cookies(replay, cookies), found.entries, self._ask)

    async def _ask(self, request: Request) -> Response:
        return await ask_page(self.crawler, self.bound(request))

    def list_request(self, page: int) -> Request:
        """Ask for the list's page without a browser, as a trial does."""
        return Request(self.root or self.base_url)

    def parse_list(self, response: Response) -> ListPage:
        """Read what the page shows without its scripts; raises PageDriftedError where that is no list."""
        html = bodies.decode(response, self.target.charset).text
        found = recognise_blocks(html, response.url, now=real_now(), tz=self.target.timezone)
        if isinstance(found, Weak):
            raise PageDriftedError(f"only a browser can tell, as `scrapy crawl` opens it; without one {found.reason}")
        return found.read(html, response.url)

    def page_url(self, id: str) -> str:
        """Return the page for people: the dataset's where the id is its link, else the list's."""
        return f"{self.base_url}{id}" if id.startswith("/") else self.root or self.base_url

    def fingerprint(self, response: Response) -> bool:
        """Tell nothing: any software may be read in this way."""
        return False
