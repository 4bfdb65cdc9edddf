"""A store as years of nights leave it, for builds of the site: made of numbers, the same ones every time."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any

from alerts.engine.repository import event_document, prepare
from alerts.model.events import Confidence, Event, Severity, event_id
from alerts.model.states import (
    Absence,
    City,
    DatasetState,
    DatasetStatus,
    Evidence,
    Phase,
    PortalState,
    Summary,
    bucket_document,
    portal_document,
)
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.content import batches
from opendata_spiders.store.fields import fields
from opendata_spiders.store.manifests import bucket
from opendata_spiders.store.models import Entry, LookResult, Run, Verdict, Version
from opendata_spiders.store.runs import to_document as run_document
from opendata_spiders.store.store import Store
from opendata_spiders.store.views import key
from tests.bench.words import FORMS, OFFICES, PROMISES, SUBJECTS

NOW = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
_KINDS = ("dataset.updated", "dataset.changed", "dataset.updated", "dataset.overdue")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is in the store."""

    portals: int
    datasets: int
    told: int
    """Datasets with events; one in ten of them is gone."""


FULL = Size(257, 500_000, 20_000)


def fill(store: Store, register: Register, size: Size) -> None:
    """Fill an empty store. Every dataset has a title, an office, a promise and a date; the rest as in `Size`."""
    prepare(store)
    rows = list(islice(register.portals.values(), size.portals))
    weights = [1 + 40 * (number % 11 == 0) + number % 7 for number in range(len(rows))]
    seq = 0
    for portal, weight in zip(rows, weights, strict=True):
        count, told = (total * weight // sum(weights) for total in (size.datasets, size.told))
        seq = Filling(store, portal, count, max(told, 1), seq).write()


@dataclass
class Filling:
    """One portal of the store."""

    store: Store
    portal: Portal
    count: int
    told: int
    seq: int
    gone: list[DatasetState] = field(default_factory=list)

    def write(self) -> int:
        """Write it; return the seq of its last event."""
        listed = [number for number in range(self.count) if not self._is_gone(number)]
        manifest = self.store.put_entries(map(self._entry, listed))
        for number, days in enumerate((3, 2, 1), start=1):
            run = self._run(number, NOW - timedelta(days=days))
            self.store.db.runs.insert_one(run_document(replace(run, manifest=manifest)))
        for batch in batches(range(self.count), 2000):
            self.store.put_versions(self._version(number, 2) for number in batch)
        for batch in batches(self._views(), 2000):
            self.store.db.datasets.insert_many(batch)
        names = range(0, self.count, max(self.count // self.told, 1))
        for batch in batches(names, 500):
            self._told(batch)
        self.store.db["states"].insert_one(self._state(manifest))
        for place, states in groupby(
            sorted(self.gone, key=lambda one: bucket(one.dataset)), lambda one: bucket(one.dataset)
        ):
            self.store.db["missing_datasets"].insert_one(bucket_document(self.portal.id, place, states))
        return self.seq

    def _run(self, number: int, at: datetime) -> Run:
        return Run(
            id=f"{self.portal.slug}-{number}", portal=self.portal.id, slug=self.portal.slug, family=self.portal.family,
            epoch="e", seq=number, at=at, started=at, finished=at, verdict=Verdict.COMPLETE, reason="",
            base_url=self.portal.base_url, declared=self.count, seen=self.count, rows=self.count,
        )  # fmt: skip

    def _raw(self, number: int) -> dict[str, Any]:
        subject, form = SUBJECTS[number % len(SUBJECTS)], FORMS[number // 7 % len(FORMS)]
        year, day = 2015 + number % 12, NOW - timedelta(days=number * 37 % 3000)
        return {
            "title": f"{self.portal.short_zh}{2010 + year % 17}年第{number // 20}批{subject}{form}",
            "office": f"{self.portal.short_zh}市{OFFICES[number % len(OFFICES)]}",
            "description": f"{subject}的登记{form}，由主管部门按期整理。" * 2,
            "frequency": PROMISES[number % len(PROMISES)],
            "open_type": "无条件开放",
            "published": f"{year}-{1 + number % 12:02}-{1 + number % 28:02}",
            "updated": f"{day:%Y-%m-%d %H:%M:%S}",
        }

    def _id(self, number: int) -> str:
        return hashlib.md5(f"{self.portal.id}{number}".encode(), usedforsecurity=False).hexdigest()

    def _address(self, number: int) -> str:
        return f"{self.portal.base_url}/dataset/{self._id(number)}"

    def _views(self) -> Iterator[dict[str, Any]]:
        for number in range(self.count):
            raw = self._raw(number)
            yield {
                "_id": key(self.portal.id, self._id(number)), "id": self._id(number), "portal": self.portal.id,
                "slug": self.portal.slug, "listed": not self._is_gone(number), "page_url": self._address(number),
                "owner": self.portal.government, "open_type": "open", "raw": raw, "title": raw["title"],
                "office": raw["office"], "description": raw["description"],
                **{f"{name}_raw": raw[name] for name in ("frequency", "published", "updated")},
            }  # fmt: skip

    def _is_gone(self, number: int) -> bool:
        step = max(self.count // self.told, 1)
        return number % step == 0 and number // step % 10 == 0

    def _told(self, numbers: list[int]) -> None:
        """Versions, events and states of the datasets with these numbers."""
        gone = list(filter(self._is_gone, numbers))
        self.store.put_versions(self._version(number, 1) for number in numbers)
        events = [self._event(number, kind, turn) for number in numbers for turn, kind in enumerate(_KINDS)]
        removals = {number: self._event(number, "dataset.removed", len(_KINDS)) for number in gone}
        self.store.db["events"].insert_many([event_document(one) for one in (*events, *removals.values())])
        self.gone += (self._gone_state(number, removal) for number, removal in removals.items())

    def _version(self, number: int, turn: int) -> Version:
        raw, name = self._raw(number), self._id(number)
        content = {one: raw[one] for one in ("title", "office", "frequency", "open_type")} | {"description": f"{turn}"}
        run, address = f"{self.portal.slug}-{turn}", self._address(number)
        return Version(f"{name}{turn}", self.portal.id, name, self.portal.family, content, "", "", address, run)

    def _entry(self, number: int) -> Entry:
        raw, name = self._raw(number), self._id(number)
        clocks = {one: raw[one] for one in ("published", "updated")}
        return Entry(name, "", f"{name}2", clocks, {}, raw["frequency"], detailed=True)

    def _gone_state(self, number: int, removal: Event) -> DatasetState:
        raw = self._raw(number)
        return DatasetState(
            self._id(number), DatasetStatus.REMOVED, self._entry(number), NOW - timedelta(days=3), 0, absences=self._absences(),
            title=raw["title"], office=raw["office"], page_url=self._address(number),
            ended=NOW - timedelta(days=1 + number % 90), ended_by=removal.id,
        )  # fmt: skip

    def _absences(self) -> tuple[Absence, ...]:
        return tuple(
            Absence(f"{self.portal.slug}-{number}", NOW - timedelta(days=3 - number + 1), LookResult.GONE, 0)
            for number in (2, 3)
        )

    def _event(self, number: int, kind: str, turn: int) -> Event:
        raw, name = self._raw(number), self._id(number)
        self.seq += 1
        run, at = f"{self.portal.slug}-3", NOW - timedelta(days=900 - 100 * turn)
        evidence: dict[str, Any] = {"runs": [f"{self.portal.slug}-2", run]}
        if kind == "dataset.updated":
            evidence |= {"claimed_before": at - timedelta(days=60), "claimed_after": at, "content_changed": True}
        elif kind == "dataset.changed":
            evidence |= {
                "fields": {"description": {"before": "旧", "after": "新", "before_raw": "旧", "after_raw": "新"}}
            }
        elif kind == "dataset.renamed":
            evidence |= {"before": f"旧{raw['title']}", "after": raw["title"]}
        elif kind == "dataset.removed":
            absent = [{"run": one.run, "at": one.at, "look": one.look} for one in self._absences()]
            evidence |= {"absent": absent, "look": "gone", "last_seen": NOW - timedelta(days=3)}
        else:
            evidence |= {"claimed": at - timedelta(days=60), "frequency_raw": raw["frequency"]}
        quiet = kind in {"dataset.updated", "dataset.changed"}
        return Event(
            event_id(kind, self.portal.id, name, str(turn)), kind, self.portal.id, self.portal.slug, name, run, at,
            Severity.QUIET if quiet else Severity.NOTABLE, Confidence.CONFIRMED, title=raw["title"],
            office=raw["office"], page_url=self._address(number), evidence=evidence, seq=self.seq,
        )  # fmt: skip

    def _state(self, manifest: str) -> dict[str, Any]:
        at, phase = NOW - timedelta(days=1), Phase.STOPPED if self.count % 3 == 0 else Phase.LIVE
        evidence = Evidence(at - timedelta(days=self.count % 300), "claimed", self._id(0), f"{self.portal.slug}-3")
        memory = PortalState(
            self.portal.id, self.portal.slug, last_run=f"{self.portal.slug}-3", last_seq=3, last_at=at,
            last_verdict=Verdict.COMPLETE, last_complete=f"{self.portal.slug}-3", last_complete_at=at, size=self.count,
            first_observed=at - timedelta(days=2), nights=3, city=City(phase, at, evidence), counts={"known": self.count},
            known=manifest, trusted=manifest, read_fields=tuple(fields()),
        )  # fmt: skip
        summary = Summary(phase.value, at, "ok", self.count % 300, Confidence.CLAIMED)
        return portal_document(memory, summary)
