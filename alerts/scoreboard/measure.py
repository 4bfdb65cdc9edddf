"""Measures one portal; the figures of the scoreboard aggregate these measurements."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.audit.catalogue import Catalogue, Record, records
from alerts.audit.groups import ComparedDataset
from alerts.audit.portal import Audit, audit
from alerts.model.events import owner_of
from alerts.model.policy import policy
from alerts.records.queries import CityView
from alerts.scoreboard.beside import Beside
from alerts.scoreboard.quarters import Quarter, QuarterRecord, quarter_of
from opendata_spiders import normalise
from opendata_spiders.normalise import Kept, PromiseStanding, judged_at, kept, newest_update, standing
from opendata_spiders.register import Portal
from opendata_spiders.store.store import Store

KINDS: Mapping[str, str] = {"business": "企业登记", "transport": "交通", "weather": "气象", "health": "卫生"}
"""Name of each kind of key data to its word in the vocabulary."""
RANGE: Mapping[str, str] = {**KINDS, **normalise.range_kinds()}
"""The same for every kind of the full range."""


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
    labels: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    """Number of datasets by kind of the full range, as the vocabulary calls it."""
    offices: Counter[str] = field(default_factory=Counter)
    downloaded: Counter[bool | None] = field(default_factory=Counter)
    """Number of datasets that were downloaded, never downloaded, or of which the portal does not say."""
    rows: Sum = field(default_factory=Sum)
    cells: Sum = field(default_factory=Sum)
    standings: Counter[PromiseStanding] = field(default_factory=Counter)
    quarters: set[Quarter] = field(default_factory=set)


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
    days_silent: int | None
    silence_confidence: str
    quarters: QuarterRecord
    themes_label: frozenset[str] | None
    themes_content: frozenset[str]
    kinds: Mapping[str, int]
    """Name in RANGE to number of own datasets of that kind."""
    offices: Mapping[str, int]
    """Office to number of own datasets; those of no named office are left out."""
    downloaded: Mapping[bool | None, int]
    """Number of own datasets that were downloaded, never downloaded, or of which the portal does not say."""
    rows: Sum
    """Rows of own datasets, as the portal prints them."""
    cells: Sum
    """Rows by columns of own datasets, where both are shown."""
    promises: Kept | None
    """Own datasets that promise a period and show a date, and how many of them keep the promise."""
    timed: int
    """Number of own datasets without those that promise real time."""

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
    store: Store, catalogue: Catalogue, below: Mapping[bytes, str], restamps: frozenset[str], beside: Beside
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
        counts.rows.add(read.rows)
        counts.cells.add(beside.cells.get(record.id))
        claimed = newest_update(record.entry.clocks, tz=zone, now=run.at, lost=run.lost)
        counts.standings[standing(read.promise, claimed, at, zone)] += 1
        dates = [one for one in (read.data_updated, read.updated, read.published) if one]
        days = {one.astimezone(zone).date() for one in dates if normalise.plausible(one, record.at)}
        counts.quarters.update(quarter_of(day) for day in days if day.isoformat() not in restamps)

    return audit(catalogue, records(store, catalogue), below, count_record), counts


def days_silent(catalogue: Catalogue, city: CityView) -> int | None:
    """Days without an update at the last complete reading.

    Unknown if no date was ever shown, or if it may be on a detail page not read yet.
    """
    silent, evidence = city.days_silent, city.evidence
    if silent is not None and silent <= policy().stopped_days:
        return silent if evidence and evidence.kind != "observed" else None
    return silent if evidence is not None and _all_dates_read(catalogue) else None


def quiet_quarters(catalogue: Catalogue, city: CityView, quarters: Iterable[Quarter]) -> frozenset[Quarter]:
    """The quarters without an update by the portal's own dates: begun after the newest of them, and over when read."""
    newest, zone = city.evidence, catalogue.tz
    if newest is None or newest.kind != "claimed" or city.days_silent is None or not _all_dates_read(catalogue):
        return frozenset()
    last, read_at = newest.date.astimezone(zone).date(), catalogue.run.at
    return frozenset(one for one in quarters if one.first > last and one.plus(1).start(zone) <= read_at)


def _all_dates_read(catalogue: Catalogue) -> bool:
    return not catalogue.run.dates_in_details or _swept(catalogue)


def measured(  # noqa: PLR0913 -- all that was found
    portal: Portal, done: Audit, counts: Counts, city: CityView, quarters: QuarterRecord, *, elsewhere: int
) -> Measured:
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
        days_silent=days_silent(catalogue, city),
        silence_confidence=str(city.confidence),
        quarters=quarters,
        themes_label=frozenset(counts.labels) if full or _whole(catalogue, "theme") else None,
        themes_content=frozenset(counts.contents),
        kinds={name: counts.kinds[kind] for name, kind in RANGE.items()},
        offices=counts.offices,
        downloaded=counts.downloaded,
        rows=counts.rows,
        cells=counts.cells,
        promises=kept(counts.standings) if dated and _whole(catalogue, "frequency") else None,
        timed=counts.standings.total() - counts.standings[PromiseStanding.REALTIME],
    )


def _whole(catalogue: Catalogue, name: str) -> bool:
    """Whether a field is known of nearly every dataset: it is in the list, or nearly all detail pages were read."""
    return name in catalogue.fields and (name in catalogue.in_list or _swept(catalogue))


def _swept(catalogue: Catalogue) -> bool:
    detailed = sum(entry.detailed for entry in catalogue.entries.values())
    return detailed >= policy().detail_coverage * len(catalogue.entries)
