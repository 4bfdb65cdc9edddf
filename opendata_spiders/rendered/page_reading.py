"""Finds the list that a portal's page shows, and proves one way to its further pages."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, tzinfo

from scrapy.crawler import Crawler

from opendata_spiders.browser.portal_page import Exchange
from opendata_spiders.fetching.addresses import HostGroup
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
    Ask,
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
from opendata_spiders.store.fields import fields


class PageReading:
    """One reading of the list that a page shows; `close` ends the browser's page."""

    def __init__(  # noqa: PLR0913 -- all that a reading depends on
        self,
        crawler: Crawler,
        url: str,
        group: HostGroup,
        ask: Ask,
        *,
        now: datetime,
        tz: tzinfo,
        known: Mapping[str, str],
    ) -> None:
        """`ask` sends plain requests; `known` is the rule by which the last trusted run read the list, or empty."""
        self._watched = WatchedPage(crawler, url, group)
        self._ask, self._now, self._tz, self._known = ask, now, tz, known

    async def learn(self) -> tuple[Recognition | Blocks, ListSource, ListPage]:
        """Find the list: how it is read, where its pages come from, and its first page; raises PageError.

        A list that would be read from elsewhere than in the last trusted run is drifted.
        """
        response = await self._watched.open()
        if response is not None:
            walls.check_list(response, "html")
        found = self._with_known_fields(await self._recognised())
        if changed := differs(self._known, found.rule):
            raise PageDriftedError(
                f"the list is recognised in another way than in the last trusted run: {changed}; if that is right, "
                "write reading=2 into the row's tenant"
            )
        source = await self._proven(found)
        if isinstance(source.source, ReplayedList):
            await self._watched.close()
        return found, source, source.known[0]

    async def close(self) -> None:
        """Close the page, if it is open."""
        await self._watched.close()

    def _with_known_fields(self, found: Recognition | Blocks) -> Recognition | Blocks:
        """Read the fields of the last trusted run also where tonight's values are too few or odd to confirm them."""
        there = set(found.keys.values())
        kept = {path: name for name, path in self._known.items() if name in fields() and name not in {"title", *there}}
        return replace(found, keys={**kept, **found.keys})

    async def _recognised(self) -> Recognition | Blocks:
        """Wait until the page has loaded a list that can be recognised; raises PageError where it does not."""
        now, tz, known = self._now, self._tz, self._known
        weak: list[Weak] = []
        before: tuple[int, str] = (-1, "")

        async def look() -> Recognition | Blocks | None:
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
            return None

        found = await self._watched.until(look, rendered_policy().settle_seconds)
        if found is None:
            raise self._why_nothing(weak)
        return found

    def _why_nothing(self, weak: list[Weak]) -> PageError:
        """Say why nothing was recognised: all that the page's scripts asked for was refused, or what they got lacks."""
        page = self._watched.opened
        if page.forbidden:
            return page.forbidden[0]
        failed = [one for one in page.exchanges if one.status in walls.BLOCKED_STATUSES or one.status >= 500]
        if failed and len(failed) == len(page.exchanges):
            kind = PageBlockedError if failed[0].status in walls.BLOCKED_STATUSES else PageUnreachableError
            return kind(f"all that the page's scripts ask for is refused: {_told(failed)}")
        refused = f"; refused: {_told(failed)}" if failed else ""
        return PageDriftedError(("; ".join(one.reason for one in weak) or "the page never came to rest") + refused)

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


def _told(failed: Sequence[Exchange]) -> str:
    """The first of some requests that failed."""
    return f"{bodies.plain(failed[0].url.partition('?')[0], 100)} answers HTTP {failed[0].status}"
