"""The nights of some portals: what a crawl would leave of each is committed, and folded at once."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from alerts.engine.runner import fold_new, place_of
from alerts.model.policy import policy
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.target import CrawlTarget
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import normalise
from opendata_spiders.register import Attributor, Register
from opendata_spiders.store.content import list_fingerprint
from opendata_spiders.store.counters import week
from opendata_spiders.store.manifests import SeenAgain
from opendata_spiders.store.models import LookResult, Run, Verdict, Version
from opendata_spiders.store.store import Store
from tests.year.catalogue import FIRST_DAY, Catalogue, cities_of

_UNREACHABLE, _BLOCKED, _PARTIAL = 0.025, 0.01, 0.015
"""Share of portal-nights that end so, after the first night."""
_LOOK_ALL, _LOOK_SAMPLE = 50, 30
_LIST_FIELDS = (
    *("title", "office", "description", "theme", "tags", "open_type", "formats", "published", "updated", "rows"),
    *("views", "downloads"),
)
_DETAIL_FIELDS = ("frequency", "contact_phone")


def at_night(night: int) -> datetime:
    """When the portals are read: two in the morning, Shanghai time."""
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC) + timedelta(days=night - 1, hours=18)


@dataclass
class Costs:
    """CPU seconds of one process by step, and what was done."""

    seconds: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Count the CPU seconds of a block as those of a step."""
        began = time.process_time()
        yield
        self.seconds[step] += time.process_time() - began

    def add(self, other: "Costs") -> None:
        """Add what another process has counted."""
        self.seconds.update(other.seconds)
        self.done.update(other.done)


