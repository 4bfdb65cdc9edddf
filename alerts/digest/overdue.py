"""The overdue list of a scope, by department, as a CSV table for Excel in which no cell is read as a formula."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.audience.filters import Filter
from alerts.comparison.event_builder import label
from alerts.comparison.run_view import Lens
from alerts.model.events import owner_of, portal_of
from alerts.records.parts import owners_told
from alerts.text.labels import label as label_of
from alerts.text.spreadsheets import write
from opendata_spiders.normalise import BROKEN, deadlines, judged_at, standing
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.store import Store

_COLUMNS: Mapping[str, str] = {
    "office": "office 部门", "title": "dataset 数据集", "dataset": "id 编号", "promise": "promise 承诺频率",
    "updated": "last updated 最后更新", "due": "was due 应更新", "days": "days late 逾期天数", "state": "state 状态",
    "city": "city 城市", "page": "page 页面", "read": "as of the reading of 读取日期",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OverdueDataset:
    """One dataset past its promise, as of the last complete run of its portal."""

    office: str
    title: str
    dataset: str
    promise: str
    updated: str
    due: str
    days: int
    """Calendar days, in the portal's time zone, from `due` to the run."""
    state: str
    """overdue or delinquent (long overdue)."""
    city: str
    page: str
    slug: str
    read: str
    """Day (ISO) of the run."""
    read_at: datetime


def overdue_list(rows: Iterable[OverdueDataset], scope: Filter) -> list[OverdueDataset]:
    """The rows in the scope; by city, department, longest overdue first."""
    return in_order(one for one in rows if scope.wants(one.title, one.office))


def in_order(rows: Iterable[OverdueDataset]) -> list[OverdueDataset]:
    """The rows by city, department, longest overdue first."""
    return sorted(rows, key=lambda one: (one.city, one.office, -one.days, one.dataset))


def overdue_in(store: Store, register: Register, portal: Portal, now: datetime) -> Iterator[OverdueDataset]:
    """Every dataset past its promise as of our own last complete run up to `now`, but those told elsewhere.

    `portal`: a row of the register, or of a part (`parts_told`).
    """
    reading = store.previous(portal_of(portal.id), now)
    if reading is None or reading.run.imported:
        return
    run = reading.run
    lens = Lens(f"{run.family}/{run.slug}", portal.timezone, run.at, run.lost)
    at = judged_at(run.at, dates_in_details=run.dates_in_details)
    ours, late = owners_told(register, portal, owner_of(portal.id)), []
    for entry in (one for one in reading.entries.values() if one.owner in ours):
        promise, claimed = lens.promise(entry.frequency), lens.claimed(entry.clocks)
        limits, state = deadlines(promise, claimed, lens.tz), standing(promise, claimed, at, lens.tz)
        if state in BROKEN and limits and claimed:
            late.append((entry, promise, claimed, limits[0], state))
    versions = store.versions({entry.version for entry, *_ in late})
    for entry, promise, claimed, due, state in late:
        version = versions.get(entry.version)
        yield OverdueDataset(
            office=label(version, "office"),
            title=label(version, "title"),
            dataset=entry.id,
            promise=promise.word or entry.frequency or "",
            updated=lens.day(claimed).isoformat(),
            due=lens.day(due).isoformat(),
            days=lens.days_between(due, run.at),
            state=state.value,
            city=portal.short_zh or portal.slug,
            page=version.page_url if version else "",
            slug=portal.slug,
            read=lens.day(run.at).isoformat(),
            read_at=run.at,
        )


def as_csv(rows: Iterable[OverdueDataset]) -> str:
    """The table with a byte order mark; every cell is one line that no spreadsheet reads as a formula."""
    out, shown = io.StringIO(newline=""), (replace(row, state=str(label_of(f"standing.{row.state}"))) for row in rows)
    write(out, tuple(_COLUMNS.values()), ([getattr(row, name) for name in _COLUMNS] for row in shown))
    return out.getvalue()
