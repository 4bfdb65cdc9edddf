"""Measures one portal; the figures of the scoreboard aggregate these measurements."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from alerts.audit.catalogue import Catalogue, Record, records
from alerts.audit.groups import ComparedDataset
from alerts.audit.portal import Audit, audit
from alerts.model.events import owner_of
from alerts.scoreboard.beside import Beside
from alerts.scoreboard.updates import Updates, swept
from opendata_spiders import normalise
from opendata_spiders.normalise import BROKEN, Kept, PromiseStanding, judged_at, kept, newest_update, standing
from opendata_spiders.register import Portal
from opendata_spiders.store.fields import Role
from opendata_spiders.store.fields import fields as store_fields
from opendata_spiders.store.store import Store

KINDS: Mapping[str, str] = {"business": "企业登记", "transport": "交通", "weather": "气象", "health": "卫生"}
"""Name of each kind of key data to its word in the vocabulary."""
RANGE: Mapping[str, str] = {**KINDS, **normalise.range_kinds()}
"""The same for every kind of the full range."""


_DATES = tuple(name for name, one in store_fields().items() if one.role is Role.CLOCK)


@dataclass(slots=True)
class Sum:
    """A sum over datasets, of which some show no number."""

    value: int = 0
    known: int = 0
    """Number of datasets that show one."""

    def add(self, number: int | None) -> None:
        """Add the number of one dataset; None: it shows none."""
        if number is not None:
            self.value += number
            self.known += 1


@dataclass(slots=True)
class Counts:
    """Counts over a portal's own datasets (those that no city portal lists)."""

    own: set[str] = field(default_factory=set)
    eligible: set[str] = field(default_factory=set)
    """Ids of datasets that have a title and are not closed."""
    labels: Counter[str] = field(default_factory=Counter)
    """Number of datasets by category, as the portal labels them; `contents`: by title and office."""
    contents: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    """Number of datasets by kind of the full range, as the vocabulary calls it."""
    offices: Counter[str] = field(default_factory=Counter)
    downloaded: Counter[bool | None] = field(default_factory=Counter)
    """Number of datasets that were downloaded, never downloaded, or of which the portal does not say."""
    rows: Sum = field(default_factory=Sum)
    cells: Sum = field(default_factory=Sum)
    standings: Counter[PromiseStanding] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)
    """Number of overdue datasets by office (empty where none is named)."""
    days: set[date] = field(default_factory=set)
    """Days that they print."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurements of one portal as of its last complete run; None means unknown."""

    portal: Portal
    read_at: datetime
    claimed: int | None
    """The total that the portal prints."""
    seen: int
    relisted: int
    """Those of `seen` that a city's own portal lists too."""
    audited: int
    """Own datasets whose content is stored."""
    effective: int
    sound: int
    """Own datasets without a finding of high or medium severity."""
    updates: Updates
    themes_label: frozenset[str] | None
    themes_content: frozenset[str]
    themes: Mapping[str, tuple[int, int]]
    """Category to number of own datasets of it, by the portal's label and by content."""
    kinds: Mapping[str, int]
    """Name in RANGE to number of own datasets of that kind."""
    offices: Mapping[str, int]
    """Office to number of own datasets; those of no named office are left out."""
    downloaded: Mapping[bool | None, int]
    """Number of own datasets that were downloaded, never downloaded, or of which the portal does not say."""
    rows: Sum
    """Rows of own datasets, as the portal prints them or a check of their files counted them."""
    cells: Sum
    """Rows by columns of own datasets, where both are shown."""
    promises: Kept | None
    """Own datasets that promise a period and show a date, and how many of them keep the promise."""
    timed: int
    """Number of own datasets without those that promise real time."""
    late: Mapping[str, int]
    """Office (empty where none is named) to number of own datasets past their promise."""
    findings: Mapping[str, int]
    """Rule of the audit to number of datasets that violate it, those without any left out."""

    @property
    def is_part(self) -> bool:
        """Whether it is a city's part of its province's portal: datasets of an owner, and no portal."""
        return bool(owner_of(self.portal.id))

    @property
    def own(self) -> int:
        return self.seen - self.relisted

    @property
    def promised_and_kept(self) -> float | None:
        """Share of own datasets, without those in real time, that promise a period and keep it."""
        return self.promises.kept / self.timed if self.promises and self.timed else None


