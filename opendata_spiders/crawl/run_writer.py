"""The memory of one crawl: hands the spider the previous reading, keeps what it reads, commits the run."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar

from pymongo.errors import PyMongoError
from scrapy import signals
from scrapy.crawler import Crawler

from opendata_spiders.crawl.absence_probe import LOOKS, unanswered
from opendata_spiders.crawl.completeness import measure_after
from opendata_spiders.crawl.family import PortalFamily
from opendata_spiders.crawl.run_builder import Tally
from opendata_spiders.crawl.verdict import Judgement, judge
from opendata_spiders.items import Dataset, RawValues
from opendata_spiders.normalise import NORMALISER_VERSION
from opendata_spiders.policy import policy
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.errors import LeaseLostError, StoreError
from opendata_spiders.store.leases import Lease
from opendata_spiders.store.models import Entry, LookResult, Run, Verdict, Version
from opendata_spiders.store.reading import TrustedReading

T = TypeVar("T")

logger = logging.getLogger(__name__)

_BATCH = 500
"""Versions written at once: single durable inserts are a hundred times slower."""
_BATCH_CHARS = 4_000_000
"""Characters of evidence after which a batch is written, however few its versions are."""
_BEAT = 60.0
"""Seconds between two signs of life (setting LEASE_BEAT_SECONDS)."""


class Recorder:
    """Extension that owns the store during a crawl; the only place where the crawl reads or writes it.

    With STORE_ENABLED off it still judges the run (there is no previous reading then) and commits nothing.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.enabled = crawler.settings.getbool("STORE_ENABLED")
        self._beat_seconds = crawler.settings.getfloat("LEASE_BEAT_SECONDS", _BEAT)
        self.refusal = "the crawl was not set up, see the log above"
        """Why this crawl may not run or go on (no store, portal already being read, lease lost); empty if it may."""
        self.at = self.started = datetime.now(UTC)
        self.previous: TrustedReading | None = None
        """The last trusted run of this epoch."""
        self.later: list[Run] = []
        """The runs since, in the order of their commits."""
        self.entries: Mapping[str, Entry] = {}
        """What is known of each dataset, also from partial runs before any trusted one."""
        self.tally: Tally | None = None
        self.run: Run | None = None
        """The run as committed (or as it would have been, with the store off)."""
        self._stack = ExitStack()
        self._store: Store | None = None
        self._lease: Lease | None = None
        self._versions: list[Version] = []
        self._held = 0
        self._broken: list[str] = []
        self._heart: asyncio.Task[None] | None = None
        """Keeps the lease warm."""
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

    @property
    def day(self) -> int:
        """Days since 1970 of the domain clock: what rotating samples go by."""
        return self.at.toordinal() - datetime(1970, 1, 1, tzinfo=UTC).toordinal()

    # --- opening ----------------------------------------------------------------------------------------------------

    async def opened(self, spider: PortalFamily) -> None:
        """Open the store, take the portal's lease, load the previous reading; a refusal is said in one sentence.

        Whatever goes wrong here, nothing is asked of the portal: what cannot be recorded need not be read.
        """
        try:
            self.at = domain_now(os.environ)
            if self.enabled:
                await asyncio.to_thread(self._open, spider)
            self.tally = Tally(
                spider.target,
                spider.family,
                self.at,
                self.entries,
                dates_in_details=spider.dates_in_details,
                lost=self.previous.run.lost if self.previous else (),
            )
            self.refusal = ""
        except Exception as error:  # noqa: BLE001 -- each is said, and Scrapy itself would go on crawling
            self.refusal = self._said(error)
        if self._lease and not self.refusal:
            self._heart = asyncio.get_running_loop().create_task(self._keep_lease(self._lease))

    def _open(self, spider: PortalFamily) -> None:
        target = spider.target
        self._store = self._stack.enter_context(open_store())
        epoch = target.epoch(spider.family, spider.id_rule)
        self._lease = self._store.begin(target.portal_id, target.slug, at=self.at)
        self._store.rehearse(self._lease)
        last = self._store.last_run(target.portal_id)
        if last is None or last.epoch != epoch:
            return  # another epoch: its ids say nothing about this one's
        self.previous = self._store.previous(target.portal_id)
        if self.previous and self.previous.run.epoch != epoch:
            self.previous = None
        self.entries = self.previous.entries if self.previous else self._store.known(target.portal_id)
        if self.previous:
            since = self._store.graded_runs(target.portal_id, after_seq=self.previous.run.seq)
            self.later = [run for run in since if run.epoch == epoch]

    def _said(self, error: Exception) -> str:
        """Log what went wrong, and return it as a sentence for people."""
        if isinstance(error, PyMongoError) and self._store:
            error = self._store.why(error)
        if isinstance(error, StoreError):
            logger.error("%s", error)
            return str(error)
        logger.error("a fault of this program; please report it", exc_info=error)
        return f"a fault of this program ({type(error).__name__}), see the log above; please report it"

    async def _keep_lease(self, lease: Lease) -> None:
        """Tell other crawls that this one is alive; a database that does not answer is told the next time."""
        while True:
            await asyncio.sleep(self._beat_seconds)
            try:
                await asyncio.to_thread(lease.beat)
            except LeaseLostError as error:
                self._lease = None
                self._stop(self._said(error))
                return
            except PyMongoError as error:
                logger.warning("the lease could not be renewed (%s): trying again", type(error).__name__)

    def _stop(self, why: str) -> None:
        """Stop the crawl, as the operator does: what it would read could not be recorded."""
        if not self.refusal:
            self.refusal = why
            self._end = asyncio.get_running_loop().create_task(self.crawler.stop_async())

    # --- what the spider asks ---------------------------------------------------------------------------------------

    def known(self, dataset: Dataset) -> Entry | None:
        """The dataset as the previous reading had it, or None."""
        return self.entries.get(dataset.id)

    async def carried(self, ids: Iterable[str], detail_fields: Iterable[str]) -> dict[str, RawValues]:
        """What earlier details told, by id: raw values of `detail_fields`; datasets without a detail are left out."""
        entries = [self.entries[id_] for id_ in ids if id_ in self.entries]
        entries = [entry for entry in entries if entry.detailed]
        if not entries or self._store is None:
            return {}
        names = tuple(detail_fields)

        def read(store: Store) -> dict[str, RawValues]:
            versions = store.versions([entry.version for entry in entries])
            if missing := sum(entry.version not in versions for entry in entries):
                raise StoreError(f"{missing} versions are missing from the store; restore the database from a backup")
            return {entry.id: _carried(entry, versions[entry.version], names) for entry in entries}

        return await self._read(self._store, read)

    async def _read(self, store: Store, work: Callable[[Store], T]) -> T:
        """Read from the store, waiting for one that restarts; what cannot be read for good ends the crawl in words."""
        try:
            return await asyncio.to_thread(store.persist, lambda: work(store))
        except Exception as error:
            self._stop(self._said(error))
            raise

    async def looked_before(self) -> set[str]:
        """Ids that a trusted run was the first to miss: looked at once more, since removal needs the later look.

        Not only those of the last run: where a portal is read twice a day, the next run is on the same day, and the
        look that counts is the one after. And again where a look found nobody at home: the third decides.
        """
        owed: set[str] = set()
        looks: list[Mapping[str, LookResult]] = []
        run = last = self.previous.run if self.previous else None
        while run is not None and run.look and (run is last or self._is_recent(run) or len(looks) < LOOKS):
            before = await self._trusted_before(run)
            if run is last or self._is_recent(run):
                owed |= {id_ for id_ in run.look if before and id_ in before.entries}
            looks.append(run.look)
            run = before.run if before else None
        return owed | unanswered(looks)

    async def _trusted_before(self, run: Run) -> TrustedReading | None:
        return await self._read(self._store, lambda store: store.trusted_before(run)) if self._store else None

    def _is_recent(self, run: Run) -> bool:
        return self.at - run.at <= timedelta(hours=policy().look_again_hours)

    def judge(self, spider: PortalFamily, *, crashed: str = "") -> Judgement:
        """Grade what has been read so far."""
        if spider.reader is None or self.tally is None:
            return Judgement(Verdict.FAILED, crashed or "the run was stopped before its first page")
        return judge(
            spider.reader.facts,
            self.tally.fill(spider),
            self.previous.run if self.previous else None,
            policy(),
            look=spider.look,
            later=self.later,
            tz=spider.target.timezone,
            crashed=crashed,
        )

    # --- keeping ----------------------------------------------------------------------------------------------------

    async def keep(self, dataset: Dataset) -> None:
        """Remember one dataset; versions are written in batches."""
        if self.tally is None:
            return
        version = self.tally.take(dataset)
        if version is None or self._store is None:
            return
        self._versions.append(version)
        self._held += len(version.list_body) + len(version.detail_body)
        if (len(self._versions) >= _BATCH or self._held >= _BATCH_CHARS) and not self.refusal:
            try:
                await self._flush()
            except (StoreError, PyMongoError) as error:
                self._stop(self._said(error))
                raise

    async def _flush(self) -> None:
        batch, self._versions, self._held = self._versions, [], 0
        if batch and self._store is not None:
            await asyncio.to_thread(self._store.put_versions, batch)

    def item_error(self, item: Any, failure: Any) -> None:
        """Scrapy itself calls a crawl whose every item failed `finished`: note it, it decides the verdict."""
        self._broken.append(f"{type(failure.value).__name__}: {failure.value}"[:200])

    # --- closing ----------------------------------------------------------------------------------------------------

    async def closed(self, spider: PortalFamily, reason: str) -> None:
        """Judge and commit; whatever happens, it is said, the store is left and the run counts as failed at least."""
        try:
            if not self.refusal:
                await self._commit(spider, reason)
        except Exception as error:  # noqa: BLE001 -- each is said, and Scrapy itself would only print it
            self.refusal = self._said(error)
            if isinstance(error, LeaseLostError):
                self._lease = None
        try:
            if self.refusal:
                await self._commit_failure(spider, reason)
        except Exception as error:  # noqa: BLE001
            self._said(error)
            logger.error("this run is not recorded; the next reading of %s records it as failed", spider.name)  # noqa: TRY400
        finally:
            if self._heart:
                self._heart.cancel()
            await asyncio.to_thread(self._stack.close)

    async def _commit(self, spider: PortalFamily, reason: str) -> None:
        await self._flush()
        if spider.reader and spider.reader.facts.passes and reason == "shutdown":
            spider.reader.facts.last.stopped = "stopped by the operator"
        run = self._run(spider, self.judge(spider, crashed=self._crash(reason)), reason)
        if self._store is not None and self._lease is not None and self.tally is not None:
            believed = run.verdict in {Verdict.COMPLETE, Verdict.PARTIAL}
            run = await asyncio.to_thread(
                self._store.commit,
                run,
                self.tally.entries.values(),
                counters=self.tally.counters,
                views=self.tally.views if believed else (),
                missing=self.tally.missing() if run.verdict is Verdict.COMPLETE else (),
            )
            await asyncio.to_thread(self._lease.release)
        self.run = run

    async def _commit_failure(self, spider: PortalFamily, reason: str) -> None:
        """Record why nothing of this run counts; not without a lease, for then another process has the word."""
        if self._store is not None and self._lease is not None:
            run = self._run(spider, Judgement(Verdict.FAILED, self.refusal), reason)
            await asyncio.to_thread(self._store.commit, run, ())
            await asyncio.to_thread(self._lease.release)

    def _crash(self, reason: str) -> str:
        if self._broken:
            return f"{len(self._broken)} datasets could not be kept, the first: {self._broken[0]}"
        if reason in {"finished", "shutdown"}:
            return ""
        return f"the crawl ended with {reason}, see the log above"

    def _run(self, spider: PortalFamily, judgement: Judgement, reason: str) -> Run:
        facts = spider.reader.facts if spider.reader else None
        details, tally, target = spider.details, self.tally, spider.target
        findings = list(judgement.findings) + (facts.findings() if facts else []) + details.findings() + spider.findings
        return Run(
            id=self._lease.run_id if self._lease else "",
            portal=target.portal_id,
            slug=target.slug,
            family=spider.family,
            epoch=target.epoch(spider.family, spider.id_rule),
            seq=0,
            at=self.at,
            started=self.started,
            finished=datetime.now(UTC),
            verdict=judgement.verdict,
            reason=judgement.reason,
            base_url=target.base_url + target.context_path,
            declared=facts.declared if facts else None,
            seen=len(facts.ids) if facts else 0,
            rows=facts.rows if facts else 0,
            passes=len(facts.passes) if facts else 0,
            pages=facts.pages if facts else 0,
            holes=tuple(sorted(facts.errors)) if facts and facts.passes else (),
            total_trusted=judgement.total_trusted,
            measure=measure_after(judgement.measure, spider.look, self.previous.run if self.previous else None),
            dates_in_details=spider.dates_in_details,
            detailed=tally.detailed if tally else 0,
            details_read=details.read_count,
            details_failed=len(details.failures),
            look=dict(spider.look),
            fill=self._rates(spider, judgement, "fill"),
            readable=self._rates(spider, judgement, "readable"),
            lost=judgement.lost,
            fields=tuple(sorted({*spider.list_fields, *spider.detail_fields}.difference(judgement.lost))),
            extractor_version=spider.extractor_version,
            normaliser_version=NORMALISER_VERSION,
            newest_claimed=tally.newest if tally else None,
            requests=self._stat("downloader/request_count"),
            finish_reason=reason,
            findings=tuple(findings + (tally.findings() if tally else [])),
            stats=self._stats(),
        )

    def _stats(self) -> dict[str, Any]:
        against = {"against": self.previous.run.id} if self.previous else {}
        changes = self.tally.changes() if self.tally else {}
        return {"bytes": self._stat("downloader/response_bytes"), **against, **changes}

    def _rates(self, spider: PortalFamily, judgement: Judgement, kind: str) -> Mapping[str, float]:
        """Rates (`fill` or `readable`) to hold the next run against.

        A field of which too few are known keeps the last trusted rate, and so does one whose loss the run is believed
        with: it is lost until it is filled as it was.
        """
        if self.tally is None:
            return {}
        fill = self.tally.known_fill(spider)
        shares = fill.share() if kind == "fill" else fill.readable_share()
        kept = () if judgement.verdict is Verdict.DRIFTED else judgement.lost
        enough = {n: s for n, s in shares.items() if n not in kept and fill.sample(n) >= policy().fill_details}
        return {**(getattr(self.previous.run, kind) if self.previous else {}), **enough}

    def _stat(self, name: str) -> int:
        stats = self.crawler.stats
        return int(stats.get_value(name, 0)) if stats else 0


def _carried(entry: Entry, version: Version, names: Iterable[str]) -> RawValues:
    known = {**version.content, **entry.clocks, **entry.measures}
    return {name: known[name] for name in names if name in known}
