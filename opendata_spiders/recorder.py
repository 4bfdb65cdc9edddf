"""The memory of one crawl: hands the spider the previous reading, keeps what it reads, commits the run."""

import asyncio
import logging
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from opendata_spiders.items import Dataset, RawValues
from opendata_spiders.measure import measure_after
from opendata_spiders.missing import LOOKS, unanswered
from opendata_spiders.normalise import NORMALISER_VERSION
from opendata_spiders.policy import policy
from opendata_spiders.store.clock import domain_now
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.leases import Lease
from opendata_spiders.store.models import Entry, LookResult, Run, Verdict, Version
from opendata_spiders.store.reading import Reading
from opendata_spiders.tally import Tally
from opendata_spiders.verdict import Judgement, judge

if TYPE_CHECKING:
    from opendata_spiders.families.base import PortalSpider

logger = logging.getLogger(__name__)

_BATCH = 500
"""Versions written at once: single durable inserts are a hundred times slower."""
_BATCH_CHARS = 4_000_000
"""Characters of evidence after which a batch is written, however few its versions are."""
_BEAT = timedelta(seconds=60)


class Recorder:
    """Extension that owns the store during a crawl; the only place where the crawl reads or writes it.

    With STORE_ENABLED off it still judges the run (there is no previous reading then) and commits nothing.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.enabled = crawler.settings.getbool("STORE_ENABLED")
        self.refusal = ""
        """Why this crawl may not run (no store, portal already being read, clock refused); empty if it may."""
        self.at = self.started = datetime.now(UTC)
        self.previous: Reading | None = None
        """The last trusted run of this epoch."""
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

    async def opened(self, spider: "PortalSpider") -> None:
        """Open the store, take the portal's lease, load the previous reading; a refusal is said in one sentence."""
        try:
            self.at = domain_now(os.environ)
            if self.enabled:
                await asyncio.to_thread(self._open, spider)
        except StoreError as error:
            self.refusal = str(error)
            logger.error("%s", error)  # noqa: TRY400 -- the sentence is for people, a traceback adds nothing
        self.tally = Tally(spider.target, spider.family, self.at, self.entries)

    def _open(self, spider: "PortalSpider") -> None:
        target = spider.target
        self._store = self._stack.enter_context(open_store())
        epoch = target.epoch(spider.family, spider.id_rule)
        self._lease = self._store.begin(target.portal_id, target.slug, at=self.at)
        last = self._store.last_run(target.portal_id)
        if last is None or last.epoch != epoch:
            return  # another epoch: its ids say nothing about this one's
        self.previous = self._store.previous(target.portal_id)
        if self.previous and self.previous.run.epoch != epoch:
            self.previous = None
        self.entries = self.previous.entries if self.previous else self._store.known(target.portal_id)

    async def beat(self) -> None:
        """Tell other crawls that this one is alive; called by the progress extension's clock."""
        if self._lease:
            await asyncio.to_thread(self._lease.beat)

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
        versions = await asyncio.to_thread(self._store.versions, [entry.version for entry in entries])
        names = tuple(detail_fields)
        return {entry.id: _carried(entry, versions[entry.version], names) for entry in entries}

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

    async def _trusted_before(self, run: Run) -> Reading | None:
        return await asyncio.to_thread(self._store.trusted_before, run) if self._store else None

    def _is_recent(self, run: Run) -> bool:
        return self.at - run.at <= timedelta(hours=policy().look_again_hours)

    def judge(self, spider: "PortalSpider", *, crashed: str = "") -> Judgement:
        """Grade what has been read so far."""
        if spider.reader is None or self.tally is None:
            return Judgement(Verdict.FAILED, crashed or "the run was stopped before its first page")
        trusted = self.previous.run if self.previous else None
        return judge(spider.reader.facts, self.tally.fill(spider), trusted, policy(), look=spider.look, crashed=crashed)

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
        if len(self._versions) >= _BATCH or self._held >= _BATCH_CHARS:
            await self._flush()

    async def _flush(self) -> None:
        batch, self._versions, self._held = self._versions, [], 0
        if batch and self._store is not None:
            await asyncio.to_thread(self._store.put_versions, batch)

    def item_error(self, item: Any, failure: Any) -> None:
        """Scrapy itself calls a crawl whose every item failed `finished`: note it, it decides the verdict."""
        self._broken.append(f"{type(failure.value).__name__}: {failure.value}"[:200])

    # --- closing ----------------------------------------------------------------------------------------------------

    async def closed(self, spider: "PortalSpider", reason: str) -> None:
        """Judge and commit; whatever happens, the lease is given back and the store left."""
        try:
            if not self.refusal:
                await self._commit(spider, reason)
        except StoreError as error:
            self.refusal = str(error)
            logger.error("%s", error)  # noqa: TRY400
        finally:
            await asyncio.to_thread(self._stack.close)

    async def _commit(self, spider: "PortalSpider", reason: str) -> None:
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

    def _crash(self, reason: str) -> str:
        if self._broken:
            return f"{len(self._broken)} datasets could not be kept, the first: {self._broken[0]}"
        if reason in {"finished", "shutdown"}:
            return ""
        return f"the crawl ended with {reason}, see the log above"

    def _run(self, spider: "PortalSpider", judgement: Judgement, reason: str) -> Run:
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
            fill=self._fill(spider),
            fields=tuple(sorted({*spider.list_fields, *spider.detail_fields})),
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

    def _fill(self, spider: "PortalSpider") -> Mapping[str, float]:
        """Fill rates to hold the next run against; a field of which too few are known keeps the last trusted rate."""
        if self.tally is None:
            return {}
        fill = self.tally.known_fill(spider)
        enough = {n: s for n, s in fill.share().items() if fill.sample(n) >= policy().fill_details}
        return {**(self.previous.run.fill if self.previous else {}), **enough}

    def _stat(self, name: str) -> int:
        stats = self.crawler.stats
        return int(stats.get_value(name, 0)) if stats else 0


def _carried(entry: Entry, version: Version, names: Iterable[str]) -> RawValues:
    known = {**version.content, **entry.clocks, **entry.measures}
    return {name: known[name] for name in names if name in known}
