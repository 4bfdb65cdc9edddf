"""How a portal is read, whatever software it runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

# First of all: Scrapy looks up the source of everything that imports this, a tenth of a second where that is much.
import scrapy.core.downloader.contextfactory  # noqa: F401
from scrapy import Request
from scrapy.http import Response

from opendata_spiders.crawl.absence_probe import drawn, to_look_at
from opendata_spiders.crawl.batches import items_of, wanted_singly
from opendata_spiders.crawl.details import DetailQueue
from opendata_spiders.crawl.family import PortalFamily
from opendata_spiders.crawl.list_reader import ListFacts, ListReader
from opendata_spiders.crawl.recognise import looks_like
from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.shared_host import UNCHECKED, check_due, shows_all, twin
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.fetching.redirects import led_away, within
from opendata_spiders.items import Dataset, RawValues
from opendata_spiders.pages import bodies, walls
from opendata_spiders.pages.contract import (
    DatasetGoneError,
    Detail,
    ListPage,
    ListRow,
    PageBlockedError,
    PageDriftedError,
    PageError,
    PageMissingError,
    PageMovedError,
)
from opendata_spiders.policy import policy
from opendata_spiders.store.content import list_fingerprint
from opendata_spiders.store.models import Finding, LookResult, Verdict

Parsed = TypeVar("Parsed")


class PortalSpider(PortalFamily):
    """Reads one portal: the whole list, then details within a budget, then the pages of missing datasets."""

    async def start(self) -> AsyncIterator[Any]:
        """Read the portal.

        Yields each dataset of the list once: singly where anybody wants them so, and else in batches without those
        whose row is unchanged.
        """
        singly = wanted_singly(self, PortalSpider.start)
        recorder = Recorder.of(self.crawler)
        if recorder.refusal:
            return
        previous, rules = recorder.previous, policy()
        self.reader = ListReader(
            self._fetch_list,
            first_page=self.first_page,
            page_size=self.page_size,
            window=1 if self.pages_in_order else self.crawler.settings.getint("LIST_WINDOW"),
            policy=rules,
            trusted=previous.run,
            trusted_ids=previous.entries.keys() if previous.run else set(),
        )
        self.details = queue = DetailQueue(
            budget=self.crawler.settings.getint("DETAIL_BUDGET"), policy=rules, day=recorder.day
        )
        async for rows in self.reader.rows():
            anew = rows if singly else [row for row in rows if not self._taken_over(row, recorder)]
            datasets = [
                dataset
                for dataset in await self._datasets(anew, recorder)
                if not (self.has_details and queue.offer(dataset, previous.entries.get(dataset.id)))
            ]
            for item in items_of(datasets, singly=singly):
                yield item
            await recorder.caught_up()
        await self._check_tenant(recorder, self.reader.facts)
        async for datasets in self._with_details(queue):
            for item in items_of(datasets, singly=singly):
                yield item
            await recorder.caught_up()
        await self._check_missing(recorder)

    def _taken_over(self, row: ListRow, recorder: Recorder) -> bool:
        """Count a dataset by its last entry if its row is unchanged and its detail need not be read tonight."""
        known = recorder.unchanged.entry(row)
        if known is None or (self.has_details and self.details.wants(known)):
            return False
        recorder.take_over(known, row.values)
        return True

    def bound(self, request: Request) -> Request:
        """Bind a request to the servers of this portal."""
        return within(request, self.host_group)

    async def _fetch_list(self, page: int) -> ListPage:
        try:
            return await self._read_list(page)
        except PageMovedError as error:
            if page == self.first_page:
                self.findings = [Finding("platform.redirects", bodies.plain(error.target))]
            raise

    async def _read_list(self, page: int) -> ListPage:
        response = await ask_page(self.crawler, self.bound(self.list_request(page)))
        try:
            return self.read_list(response)
        except (PageDriftedError, PageBlockedError) as error:
            if page == self.first_page and self._has_other_list(error):
                return await self._read_list(page)
            if page == self.first_page and not isinstance(error, PageMovedError):
                self.findings = looks_like(response, self)
            raise

    def read_list(self, response: Response) -> ListPage:
        """Read an answer as a page of the list; raises PageError, PageMovedError for a notice that leads elsewhere."""
        try:
            walls.check_list(response, self.body_kind)
            return self.parsed(lambda: self.parse_list(response), response)
        except (PageDriftedError, PageBlockedError) as error:
            target = "" if walls.refuses(response) else led_away(response)
            if not target:
                raise
            said = f"a notice sends its readers to {bodies.plain(target, 200)}, which is no list of this portal"
            raise PageMovedError(said, target) from error

    def _has_other_list(self, error: PageError) -> bool:
        """Switch to the next of `list_paths` if the list is not at this one; False when there is none left."""
        if not isinstance(error, PageMissingError) or self.list_place + 1 >= len(self.list_paths):
            return False
        self.list_place += 1
        self.logger.info("no list at the first address (%s): trying %s", error, self.list_path)
        return True

    def parsed(self, parse: Callable[[], Parsed], response: Response) -> Parsed:
        """Run a parser; a bug in it is logged with its traceback and costs this page, not the run (PageError)."""
        try:
            return parse()
        except PageError:
            raise
        except RecursionError:
            raise PageDriftedError("the page is nested deeper than can be read") from None
        except Exception as error:
            self.logger.exception("the parser stumbled over %s", response.url)
            raise PageError(f"our parser stumbled: {type(error).__name__}") from error

    async def _datasets(self, rows: Sequence[ListRow], recorder: Recorder) -> list[Dataset]:
        """Make datasets of list rows; values that only details have are carried over from the last reading."""
        carried = await recorder.carried([row.id for row in rows], self.detail_fields)
        return [self._dataset(row, carried.get(row.id)) for row in rows]

    def _dataset(self, row: ListRow, carried: RawValues | None) -> Dataset:
        return Dataset(
            portal=self.target.portal_id,
            slug=self.target.slug,
            id=row.id,
            raw=merged(row.values, carried or {}),
            row=row.values,
            list_fp=list_fingerprint(row.values),
            page_url=self.page_url(row.id),
            list_body=bodies.evidence(row.body),
            detailed=carried is not None,
        )

    async def _with_details(self, queue: DetailQueue) -> AsyncIterator[list[Dataset]]:
        for batch in queue.batches(max(1, self.crawler.settings.getint("LIST_WINDOW"))):
            await asyncio.gather(*(self._add_detail(dataset, queue) for dataset in batch))
            yield batch

    async def _add_detail(self, dataset: Dataset, queue: DetailQueue) -> None:
        """Add its detail to a dataset, if one may be requested and can be read."""
        if self.not_its_own or not queue.may_ask():
            return
        try:
            detail = await self._fetch_detail(dataset.id)
        except PageError as error:
            queue.failed(dataset.id, error)
            return
        queue.read()
        dataset.raw = merged(dataset.row, detail.values)
        dataset.detail, dataset.detail_body = detail.values, detail.body
        dataset.detail_read = dataset.detailed = True

    async def _fetch_detail(self, id_: str) -> Detail:
        return self.read_detail(await ask_page(self.crawler, self.bound(self.detail_request(id_))), id_)

    def read_detail(self, response: Response, id_: str) -> Detail:
        """Read an answer as the detail of a dataset; raises PageError, DatasetGoneError where it says so."""
        if said := self.says_gone(response):
            raise DatasetGoneError(said)
        walls.check_detail(response, self.detail_kind or self.body_kind)
        return self.parsed(lambda: self.parse_detail(response, id_), response)

    # --- one portal of a shared host --------------------------------------------------------------------------------

    async def _check_tenant(self, recorder: Recorder, facts: ListFacts) -> None:
        """Check on a first night, or after a jump, that the host obeys the tenant; asks for one page at most."""
        if not (
            self.tenant and self.neighbours and facts.ids and check_due(len(facts.ids), recorder.previous.run, policy())
        ):
            return
        tenants = {portal.id: portal.short_en for portal in self.neighbours if portal.tenant}
        known = await recorder.known_elsewhere(tenants)
        if same := twin(facts.ids, known, policy()):
            self.not_its_own = f"the host shows the datasets of {tenants[same]} under {self._selection}"
            return
        try:
            whole = await self._whole_list()
        except PageError as error:
            self.findings.append(Finding(UNCHECKED, f"the host's whole list could not be read: {error}"[:300]))
            return
        if shows_all(facts, self.page_size, whole, policy()):
            self.not_its_own = f"the host shows its whole list under {self._selection}"

    @property
    def _selection(self) -> str:
        return urlencode(self.tenant)

    async def _whole_list(self) -> ListPage:
        """Read the first page of the host's list without what selects this portal; raises PageError."""
        host = self.of_whole_host()
        response = await ask_page(self.crawler, self.bound(host.list_request(self.first_page)))
        return host.read_list(response)

    # --- missing datasets -------------------------------------------------------------------------------------------

    async def _check_missing(self, recorder: Recorder) -> None:
        """Request the details of missing ids, if the list can be trusted or the result decides whether it can."""
        previous = recorder.previous
        if self.reader is None or previous.run is None:
            return
        judged = recorder.judge(self)
        if judged.verdict is not Verdict.COMPLETE and not judged.look_decides:
            return
        ids = to_look_at(
            self.reader.facts.ids,
            previous.entries.keys(),
            await recorder.owed_looks(),
            policy(),
            salt=str(recorder.day),
        )
        silent = 0
        for id_ in ids:
            stop = silent >= policy().same_failure_stop or self.details.late
            self.look[id_] = result = LookResult.UNKNOWN if stop else await self._probe(id_)
            silent = silent + 1 if result is LookResult.UNKNOWN else 0
        if LookResult.GONE in self.look.values() and not await self._listed_page_opens():
            unknown = {id_: LookResult.UNKNOWN for id_, result in self.look.items() if result is LookResult.GONE}
            self.look |= unknown
            self.findings.append(Finding("look.no_control", "no page of a listed dataset opened: none counts as gone"))

    async def _listed_page_opens(self) -> bool:
        """Whether the page of a listed dataset opens: a server that answers 404 for everything has deleted nothing."""
        listed = self.reader.facts.ids if self.reader else set()
        for id_ in drawn(listed, policy().control_pages, salt=str(Recorder.of(self.crawler).day)):
            if await self._probe(id_) is LookResult.OPEN:
                return True
        return False

    async def _probe(self, id_: str) -> LookResult:
        if not self.can_look:
            return LookResult.UNKNOWN
        try:
            await self._fetch_detail(id_)
        except DatasetGoneError:
            return LookResult.GONE
        except PageError as error:
            self.logger.info("look at %s: unknown (%s)", id_, error)
            return LookResult.UNKNOWN
        return LookResult.OPEN


def merged(row: RawValues, detail: RawValues) -> RawValues:
    """Values of the list row, completed by the detail's: the list is read every night, so its filled values win."""
    empty: tuple[Any, ...] = (None, "", [])
    return {**detail, **{name: value for name, value in row.items() if value not in empty or name not in detail}}
