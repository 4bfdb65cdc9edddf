"""Counts one run, dataset by dataset: entries, versions, views, fill rates, findings and promises."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from opendata_spiders.crawl.extractor import Extractor
from opendata_spiders.crawl.field_loss import Fill
from opendata_spiders.crawl.target import CrawlTarget
from opendata_spiders.items import SHOWN, Dataset, RawValues
from opendata_spiders.normalise import (
    DATE_FINDINGS,
    DateReading,
    PromiseStanding,
    date,
    frequency,
    is_blank,
    judged_at,
    kept,
    newest_of,
    standing,
    update_claims,
)
from opendata_spiders.register import Attributor
from opendata_spiders.store.content import version_id
from opendata_spiders.store.fields import Role, names, of_roles
from opendata_spiders.store.models import Entry, Finding, Version
from opendata_spiders.store.views import PackedViews

_EMPTY: tuple[Any, ...] = (None, "", [])
_SAMPLE = 60
"""Characters kept of a date that cannot be read."""


@dataclass(slots=True)
class _Values:
    """The values of one source: how many records were read, and how many values of each field are filled."""

    records: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    readable: Counter[str] = field(default_factory=Counter)
    """How many of the filled dates can be read as a date."""

    def add(self, filled: Collection[str], dates: Mapping[str, DateReading]) -> None:
        """Count one record: the names of its filled fields, and its dates as they were read."""
        self.records += 1
        self.filled.update(filled)
        self.readable.update(name for name, reading in dates.items() if name in filled and reading.finding is None)


class Tally:
    """What one run saw, as it will be committed."""

    def __init__(  # noqa: PLR0913 -- all that a run is counted by
        self,
        target: CrawlTarget,
        family: str,
        at: datetime,
        known: Mapping[str, Entry],
        *,
        run: str = "",
        dates_in_details: bool = False,
        lost: Collection[str] = (),
        attributor: Attributor | None = None,
        list_fields: Collection[str] = (),
        detail_fields: Collection[str] = (),
        missing_versions: Collection[str] = (),
    ) -> None:
        """`known`: entries of the previous reading by native id; `run`: id of this one; `lost`: fields lost in that.

        Without an `attributor` every dataset belongs to the portal's government. Without the fields that the family
        reads, entries do not say which of them are blank. `missing_versions`: ids of versions that entries of `known`
        name, and that are not in the store.
        """
        self._target = target
        self._family = family
        self._run = run
        self._at = at
        self._judged_at = judged_at(at, dates_in_details=dates_in_details)
        self._known = known
        self._lost = lost
        self._attributor = attributor or Attributor()
        counters = frozenset(names(Role.COUNTER))
        self._list_fields = frozenset(list_fields) - counters
        self._detail_only = frozenset(detail_fields) - frozenset(list_fields) - counters
        self._missing_versions = missing_versions
        self.entries: dict[str, Entry] = {}
        self.taken_over: set[str] = set()
        """Native ids of the entries that were taken over from the previous reading."""
        self.views = PackedViews(target.portal_id, target.slug)
        """Today's view of the datasets whose entry changed."""
        self.counters: dict[str, dict[str, str]] = {}
        self.newest: datetime | None = None
        self.standings: Counter[PromiseStanding] = Counter()
        self._new = 0
        self._changed = 0
        self._odd: Counter[str] = Counter()
        self._rows = _Values()
        self._details = _Values()
        """Detail pages read tonight."""
        self._detailed = _Values()
        """Datasets whose detail was read tonight or on an earlier night, with the values of row and detail."""
        self._unread: dict[str, str] = {}

    def take(self, dataset: Dataset) -> Version | None:
        """Count one dataset; return its version if the previous reading did not have it."""
        content = {name: value for name, value in of_roles(dataset.raw, Role.CONTENT).items() if value not in _EMPTY}
        row = _filled(dataset.row)
        whole = row if dataset.raw == dataset.row else _filled(dataset.raw)
        entry = self._entry(dataset, content, row, whole)
        known = self._known.get(dataset.id)
        self.entries[dataset.id] = entry
        self.counters[dataset.id] = filled_texts(dataset.raw, Role.COUNTER)
        self._count(entry, row, whole)
        if dataset.detail_read:
            dates = {name: self._date(value) for name, value in of_roles(dataset.detail, Role.CLOCK).items()}
            self._details.add(_filled(dataset.detail), dates)
        self._new += known is None
        self._changed += known is not None and known.list_fp != entry.list_fp
        if entry != known:
            self.views.add(self._view(dataset, entry))
        is_kept = known is not None and known.version == entry.version and known.version not in self._missing_versions
        return None if is_kept else self._version(dataset, entry, content)

    def take_over(self, entry: Entry, row: RawValues) -> None:
        """Count a dataset whose list row is unchanged by its entry of the previous reading.

        Of the row itself only the counters are new. `UnchangedRows` decides whether a row may be taken over.
        """
        self.entries[entry.id] = entry
        self.taken_over.add(entry.id)
        self.counters[entry.id] = counted = filled_texts(row, Role.COUNTER)
        in_row = self._list_fields.difference(entry.blank).union(_filled(counted))
        self._count(entry, in_row, self._detail_only.difference(entry.blank))

    def _entry(
        self, dataset: Dataset, content: Mapping[str, Any], row: AbstractSet[str], whole: AbstractSet[str]
    ) -> Entry:
        """Make the entry of a dataset; `row` and `whole` name the fields that its row and all its values fill."""
        frequency = content.get("frequency")
        whose = self._attributor.of(content.get("office"))
        blank = (self._list_fields - row) | (self._detail_only - whole if dataset.detailed else frozenset())
        return Entry(
            id=dataset.id,
            list_fp=dataset.list_fp,
            version=version_id(dataset.portal, dataset.id, content),
            clocks=filled_texts(dataset.raw, Role.CLOCK),
            measures=filled_texts(dataset.raw, Role.MEASURE),
            frequency=None if frequency is None else _text(frequency),
            detailed=dataset.detailed,
            owner=whose.owner,
            owner_rule=str(whose.rule) if whose.owner else "",
            blank=tuple(sorted(blank)),
            oddities=tuple(code for code in dataset.findings if code not in DATE_FINDINGS),
        )

    def _view(self, dataset: Dataset, entry: Entry) -> dict[str, Any]:
        rule = str(self._attributor.of(dataset.raw.get("office")).rule)
        shown = {name: getattr(dataset, name) for name in SHOWN}
        return {
            **shown,
            "version": entry.version,
            "owner": entry.owner or self._attributor.home,
            "owner_rule": rule,
        }

    def _version(self, dataset: Dataset, entry: Entry, content: Mapping[str, Any]) -> Version:
        return Version(
            id=entry.version,
            portal=dataset.portal,
            dataset=dataset.id,
            family=self._family,
            content=content,
            list_body=dataset.list_body,
            detail_body=dataset.detail_body,
            page_url=dataset.page_url,
            first_run=self._run,
        )

    def _count(self, entry: Entry, row: AbstractSet[str], whole: AbstractSet[str]) -> None:
        """Count a dataset by its entry: the filled fields of its row and of all its values, dates, promise."""
        dates = {name: self._date(text) for name, text in entry.clocks.items()}
        self._rows.add(row, dates)
        if entry.detailed:
            self._detailed.add(whole, dates)
        for name, reading in dates.items():
            if reading.finding:
                self._unread.setdefault(name, entry.clocks[name][:_SAMPLE])
        self._odd.update({*entry.oddities, *(reading.finding for reading in dates.values() if reading.finding)})
        newest = newest_of(dates[name] for name in update_claims(entry.clocks, self._lost) if name in dates)
        if newest and (self.newest is None or newest > self.newest):
            self.newest = newest
        promise = frequency(entry.frequency, family=f"{self._family}/{self._target.slug}")
        self.standings[standing(promise, newest, self._judged_at, self._target.timezone)] += 1

    def _date(self, raw: object) -> DateReading:
        return date(raw, tz=self._target.timezone, now=self._at)

    @property
    def detailed(self) -> int:
        """Datasets whose detail has been read at least once."""
        return self._detailed.records

    def fill(self, by: Extractor) -> Fill:
        """How many of the values read tonight are filled."""
        return self._fill(by, self._details)

    def known_fill(self, by: Extractor) -> Fill:
        """How many values are filled, details of earlier nights included: those of one night may be too few."""
        return self._fill(by, self._detailed)

    def _fill(self, by: Extractor, details: _Values) -> Fill:
        """Count list fields over the rows, fields that only details have over `details`."""
        detail_only = frozenset(by.detail_fields) - frozenset(by.list_fields)
        sources = dict.fromkeys(by.list_fields, self._rows) | dict.fromkeys(detail_only, details)
        filled = {name: source.filled[name] for name, source in sources.items()}
        readable = {name: sources[name].readable[name] for name in names(Role.CLOCK) if name in sources}
        return Fill(self._rows.records, details.records, filled, readable, self._unread, detail_only)

    def findings(self) -> list[Finding]:
        """Oddities of single entries, counted by code."""
        return [Finding(code, count=count) for code, count in sorted(self._odd.items())]

    def missing(self) -> list[str]:
        """Native ids the previous reading knew and this one did not see."""
        return [id_ for id_ in self._known if id_ not in self.entries]

    def changes(self) -> dict[str, int]:
        """Counts since the last trusted run of new, changed (list row differs), missing, taken over; of promises."""
        promises = kept(self.standings)
        return {
            "new": self._new,
            "changed": self._changed,
            "missing": len(self.missing()),
            "taken_over": len(self.taken_over),
            "promised": promises.judged,
            "overdue": promises.overdue,
        }


def filled_texts(values: RawValues, role: Role) -> dict[str, str]:
    """The filled values of the fields of one role as text, by name in the order of the alphabet."""
    text = _date_text if role is Role.CLOCK else _text
    filled = ((name, values.get(name)) for name in sorted(names(role)))
    return {name: text(value) for name, value in filled if value not in _EMPTY}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _date_text(value: Any) -> str:
    """As `_text`, but milliseconds that JSON prints with a decimal point (1.7e12) stay readable as a date."""
    return _text(int(value) if isinstance(value, float) and value.is_integer() else value)


def _filled(values: Mapping[str, Any]) -> set[str]:
    """The names of the fields that say something."""
    return {name for name, value in values.items() if value != [] and not is_blank(value)}
