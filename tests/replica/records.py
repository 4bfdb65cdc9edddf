"""A dataset's state on one night: its sheet, its updates so far, and the script's changes."""

import html
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.replica import words
from tests.replica.incidents import Incident, Kind, chosen
from tests.replica.sheets import Sheet

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROWS_AN_UPDATE = 7
"""Rows that every real update adds: an update without a change of the data is none."""


@dataclass(frozen=True, slots=True)
class Record:
    """A dataset on one night: what the portal holds about it."""

    id: str
    title: str
    description: str
    office: str
    theme: str
    industry: str
    frequency: str
    conditional: bool
    formats: tuple[str, ...]
    tags: tuple[str, ...]
    phone: str
    email: str
    rows: int
    apis: int
    views: int
    downloads: int
    born: int
    second: int
    published: datetime
    updated: datetime | None
    """As the portal claims."""
    true_day: int
    """Day of the last real update (or of publication), whatever the portal claims."""
    listed: bool = True
    opens: bool = True
    how: str = ""
    """What its page says when it does not open: null, page or 404."""
    columns: tuple[str, ...] = ("编号", "名称", "地址", "登记日期")
    """Header of its files."""

    @property
    def filed(self) -> datetime:
        """When its files were made; a new date on the catalogue does not change it."""
        return self.published + timedelta(days=self.true_day - self.born)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days counted from the first night."""

    start: date

    def at(self, day: int, second: int) -> datetime:
        """Return a second of a day as Shanghai time."""
        return datetime.combine(self.start + timedelta(days=day), time(), SHANGHAI) + timedelta(seconds=second)


def record_of(sheet: Sheet, night: int, calendar: Calendar, stops: Sequence[Incident]) -> Record:
    """Return the dataset after the updates of its habit up to that night, less those on days the city stood still."""
    days = sheet.updates[: bisect_left(sheet.updates, night)]
    real = [day for day in days if not any(stop.holds(day + 1) for stop in stops)]
    return Record(
        id=sheet.id, title=sheet.title, description=sheet.description, office=sheet.office, theme=sheet.theme,
        industry=sheet.industry, frequency=sheet.frequency, conditional=sheet.conditional, formats=sheet.formats,
        tags=sheet.tags, phone=sheet.phone, email=sheet.email, apis=sheet.apis, born=sheet.born, second=sheet.second,
        rows=sheet.rows + ROWS_AN_UPDATE * len(real),
        views=sheet.popularity * (night - sheet.born),
        downloads=sheet.popularity * (night - sheet.born) // 12,
        published=calendar.at(sheet.born, sheet.second),
        updated=calendar.at(real[-1], sheet.second) if real else None,
        true_day=real[-1] if real else sheet.born,
    )  # fmt: skip


Change = Callable[[Record, Incident, int, Calendar], Record]
"""Applies an incident to one of its datasets."""


def change(records: Sequence[Record], incident: Incident, night: int, calendar: Calendar) -> list[Record]:
    """Return the records after an incident of the city that began by `night`; others leave them as they are."""
    apply = _CHANGES.get(incident.kind)
    if apply is None or not (incident.holds(night) or incident.kind in _LASTING):
        return list(records)
    struck = chosen(records, incident)
    return [apply(record, incident, night, calendar) if record.id in struck else record for record in records]


def _updates(record: Record, incident: Incident, night: int, calendar: Calendar) -> Record:
    days = _days(incident, night)
    true_day = max(record.true_day, days[-1])
    rows = record.rows + ROWS_AN_UPDATE * len(days)
    return replace(_restamps(record, incident, night, calendar), rows=rows, true_day=true_day)


def _restamps(record: Record, incident: Incident, night: int, calendar: Calendar) -> Record:
    stamp = calendar.at(_days(incident, night)[-1], record.second)
    return replace(record, updated=max(record.updated or stamp, stamp))


def _days(incident: Incident, night: int) -> range:
    last = incident.first if incident.last is None else incident.last
    return range(incident.first - 1, min(last, night))


def _deletes(record: Record, incident: Incident, _night: int, _calendar: Calendar) -> Record:
    return replace(record, listed=False, opens=False, how=incident.how)


def _unlists(record: Record, _incident: Incident, _night: int, _calendar: Calendar) -> Record:
    return replace(record, listed=False)


def _edits(record: Record, incident: Incident, _night: int, _calendar: Calendar) -> Record:
    changed: dict[str, Any] = {incident.field: _EDITABLE[incident.field](incident.value)}
    return replace(record, **changed)


def _misdates(record: Record, incident: Incident, _night: int, _calendar: Calendar) -> Record:
    return replace(record, updated=datetime.fromisoformat(incident.value).replace(tzinfo=SHANGHAI))


def _shifts(record: Record, incident: Incident, _night: int, _calendar: Calendar) -> Record:
    offset = timedelta(hours=float(incident.value))
    updated = record.updated + offset if record.updated else None
    return replace(record, updated=updated, published=record.published + offset)


def _escapes(record: Record, _incident: Incident, _night: int, _calendar: Calendar) -> Record:
    title, description = (
        html.escape(html.escape(f"<p>{text.replace('（', '(').replace('，', ',')}</p>"))
        for text in (record.title, record.description)
    )
    return replace(record, title=title, description=description)


def _reuses(record: Record, incident: Incident, _night: int, calendar: Calendar) -> Record:
    at = calendar.at(incident.first - 1, record.second)
    return replace(
        record, title="跨江大桥实时风速监测", office="桥梁管理中心", description="逐分钟风速风向", theme="资源环境", published=at,
        updated=at,
    )  # fmt: skip


def _slashes(record: Record, _incident: Incident, _night: int, _calendar: Calendar) -> Record:
    number = int.from_bytes(sha256(record.id.encode()).digest()[:4])
    return replace(record, id=f"{number % 9000 + 1000}/{number // 9000 % 10**6:06d}")


def _hostile(record: Record, _incident: Incident, _night: int, _calendar: Calendar) -> Record:
    number = int.from_bytes(sha256(record.id.encode()).digest()[:4])
    return replace(record, title=words.HOSTILE_TITLES[number % len(words.HOSTILE_TITLES)] + record.id[:4])


def _moves(record: Record, incident: Incident, _night: int, _calendar: Calendar) -> Record:
    return replace(record, id=other_id(record.id, incident))


def other_id(id_: str, incident: Incident) -> str:
    """Return the id that a dataset has after the portal moved or gave it another one."""
    digest = sha256(f"{incident.value} {id_}".encode()).digest()[:16]
    fresh = UUID(bytes=digest, version=4)
    return str(fresh) if "-" in id_ else fresh.hex


def _list(value: str) -> tuple[str, ...]:
    return tuple(part for part in value.split(",") if part)


_EDITABLE: Mapping[str, Callable[[str], object]] = {
    "title": str, "description": str, "office": str, "theme": str, "industry": str, "frequency": str, "phone": str,
    "conditional": lambda value: value == "yes", "formats": _list, "tags": _list, "rows": int, "columns": _list,
}  # fmt: skip
_CHANGES: Mapping[Kind, Change] = {
    Kind.UPDATES: _updates, Kind.RESTAMPS: _restamps, Kind.DELETES: _deletes, Kind.UNLISTS: _unlists,
    Kind.EDITS: _edits, Kind.MISDATES: _misdates, Kind.SLASHES: _slashes, Kind.HOSTILE: _hostile, Kind.MOVES: _moves,
    Kind.REKEYS: _moves, Kind.SHIFTS: _shifts, Kind.ESCAPES: _escapes, Kind.REUSES: _reuses,
}  # fmt: skip
_LASTING = frozenset({Kind.UPDATES, Kind.RESTAMPS})
"""Incidents whose effect remains when they are over."""


def newest_first(records: Iterable[Record]) -> tuple[Record, ...]:
    """Return them as both families list them: by claimed update, newest first."""
    return tuple(sorted(records, key=lambda record: (record.updated or record.published, record.id), reverse=True))
