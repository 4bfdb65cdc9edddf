"""`python -m tests.bench --diffs`: a night's diff of a large portal, held against decoding both manifests once."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from opendata_spiders.store.content import version_id
from opendata_spiders.store.fields import fields
from opendata_spiders.store.manifests import get_manifest, read_chunks
from opendata_spiders.store.models import Entry, Run, Verdict, Version
from opendata_spiders.store.store import Store

PORTAL, SLUG = "bench.1", "bench"
FIRST = datetime(2026, 3, 1, 18, tzinfo=UTC)
_PROMISES = ("每日", "每月", "每季度", "每年", "不定期", None)
Rows = dict[str, dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What one night's diff took."""

    night: str
    events: int
    diff_s: float
    """CPU seconds of this process, the database's own left out; so is the next."""
    decode_s: float
    """Decoding every chunk of the manifest before and of the one after, each once."""

    @property
    def ratio(self) -> float:
        return self.diff_s / self.decode_s


def catalogue(count: int) -> Rows:
    """Raw values by native id: dates over six years, some thousand titles, two hundred offices."""
    return {
        f"{number:032x}": {
            "title": f"第{number}号行政许可信息",
            "office": f"第{number % 200}局",
            "description": "行政许可事项的登记信息" * 5,
            "frequency": _PROMISES[number % len(_PROMISES)],
            "updated": f"{2020 + number % 6}-{1 + number % 12:02}-{1 + number % 28:02} {number % 24:02}:{number % 60:02}:00",
            "rows": str(number),
        }
        for number in range(count)
    }  # fmt: skip


def unchanged(rows: Rows, _night: int) -> Rows:
    return rows


def churned(rows: Rows, night: int) -> Rows:
    """One dataset in a hundred has a new description and is updated on the day before."""
    day = f"{FIRST + timedelta(days=night - 1):%Y-%m-%d}"
    return {
        name: row | {"description": f"第{night}夜", "updated": day} if number % 100 == night else row
        for number, (name, row) in enumerate(rows.items())
    }


def rekeyed(rows: Rows, _night: int) -> Rows:
    """Every second dataset has another id."""
    return {f"n{name}" if number % 2 else name: row for number, (name, row) in enumerate(rows.items())}


NIGHTS: tuple[tuple[str, Callable[[Rows, int], Rows]], ...] = (
    ("unchanged", unchanged),
    ("unchanged again", unchanged),
    ("1 % churn", churned),
    ("1 % churn again", churned),
    ("half under other ids", rekeyed),
)


def put(store: Store, rows: Rows, night: int) -> None:
    """Commit one complete run that lists these rows."""
    entries, versions = [], []
    for name, row in rows.items():
        content = {key: value for key, value in row.items() if key not in ("updated", "rows")}
        version = version_id(PORTAL, name, content)
        clocks, measures = {"updated": str(row["updated"])}, {"rows": str(row["rows"])}
        entries.append(Entry(name, version, version, clocks, measures, row["frequency"], detailed=True))
        versions.append(
            Version(version, PORTAL, name, "bench", content, "<li>" * 200, "<td>" * 500, f"https://p.example/{name}")
        )
    store.put_versions(versions)
    at = FIRST + timedelta(days=night)
    run = Run(
        f"{SLUG}-{night}", PORTAL, SLUG, "bench", "e", 0, at, at, at, Verdict.COMPLETE, "", declared=len(rows),
        seen=len(rows), rows=len(rows), detailed=len(rows), fields=tuple(fields()),
    )  # fmt: skip
    store.commit(replace(run, details_read=len(rows)), entries)


def measure(store: Store, datasets: int = 20_000) -> Iterator[Figures]:
    """Fold the nights one after the other on an empty database."""
    prepare(store)
    place, rows = PortalRef(PORTAL, SLUG), catalogue(datasets)
    put(store, rows, 0)
    fold_new(store, place, policy())
    before = _manifest(store)
    for night, (name, change) in enumerate(NIGHTS, start=1):
        rows = change(rows, night)
        put(store, rows, night)
        began = time.process_time()
        report = fold_new(store, place, policy())
        took = time.process_time() - began
        after = _manifest(store)
        yield Figures(name, len(report.events), took, _decoding(store, before, after))
        before = after


def _manifest(store: Store) -> str:
    return str([run.manifest for run in store.runs(PORTAL)][-1])


def _decoding(store: Store, *manifests: str) -> float:
    began = time.process_time()
    for manifest in manifests:
        for _ in read_chunks(store.db, get_manifest(store.db, manifest).chunks.values()):
            pass
    return time.process_time() - began
