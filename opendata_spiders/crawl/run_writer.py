"""The crawl's access to the store: loads the previous reading, writes what is read, commits the run."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from pymongo.errors import PyMongoError
from scrapy import signals
from scrapy.crawler import Crawler

from opendata_spiders.crawl.extractor import epoch_of
from opendata_spiders.crawl.family import PortalFamily
from opendata_spiders.crawl.list_reader import ListFacts
from opendata_spiders.crawl.previous import Previous, carried, known_ids, load_previous, owed_looks
from opendata_spiders.crawl.run_builder import RunFrame, build_run
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.unchanged import UnchangedRows, rules_of
from opendata_spiders.crawl.verdict import Judgement, judge
from opendata_spiders.fetching.host_turn import BEAT, get_turn, keep_turn
from opendata_spiders.items import Dataset, RawValues
from opendata_spiders.policy import policy
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.connect import Store, shared_store
from opendata_spiders.store.errors import LeaseLostError, StoreError
from opendata_spiders.store.leases import Lease
from opendata_spiders.store.manifests import SeenAgain
from opendata_spiders.store.models import Entry, Run, Verdict, Version
from opendata_spiders.store.schema import Mode

T = TypeVar("T")

logger = logging.getLogger(__name__)

_BATCH = 500
"""Versions written at once: single durable inserts are a hundred times slower."""
_BATCH_CHARS = 4_000_000
"""Characters of evidence after which a batch is written, however few its versions are."""


class Recorder:
    """Extension that owns the store during a crawl; the only place where the crawl reads or writes it.

    `opened` takes the portal's lease and loads the previous reading; `keep` counts a dataset and writes its version;
    `closed` judges the run, builds its record and commits it. With STORE_ENABLED off the run is judged without a
    previous reading, and nothing is committed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.refusal = "the crawl ended before it was set up: unless somebody stopped it, the log above says why"
        """Why this crawl may not run or go on (no store, portal already being read, lease lost); empty if it may."""
        self.at = self.started = datetime.now(UTC)
        self.previous = Previous()
        self.unchanged = UnchangedRows(self.previous, "", (), ())
        self.run: Run | None = None
        """The run as committed (or as it would have been, with the store off)."""
        self._missing_versions: set[str] = set()
        """Ids of versions that entries of the previous reading name, and that are not in the store."""
        self._tally: Tally | None = None
        self._stack = ExitStack()
        self._store: Store | None = None
        self._lease: Lease | None = None
        self._versions: list[Version] = []
        self._held = 0
        """Characters of evidence in `_versions`."""
        self._writing = asyncio.Lock()
        """Held while a batch is written."""
        self._broken: list[str] = []
        """Datasets that could not be kept: the error of each."""
        self._heart: asyncio.Task[None] | None = None
        """Renews the lease."""
        self._end: asyncio.Task[None] | None = None
        """Stops the crawl."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Connect to the signals that open and close a crawl."""
        recorder = cls(crawler)
        crawler.signals.connect(recorder.opened, signal=signals.spider_opened)
        crawler.signals.connect(recorder.closed, signal=signals.spider_closed)
        crawler.signals.connect(recorder.item_error, signal=signals.item_error)
        return recorder

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """Return the recorder of a crawl; raises RuntimeError where the extension is not enabled."""
        recorder = crawler.get_extension(cls)
        if recorder is None:
            raise RuntimeError("the Recorder extension is not enabled: restore EXTENSIONS in settings.py")
        return recorder

    @property
    def day(self) -> int:
        """Days since 1970 by the domain clock; selects the night's part of rotating samples."""
        return self.at.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()

    # --- opening ----------------------------------------------------------------------------------------------------

    async def opened(self, spider: PortalFamily) -> None:
        """Open the store, take the portal's lease, load the previous reading; a refusal is one sentence in `refusal`.

        If anything fails here, no request is sent: what cannot be recorded need not be read.
        """
        try:
            self.at = domain_now(os.environ)
            if self.crawler.settings.getbool("STORE_ENABLED"):
                store = await asyncio.to_thread(self._open, spider)
                self._lease = await self._take_lease(store, spider)
                await asyncio.to_thread(self._look_back, store, self._lease, spider)
            self._tally = Tally(
                spider.target,
                spider.family,
                self.at,
                self.previous.entries,
                run=self._lease.run_id if self._lease else "",
                dates_in_details=spider.dates_in_details,
                lost=self.previous.run.lost if self.previous.run else (),
                attributor=spider.attributor,
                list_fields=spider.list_fields,
                detail_fields=spider.detail_fields,
                missing_versions=self._missing_versions,
            )
            self.unchanged = UnchangedRows(
                self.previous, rules_of(spider), self._missing_versions, spider.detail_fields
            )
            self.refusal = ""
        except Exception as error:  # noqa: BLE001 -- each is logged, and Scrapy itself would go on crawling
            self.refusal = self._reported(error)
        if self._lease and not self.refusal:
            self._heart = asyncio.get_running_loop().create_task(self._keep_lease(self._lease))

    def _open(self, spider: PortalFamily) -> Store:
        self._store = self._stack.enter_context(shared_store())
        if self._store.mode is Mode.LIVE and not spider.target.at_home:
            spider.target = spider.target.as_portal_of_its_own()
            logger.warning("not the register's address or tenant: recorded as %s", spider.target.portal_id)
        return self._store

    async def _take_lease(self, store: Store, spider: PortalFamily) -> Lease:
        """Take the lease of portal and host group; a host that is asked by another process is waited for."""
        portal, slug, group = spider.target.portal_id, spider.target.slug, spider.host_group

        def take() -> Lease:
            return store.begin(portal, slug, at=self.at, host_group=group.lease)

        return await get_turn(take, group, is_over=lambda: not self.crawler.crawling)  # until Ctrl-C

    def _look_back(self, store: Store, lease: Lease, spider: PortalFamily) -> None:
        """Test whether the run may be written, and load the previous reading."""
        store.rehearse(lease)
        self.previous = load_previous(store, lease.portal, epoch_of(spider, spider.target))
        self._missing_versions = store.missing_versions(one.version for one in self.previous.entries.values())

    async def _keep_lease(self, lease: Lease) -> None:
        """Renew the lease until the end; stop the crawl if it is lost."""
        try:
            await keep_turn(lease, seconds=self.crawler.settings.getfloat("LEASE_BEAT_SECONDS", BEAT))
        except LeaseLostError as error:
            self._lease = None
            self._stop(self._reported(error))

    def _reported(self, error: Exception) -> str:
        """Log what went wrong, and return it as a sentence for people."""
        if isinstance(error, PyMongoError) and self._store:
            error = self._store.why(error)
        if isinstance(error, StoreError):
            logger.error("%s", error)
            return str(error)
        logger.error("a fault of this program; please report it", exc_info=error)
        return f"a fault of this program ({type(error).__name__}), see the log above; please report it"

    def fail(self, why: str) -> None:
        """End the crawl as failed, for a reason that lies outside it."""
        logger.error("%s", why)
        self._stop(why)

    def _stop(self, why: str) -> None:
        """Stop the crawl: what it would read could not be recorded."""
        if not self.refusal:
            self.refusal = why
            self._end = asyncio.get_running_loop().create_task(self.crawler.stop_async())

    # --- what the spider asks ---------------------------------------------------------------------------------------

    async def carried(self, ids: Iterable[str], detail_fields: Iterable[str]) -> dict[str, RawValues]:
        """Raw values of `detail_fields` from earlier details, by id; datasets without a detail are left out."""
        entries = [entry for id_ in ids if (entry := self.previous.entries.get(id_)) and entry.detailed]
        return await self._read(lambda store: carried(store, entries, detail_fields), {}) if entries else {}

    async def known_elsewhere(self, portals: Iterable[str]) -> Mapping[str, AbstractSet[str]]:
        """Native ids in the last trusted reading of each of these portals that has one, by portal id."""
        return await self._read(lambda store: known_ids(store, portals), {})

    async def owed_looks(self) -> set[str]:
        """Ids to probe again although the last trusted run does not list them."""
        return await self._read(lambda store: owed_looks(store, self.previous.run, self.at), set())

    async def _read(self, work: Callable[[Store], T], without_store: T) -> T:
        """Read from the store, waiting for one that restarts; an error that lasts is logged and ends the crawl."""
        store = self._store
        if store is None:
            return without_store
        try:
            return await asyncio.to_thread(store.persist, lambda: work(store))
        except Exception as error:
            self._stop(self._reported(error))
            raise

    def judge(self, spider: PortalFamily, *, crashed: str = "") -> Judgement:
        """Grade what has been read so far."""
        if spider.reader is None or self._tally is None:
            return Judgement(Verdict.FAILED, crashed or "the run was stopped before its first page")
        return judge(
            spider.reader.facts,
            self._tally.fill(spider),
            self.previous.run,
            policy(),
            look=spider.look,
            later=self.previous.later,
            tz=spider.target.timezone,
            not_its_own=spider.not_its_own,
            crashed=crashed,
        )

    # --- keeping ----------------------------------------------------------------------------------------------------

    async def keep(self, dataset: Dataset) -> None:
        """Count one dataset; its version, if it is a new one, is written with the next batch."""
        version = self._tally.take(dataset) if self._tally else None
        if version is None or self._store is None:
            return
        self._versions.append(version)
        self._held += len(version.list_body) + len(version.detail_body)
        if (len(self._versions) >= _BATCH or self._held >= _BATCH_CHARS) and not self.refusal:
            try:
                await self._flush()
            except (StoreError, PyMongoError) as error:
                self._stop(self._reported(error))
                raise

    def take_over(self, entry: Entry, row: RawValues) -> None:
        """Count one dataset whose list row `unchanged` takes over; nothing of it is written."""
        if self._tally:
            self._tally.take_over(entry, row)

    async def _flush(self) -> None:
        async with self._writing:
            batch, self._versions, self._held = self._versions, [], 0
            if batch and self._store is not None:
                await asyncio.to_thread(self._store.put_versions, batch)

    async def caught_up(self) -> None:
        """Wait for the batches that are being written.

        Scrapy hands items to the pipelines without waiting for them: beside a slow database a fast portal would fill
        the memory with what waits to be written.
        """
        async with self._writing:
            pass

    def item_error(self, item: Any, failure: Any) -> None:
        """Note an item that a pipeline failed on: the run has failed, though Scrapy calls such a crawl `finished`."""
        self._broken.append(f"{type(failure.value).__name__}: {failure.value}"[:200])

    # --- closing ----------------------------------------------------------------------------------------------------

    async def closed(self, spider: PortalFamily, reason: str) -> None:
        """Judge and commit; whatever fails is logged and recorded as a failed run, and the store is closed."""
        try:
            if not self.refusal:
                await self._commit(spider, reason)
        except Exception as error:  # noqa: BLE001 -- each is logged, and Scrapy itself would only print it
            self.refusal = self._reported(error)
            if isinstance(error, LeaseLostError):
                self._lease = None
        try:
            if self.refusal:
                await self._commit_failure(spider, reason)
        except Exception as error:  # noqa: BLE001
            self._reported(error)
            logger.error("this run is not recorded; the next reading of %s records it as failed", spider.name)  # noqa: TRY400
        finally:
            if self._heart:
                self._heart.cancel()
            self._let_go(spider)
            await asyncio.to_thread(self._stack.close)

    def _let_go(self, spider: PortalFamily) -> None:
        """Let go of the lists of datasets: a night reads many portals, and Python frees an ended crawl much later."""
        self._tally, self.previous, self._versions, self._missing_versions = None, Previous(), [], set()
        self.unchanged = UnchangedRows(self.previous, "", (), ())
        spider.reader = None

    async def _commit(self, spider: PortalFamily, reason: str) -> None:
        await self._flush()
        if spider.reader and spider.reader.facts.passes and reason == "shutdown":
            spider.reader.facts.last.stopped = "stopped by the operator"
        run = self._built(spider, self.judge(spider, crashed=self._crash(reason)), reason)
        if self._store is not None and self._lease is not None and (tally := self._tally) is not None:
            over, missing = self.previous.manifest if tally.taken_over else None, tally.missing()
            again = SeenAgain(over, missing) if over else None
            anew = (entry for id_, entry in tally.entries.items() if not again or id_ not in tally.taken_over)
            run = await asyncio.to_thread(
                self._store.commit,
                run,
                anew,
                counters=tally.counters,
                views=tally.views if run.verdict in {Verdict.COMPLETE, Verdict.PARTIAL} else None,
                missing=missing if run.verdict is Verdict.COMPLETE else (),
                again=again,
            )
            await asyncio.to_thread(self._lease.release)
        self.run = run

    async def _commit_failure(self, spider: PortalFamily, reason: str) -> None:
        """Record the run as failed, with the reason; not without a lease, for then another process records it."""
        if self._store is not None and self._lease is not None:
            run = self._built(spider, Judgement(Verdict.FAILED, self.refusal), reason)
            await asyncio.to_thread(self._store.commit, run, ())
            await asyncio.to_thread(self._lease.release)

    def _crash(self, reason: str) -> str:
        if self._broken:
            return f"{len(self._broken)} datasets could not be kept, the first: {self._broken[0]}"
        if reason in {"finished", "shutdown"}:
            return ""
        return f"the crawl ended with {reason}, see the log above"

    def _built(self, spider: PortalFamily, judgement: Judgement, reason: str) -> Run:
        frame = RunFrame(
            run_id=self._lease.run_id if self._lease else "",
            at=self.at,
            started=self.started,
            finish_reason=reason,
            requests=self._stat("downloader/request_count"),
            response_bytes=self._stat("downloader/response_bytes"),
            details_read=spider.details.read_count,
            details_failed=len(spider.details.failures),
            look=spider.look,
            recognised=spider.recognised,
            findings=(*spider.details.findings(), *spider.findings),
            rules=rules_of(spider),
        )
        tally = self._tally or Tally(spider.target, spider.family, self.at, {})
        facts = spider.reader.facts if spider.reader else ListFacts()
        return build_run(spider, spider.target, facts, tally, judgement, self.previous.run, frame)

    def _stat(self, name: str) -> int:
        stats = self.crawler.stats
        return int(stats.get_value(name, 0)) if stats else 0