@dataclass
class PortalYear:
    """One portal, what was last recorded of it, and what has changed since."""

    store: Store
    register: Register
    catalogue: Catalogue
    nights: int
    manifest: str | None = None
    """Of the last complete run."""
    last: str = ""
    """Id of the last complete run."""
    changed: set[int] = field(default_factory=set)
    """Datasets whose entries are not in `manifest` as they are now; `fresh`: those whose version is not stored."""
    fresh: set[int] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    """Native ids in `manifest` that are not listed any more."""
    looks: dict[str, int] = field(default_factory=dict)
    """Native ids that are missing, and how many complete runs have missed them."""
    week: str = ""

    def __post_init__(self) -> None:
        portal = self.catalogue.portal
        self.place = place_of(self.register, portal.id, portal.slug)
        self.changed, self.fresh = set(self.catalogue.listed), set(self.catalogue.listed)
        self._attributor = Attributor(portal, portal.tenant, self.register.governments)

    def play(self, night: int, costs: Costs) -> None:
        """Read the portal, record the run and state what follows from it."""
        if night:
            with costs.timed("invented catalogue"):
                self._live(night)
        self._commit(night, self._verdict(night), costs)
        with costs.timed("diff"):
            report = fold_new(self.store, self.place, policy())
        costs.done["events"] += len(report.events)

    def _live(self, night: int) -> None:
        happened = self.catalogue.live(night, self.nights)
        if happened.migrated:
            self.manifest, self.gone, self.looks = None, set(), {}
            self.changed, self.fresh = set(self.catalogue.listed), set(self.catalogue.listed)
            return
        self.changed.update(happened.redated, happened.edited, happened.added)
        self.fresh.update(happened.edited, happened.added)
        removed = set(happened.removed)
        self.changed -= removed
        self.gone.update(map(self.catalogue.id, removed))

    def _verdict(self, night: int) -> Verdict:
        chance = Random(f"{self.catalogue.seed}:{self.catalogue.index}:{night}:sky").random()
        for verdict, share in (
            (Verdict.UNREACHABLE, _UNREACHABLE),
            (Verdict.BLOCKED, _BLOCKED),
            (Verdict.PARTIAL, _PARTIAL),
        ):
            chance -= share
            if night and chance < 0:
                return verdict
        return Verdict.COMPLETE

    def _commit(self, night: int, verdict: Verdict, costs: Costs) -> None:
        at, portal = at_night(night), self.catalogue.portal
        with costs.timed("invented catalogue"):
            hidden = self._hidden(night) if verdict is Verdict.PARTIAL else frozenset[int]()
            reading = self._read(at, night, hidden) if verdict in (Verdict.COMPLETE, Verdict.PARTIAL) else None
        with costs.timed("commit"), self.store.begin(portal.id, portal.slug, at=at) as lease:
            if reading is None:
                self.store.commit(self._run(lease.run_id, at, verdict, None), ())
            else:
                tally, versions = reading
                self.store.put_versions(versions)
                again = None
                if self.manifest:
                    again = SeenAgain(self.manifest, [*self.gone, *map(self.catalogue.id, hidden)])
                missing = sorted(self.gone) if verdict is Verdict.COMPLETE else ()
                committed = self.store.commit(
                    self._run(lease.run_id, at, verdict, tally), tally.entries.values(), counters=tally.counters,
                    views=tally.views, missing=missing, again=again,
                )  # fmt: skip
                if verdict is Verdict.COMPLETE:
                    self._recorded(committed)
                costs.done["versions"] += len(versions)
                costs.done["entries"] += len(tally.entries)
        costs.done[verdict] += 1

    def _hidden(self, night: int) -> frozenset[int]:
        """What a list that ends early leaves out."""
        here = sorted(self.catalogue.listed)
        share = Random(f"{self.catalogue.seed}:{self.catalogue.index}:{night}:cut").uniform(0.3, 0.97)
        return frozenset(here[int(share * len(here)) :])

    def _read(self, at: datetime, night: int, hidden: frozenset[int]) -> tuple[Tally, list[Version]]:
        """Count what is new or changed as the crawl does, and the counters of all in the first reading of a week."""
        catalogue = self.catalogue
        target = CrawlTarget(
            catalogue.portal.id, catalogue.portal.slug, "", "", catalogue.base_url, "", {}, catalogue.portal.timezone, ""
        )  # fmt: skip
        tally = Tally(
            target, catalogue.portal.family, at, {}, attributor=self._attributor, list_fields=_LIST_FIELDS,
            detail_fields=_DETAIL_FIELDS,
        )  # fmt: skip
        versions = []
        for number in sorted(self.changed - hidden):
            version = tally.take(self._dataset(number, at, night))
            if version and number in self.fresh:
                versions.append(version)
        if (now := week(at)) != self.week:
            tally.counters = {
                catalogue.id(number): dict(catalogue.counters(number, night)) for number in catalogue.listed - hidden
            }
            self.week = "" if hidden else now
        else:
            tally.counters = {}
        return tally, versions

    def _dataset(self, number: int, at: datetime, night: int) -> Dataset:
        catalogue, portal = self.catalogue, self.catalogue.portal
        values = catalogue.values(number)
        raw = values | catalogue.counters(number, night)
        row = {name: raw[name] for name in _LIST_FIELDS}
        list_body, detail_body = catalogue.bodies(number, raw) if number in self.fresh else ("", "")
        reading = normalise(raw, family=f"{portal.family}/{portal.slug}", tz=portal.timezone, now=at)
        return Dataset(
            portal=portal.id, slug=portal.slug, id=catalogue.id(number), page_url=catalogue.page_url(number), raw=raw,
            row=row, detail=values, detailed=True, detail_read=True, list_fp=list_fingerprint(row),
            list_body=list_body, detail_body=detail_body, **reading.for_item(),
        )  # fmt: skip

    def _run(self, run_id: str, at: datetime, verdict: Verdict, tally: Tally | None) -> Run:
        catalogue = self.catalogue
        portal, listed = catalogue.portal, len(catalogue.listed)
        seen = listed if verdict is Verdict.COMPLETE else int(listed * 0.6) if verdict is Verdict.PARTIAL else 0
        return Run(
            id=run_id, portal=portal.id, slug=portal.slug, family=portal.family,
            epoch=f"{portal.family}-{catalogue.generation}", seq=0, at=at, started=at, finished=at + timedelta(minutes=6),
            verdict=verdict, reason=f"{seen} of {listed} datasets read", base_url=catalogue.base_url,
            declared=listed if tally else None, seen=seen, rows=seen, passes=1, pages=seen // 100 + 1,
            detailed=seen, details_read=seen // 30, look=self._look(verdict), fill=dict.fromkeys(_ALL_FIELDS, 0.98),
            readable={"published": 1.0, "updated": 0.995}, fields=_ALL_FIELDS, rules="year", requests=seen // 100 + 5,
            newest_claimed=tally.newest if tally else None, finish_reason="finished",
            stats={"bytes": seen * 1500, "against": self.last, **(tally.changes() if tally else {})},
        )  # fmt: skip

    def _look(self, verdict: Verdict) -> dict[str, LookResult]:
        """What the pages of missing datasets say: all of a few, a sample of many; each in two complete runs."""
        if verdict is not Verdict.COMPLETE:
            return {}
        wanted = sorted({*self.gone, *self.looks})
        return dict.fromkeys(wanted if len(wanted) <= _LOOK_ALL else wanted[:_LOOK_SAMPLE], LookResult.GONE)

    def _recorded(self, run: Run) -> None:
        self.looks = dict.fromkeys(self.gone, 1)
        self.manifest, self.last = run.manifest, run.id
        self.changed, self.fresh, self.gone = set(), set(), set()


_ALL_FIELDS = tuple(sorted({*_LIST_FIELDS, *_DETAIL_FIELDS}))


def portals(
    store: Store, register: Register, sized: Sequence[tuple[int, int]], seed: int, nights: int
) -> list[PortalYear]:
    """The years of some of the register's portals; `sized`: place in the register and number of datasets."""
    rows = list(register.portals.values())
    return [
        PortalYear(
            store,
            register,
            Catalogue(index, rows[index], size, seed, cities_of(rows[index], register.governments.values())),
            nights,
        )
        for index, size in sized
    ]