def measure_catalogue(
    store: Store, catalogue: Catalogue, below: Mapping[bytes, str], beside: Beside
) -> tuple[Audit, Counts]:
    """Audit and count a catalogue in one pass; `below`: keys of datasets already listed by city portals."""
    counts, run, zone = Counts(), catalogue.run, catalogue.tz
    # Promises are judged by the same rule, date and time as in the record of the run and the portal's state.
    at = judged_at(run.at, dates_in_details=run.dates_in_details)

    def count_record(record: Record, card: ComparedDataset) -> None:
        if card.key in below:
            return
        read = record.read
        counts.own.add(record.id)
        if read.title and read.open_type != "closed":
            counts.eligible.add(record.id)
        theme = normalise.content_theme(read.title, read.office).themes
        counts.labels.update(read.theme)
        counts.contents.update(theme)
        counts.kinds.update(normalise.key_range(read.title, read.office, read.theme or theme))
        counts.offices.update(filter(None, (read.office,)))
        downloads = beside.downloads.get(record.id)
        counts.downloaded[None if downloads is None else downloads > 0] += 1
        counts.rows.add(beside.rows.get(record.id) if read.rows is None else read.rows)
        counts.cells.add(beside.cells.get(record.id))
        claimed = newest_update(record.entry.clocks, tz=zone, now=run.at, lost=run.lost)
        against = standing(read.promise, claimed, at, zone)
        counts.standings[against] += 1
        counts.late.update((read.office or "",) if against in BROKEN else ())
        dates = (getattr(read, name) for name in _DATES if name not in run.lost)
        counts.days.update(one.astimezone(zone).date() for one in dates if one and normalise.plausible(one, record.at))

    return audit(catalogue, records(store, catalogue), below, count_record), counts


def measured(portal: Portal, done: Audit, counts: Counts, updates: Updates, *, elsewhere: int) -> Measured:
    """Put together what was found of one portal; `elsewhere`: datasets it lists that count for cities' own portals."""
    catalogue = done.catalogue
    full = len(counts.labels) == len(normalise.THEMES)
    # Each group of duplicates counts once, if one of them is eligible.
    copies = (sum(one.dataset in counts.eligible for one in group) for group in done.duplicates)
    # Promises are unknown if the list shows no dates or frequencies and too few detail pages were read.
    dated = not catalogue.run.dates_in_details or _whole(catalogue, "updated") or _whole(catalogue, "data_updated")
    return Measured(
        portal=portal,
        read_at=catalogue.run.at,
        claimed=None if owner_of(portal.id) else catalogue.run.declared,
        seen=done.datasets + elsewhere,
        relisted=len(done.relisted) + elsewhere,
        audited=len(counts.own),
        effective=len(counts.eligible) - sum(max(0, count - 1) for count in copies),
        sound=len(counts.own - done.unsound),
        updates=updates,
        themes_label=frozenset(counts.labels) if full or _whole(catalogue, "theme") else None,
        themes_content=frozenset(counts.contents),
        themes={theme: (counts.labels[theme], counts.contents[theme]) for theme in normalise.THEMES},
        kinds={name: counts.kinds[kind] for name, kind in RANGE.items()},
        offices=counts.offices,
        downloaded=counts.downloaded,
        rows=counts.rows,
        cells=counts.cells,
        promises=kept(counts.standings) if dated and _whole(catalogue, "frequency") else None,
        timed=counts.standings.total() - counts.standings[PromiseStanding.REALTIME],
        late=counts.late,
        findings={code: count for code, count in done.counts.items() if count},
    )


def _whole(catalogue: Catalogue, name: str) -> bool:
    """Whether a field is known of nearly every dataset: it is in the list, or nearly all detail pages were read."""
    return name in catalogue.fields and (name in catalogue.in_list or swept(catalogue))
