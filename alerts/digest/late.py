"""The overdue list of what somebody follows, by department, as a table for Excel in which nothing computes."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.diff.drafts import label
from alerts.diff.promise import Standing, deadlines, standing
from alerts.diff.view import Lens
from alerts.digest.scope import Scope
from alerts.policy import policy
from opendata_spiders import normalise
from opendata_spiders.register import Portal
from opendata_spiders.store.store import Store

BOM = "\ufeff"
"""Without it Excel takes UTF-8 for the local code page."""
_COLUMNS: Mapping[str, str] = {
    "office": "office 部门", "title": "dataset 数据集", "dataset": "id 编号", "promise": "promise 承诺频率",
    "updated": "last updated 最后更新", "due": "was due 应更新", "days": "days late 逾期天数", "state": "state 状态",
    "city": "city 城市", "page": "page 页面",
}  # fmt: skip
_LATE = (Standing.OVERDUE, Standing.DELINQUENT)
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_CELL_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Late:
    """One dataset past its promise."""

    office: str
    title: str
    dataset: str
    promise: str
    updated: str
    due: str
    days: int
    state: str
    city: str
    page: str
    slug: str


def overdue_list(rows: Iterable[Late], scope: Scope) -> list[Late]:
    """Of what is late those that are followed; by city, department, longest first."""
    return in_order(one for one in rows if scope.wants(one.title, one.office))


def in_order(rows: Iterable[Late]) -> list[Late]:
    """By city, department, longest first."""
    return sorted(rows, key=lambda one: (one.city, one.office, -one.days, one.dataset))


def late_in(store: Store, portal: Portal) -> Iterator[Late]:
    """Every dataset past its promise as of the portal's last complete reading."""
    reading = store.previous(portal.id)
    if reading is None:
        return
    run = reading.run
    lens = Lens(f"{run.family}/{run.slug}", portal.timezone, run.at, run.lost)
    at = run.at - timedelta(days=policy().detail_sweep_days if run.dates_in_details else 0)
    late = {}
    for entry in reading.entries.values():
        promise, claimed = lens.promise(entry.frequency), lens.claimed(entry.clocks)
        limits = deadlines(promise, claimed, portal.timezone)
        state = standing(promise, claimed, at, portal.timezone)
        if state in _LATE and limits and claimed:
            late[entry.id] = (entry, state, claimed, limits[0])
    versions = store.versions({entry.version for entry, *_ in late.values()})
    for name, (entry, state, claimed, due) in late.items():
        version = versions.get(entry.version)
        yield Late(
            office=label(version, "office"),
            title=label(version, "title"),
            dataset=name,
            promise=promise.word or entry.frequency or "",
            updated=_day(claimed, lens),
            due=_day(due, lens),
            days=lens.days_between(due, run.at),
            state=state.value,
            city=portal.short_zh or portal.slug,
            page=version.page_url if version else "",
            slug=portal.slug,
        )


def _day(moment: datetime, lens: Lens) -> str:
    return lens.day(moment).isoformat()


def as_csv(rows: Iterable[Late]) -> str:
    """The table with its mark; every cell one line that no spreadsheet computes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS.values())
    writer.writerows([_cell(getattr(row, name)) for name in _COLUMNS] for row in rows)
    return BOM + out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, int):
        return value
    text = (normalise.text(str(value)) or "")[:_CELL_CHARS]
    return f"'{text}" if text.startswith(_FORMULA) else text
