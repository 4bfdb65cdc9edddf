"""What audit and scoreboard know of one dataset: worked out once from its entry and its content, and then kept.

The facts of most datasets depend on the night no more (`is_settled`). What does is left to who counts them: whether a
promise is broken by now, whether a portal would show what is missing, whether another dataset is the same.
"""

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from alerts.audit.checks import CHECKS
from alerts.audit.record import ReadAs, Record, record_of
from alerts.audit.rules import limits
from alerts.audit.series import series_key
from alerts.model.catalogue_dates import ticks
from opendata_spiders import normalise
from opendata_spiders.normalise.texts import is_blank
from opendata_spiders.store.content import canonical, digest, ordered
from opendata_spiders.store.fields import Role, names
from opendata_spiders.store.models import Entry

CLOCKS = names(Role.CLOCK)
"""The fields that hold a date, in the order of `Days`."""
_MUCH_LATER = timedelta(days=100 * 365)


Days = Sequence[int | None]
"""The plausible day that each of CLOCKS prints: its ordinal, on the portal's calendar."""


class DatasetFacts(NamedTuple):
    """The facts of one dataset: plain values, as JSON holds them; those that few datasets have come last."""

    dataset: str
    title: str
    office: str
    key: str
    """Hash of title and office; empty if either is missing: two «权责清单» of unknown offices are no duplicates."""
    content: str
    """Hash of the whole content; empty if the description is too short to distinguish datasets."""
    series: str
    """Office and common part of the titles of a series; empty if the title names neither period nor place."""
    content_theme: str = ""
    """Category by title and office."""
    themes: Sequence[str] = ()
    """Categories as the portal labels it."""
    days: Days = ()
    broken_from: int | None = None
    """Moment (ticks) from which its promise is broken; None if that cannot be judged."""
    is_realtime: bool = False
    rows: int | None = None
    owner: str = ""
    kinds: Sequence[str] = ()
    """Kinds of the full range of key data, as the vocabulary calls them."""
    faults: Sequence[tuple[str, str]] = ()
    """Each rule about single datasets that it violates, with the evidence as it is shown, whether or not the portal
    would show what is missing."""
    is_closed: bool = False
    detailed: bool = True
    entry_fields: str = ""
    """Of a dataset whose detail page was not read: the dates and numbers that its row shows (names, by blanks) …"""
    content_fields: str = ""
    """… and its other fields that say something."""
    is_stored: bool = True
    """Whether its content is stored; of one whose content is not, only owner, detail and days are known."""


def facts_of(entry: Entry, content: Mapping[str, Any] | None, how: ReadAs) -> DatasetFacts:
    """The facts of an entry and the content of its version; None: its content is not stored."""
    entry_fields = "" if entry.detailed else " ".join((*entry.clocks, *entry.measures))
    if content is None:
        return DatasetFacts(
            *(entry.id, "", "", "", "", ""),
            owner=entry.owner,
            detailed=entry.detailed,
            is_stored=False,
            entry_fields=entry_fields,
            days=_days(record_of(entry, {}, how), how),
        )
    record = record_of(entry, content, how)
    read, office = record.read, record.read.office or ""
    common = series_key(read.title) if office else ""
    by_content = normalise.content_theme(read.title, read.office).themes
    claimed = normalise.newest_update(entry.clocks, tz=how.tz, now=how.complete_at, lost=how.lost)
    broken_from = normalise.broken_from(read.promise, claimed, how.tz)
    return DatasetFacts(
        dataset=entry.id,
        title=read.title,
        office=office,
        key=identity(read.title, office),
        content=_content_hash(record),
        series=f"{unicodedata.normalize('NFKC', office)}|{common}" if common else "",
        owner=entry.owner,
        detailed=entry.detailed,
        faults=tuple((code, shown(found)) for code, check in CHECKS.items() if (found := check(record)) is not None),
        entry_fields=entry_fields,
        content_fields="" if entry.detailed else " ".join(name for name, raw in content.items() if not is_blank(raw)),
        is_closed=read.open_type == "closed",
        themes=tuple(read.theme),
        content_theme="".join(by_content),
        kinds=tuple(sorted(normalise.key_range(read.title, read.office, read.theme or by_content))),
        rows=read.rows,
        is_realtime=read.promise.realtime,
        broken_from=None if broken_from is None else ticks(broken_from),
        days=_days(record, how),
    )


def is_settled(entry: Entry, how: ReadAs) -> bool:
    """Whether no later night reads one of its dates otherwise: none lies in the future, or is a distance from now."""

    def read(raw: str, now: datetime) -> normalise.DateReading:
        return normalise.date(raw, tz=how.tz, now=now)

    now, later = how.complete_at, how.complete_at + _MUCH_LATER
    return all(read(raw, now) == read(raw, later) for raw in entry.clocks.values())


def identity(title: str | None, office: str | None) -> str:
    """Hash of a clean title and office, the key of a dataset across portals; empty if either is missing."""
    return normalise.second_key(title, office) if title and office else ""


def shown(evidence: str) -> str:
    """Raw evidence as it is shown: clean, one line, cut."""
    clean, most = normalise.text(evidence) or "", limits().evidence_chars
    return clean if len(clean) <= most else f"{clean[:most]}…"


def _content_hash(record: Record) -> str:
    # Different datasets may share a short description. Ids of files are left out, because they always differ.
    if len(record.read.description or "") < limits().description_least:
        return ""
    return digest(canonical(ordered({name: _without_ids(value) for name, value in record.raw.items()})))


def _without_ids(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: one for name, one in value.items() if name != "id"}
    return [_without_ids(one) for one in value] if isinstance(value, list | tuple) else value


def _days(record: Record, how: ReadAs) -> Days:
    return [plausible_day(getattr(record.read, name), how.tz, how.at) for name in CLOCKS]


def plausible_day(value: datetime | None, tz: tzinfo, at: datetime) -> int | None:
    """A printed date as the ordinal of its day; None for one that cannot be that of an update (`at`: the reading)."""
    return value.astimezone(tz).toordinal() if value and normalise.plausible(value, at) else None


def counted_days(datasets: Iterable[Days], lost: Container[str]) -> dict[str, dict[date, int]]:
    """How many datasets print each day, by field; without fields that the portal no longer fills."""
    columns = zip(CLOCKS, zip(*datasets, strict=True), strict=False)
    return {
        name: {date.fromordinal(day): count for day, count in Counter(column).items() if day is not None}
        for name, column in columns
        if name not in lost
    }
