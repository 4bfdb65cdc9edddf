"""Measures one portal; the figures of the scoreboard aggregate these measurements."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from alerts.audit.catalogue import Catalogue
from alerts.audit.portal import Audit
from alerts.model.catalogue_dates import ticks
from alerts.model.events import owner_of
from alerts.scoreboard.beside import Beside
from alerts.scoreboard.updates import Updates, swept
from opendata_spiders import normalise
from opendata_spiders.normalise import Kept, judged_at
from opendata_spiders.register import Portal

KINDS: Mapping[str, str] = {"business": "企业登记", "transport": "交通", "weather": "气象", "health": "卫生"}
"""Name of each kind of key data to its word in the vocabulary."""
RANGE: Mapping[str, str] = {**KINDS, **normalise.range_kinds()}
"""The same for every kind of the full range."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum over datasets, of which some show no number."""

    value: int = 0
    known: int = 0
    """Number of datasets that show one."""

    @classmethod
    def of(cls, numbers: Iterable[int | None]) -> "Sum":
        """The sum of one number for each dataset; None: it shows none."""
        known = [one for one in numbers if one is not None]
        return cls(sum(known), len(known))


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


def measured(portal: Portal, done: Audit, numbers: Beside, updates: Updates, *, elsewhere: int) -> Measured:
    """Count a portal's own datasets; `elsewhere`: datasets it lists that count for cities' own portals."""
    catalogue, own = done.catalogue, done.own
    ids = [one.dataset for one in own]
    eligible = {one.dataset for one in own if one.title and not one.is_closed}
    labels = Counter(chain.from_iterable(one.themes for one in own))
    contents = Counter(one.content_theme for one in own if one.content_theme)
    kinds = Counter(chain.from_iterable(one.kinds for one in own))
    full = len(labels) == len(normalise.THEMES)
    # Each group of duplicates counts once, if one of them is eligible.
    copies = (sum(one.dataset in eligible for one in group) for group in done.duplicates)
    # Promises are unknown if the list shows no dates or frequencies and too few detail pages were read.
    dated = not catalogue.run.dates_in_details or _whole(catalogue, "updated") or _whole(catalogue, "data_updated")
    # Promises are judged by the same rule, date and time as in the record of the run and the portal's state.
    at = ticks(judged_at(catalogue.run.at, dates_in_details=catalogue.run.dates_in_details))
    judged = sum(one.broken_from is not None for one in own)
    broken = [one for one in own if one.broken_from is not None and one.broken_from <= at]
    downloads = map(numbers.downloads.get, ids)
    return Measured(
        portal=portal,
        read_at=catalogue.run.at,
        claimed=None if owner_of(portal.id) else catalogue.run.declared,
        seen=done.datasets + elsewhere,
        relisted=len(done.relisted) + elsewhere,
        audited=len(own),
        effective=len(eligible) - sum(max(0, count - 1) for count in copies),
        sound=len(set(ids) - done.unsound),
        updates=updates,
        themes_label=frozenset(labels) if full or _whole(catalogue, "theme") else None,
        themes_content=frozenset(contents),
        themes={theme: (labels[theme], contents[theme]) for theme in normalise.THEMES},
        kinds={name: kinds[kind] for name, kind in RANGE.items()},
        offices=Counter(one.office for one in own if one.office),
        downloaded=Counter(None if count is None else count > 0 for count in downloads),
        rows=Sum.of(numbers.rows.get(one.dataset) if one.rows is None else one.rows for one in own),
        cells=Sum.of(map(numbers.cells.get, ids)),
        promises=Kept(judged - len(broken), judged) if dated and _whole(catalogue, "frequency") else None,
        timed=sum(not one.is_realtime for one in own),
        late=Counter(one.office for one in broken),
        findings={code: count for code, count in done.counts.items() if count},
    )


def _whole(catalogue: Catalogue, name: str) -> bool:
    """Whether a field is known of nearly every dataset: it is in the list, or nearly all detail pages were read."""
    return name in catalogue.fields and (name in catalogue.in_list or swept(catalogue))
