"""Counts one run, dataset by dataset: entries, versions, views, fill rates, findings and promises."""

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions

from opendata_spiders.crawl.extractor import Extractor
from opendata_spiders.crawl.field_loss import Fill
from opendata_spiders.crawl.target import CrawlTarget
from opendata_spiders.items import SHOWN, Dataset, RawValues
from opendata_spiders.normalise import (
    PromiseStanding,
    date,
    frequency,
    is_blank,
    judged_at,
    kept,
    newest_update,
    standing,
)
from opendata_spiders.register import Attributor
from opendata_spiders.store.content import storable, version_id
from opendata_spiders.store.fields import Role, names, split
from opendata_spiders.store.models import Entry, Finding, Version

_SAMPLE = 60
"""Characters kept of a date that cannot be read."""
_AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


@dataclass(slots=True)
class _Values:
    """The values of one source: how many records were read, and how many values of each field are filled."""

    records: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    readable: Counter[str] = field(default_factory=Counter)
    """How many of the filled dates can be read as a date."""


class PackedViews:
    """Documents kept compressed until each is written: they are most of a crawl's memory."""

    def __init__(self) -> None:
        self._packed: list[bytes] = []

    def add(self, document: Mapping[str, Any]) -> None:
        """Add a document."""
        self._packed.append(zlib.compress(bson.encode(storable(document)), 1))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (bson.decode(zlib.decompress(one), _AWARE) for one in self._packed)


class Tally:
    """What one run saw, as it will be committed."""

    def __init__(  # noqa: PLR0913 -- all that a run is counted by
        self,
        target: CrawlTarget,
        family: str,
        at: datetime,
        known: Mapping[str, Entry],
        *,
        dates_in_details: bool = False,
        lost: Collection[str] = (),
        attributor: Attributor | None = None,
    ) -> None:
        """`known`: entries of the previous reading by native id; `lost`: fields lost in it.

        Without an `attributor` every dataset belongs to the portal's government.
        """
        self._target = target
        self._family = family
        self._at = at
        self._judged_at = judged_at(at, dates_in_details=dates_in_details)
        self._known = known
        self._lost = lost
        self._attributor = attributor or Attributor()
        self.entries: dict[str, Entry] = {}
        self.views = PackedViews()
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
        parts = split(dataset.raw)
        content = {name: value for name, value in parts[Role.CONTENT].items() if value not in (None, "", [])}
        entry = self._entry(dataset, content, parts)
        known = self._known.get(dataset.id)
        self.entries[dataset.id] = entry
        self.counters[dataset.id] = _texts(parts[Role.COUNTER])
        self._count_values(dataset.row, self._rows)
        if dataset.detailed:
            self._count_values(dataset.raw, self._detailed)
        if dataset.detail_read:
            self._count_values(dataset.detail, self._details)
        self._odd.update(dataset.findings)
        self._count_dates(entry)
        self._new += known is None
        self._changed += known is not None and known.list_fp != entry.list_fp
        if entry != known:
            self.views.add(self._view(dataset, entry))
        return None if known and known.version == entry.version else self._version(dataset, entry, content)

    def _entry(self, dataset: Dataset, content: Mapping[str, Any], parts: Mapping[Role, Mapping[str, Any]]) -> Entry:
        frequency = content.get("frequency")
        whose = self._attributor.of(content.get("office"))
        return Entry(
            id=dataset.id,
            list_fp=dataset.list_fp,
            version=version_id(dataset.portal, dataset.id, content),
            clocks=_texts(parts[Role.CLOCK]),
            measures=_texts(parts[Role.MEASURE]),
            frequency=None if frequency is None else _text(frequency),
            detailed=dataset.detailed,
            owner=whose.owner,
            owner_rule=str(whose.rule) if whose.owner else "",
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
        )

    def _count_values(self, values: RawValues, counted: _Values) -> None:
        there = {name for name, value in values.items() if value != [] and not is_blank(value)}
        counted.records += 1
        counted.filled.update(there)
        for name in there.intersection(names(Role.CLOCK)):
            if date(values[name], tz=self._target.timezone, now=self._at).finding is None:
                counted.readable[name] += 1
            else:
                self._unread.setdefault(name, _text(values[name])[:_SAMPLE])

    def _count_dates(self, entry: Entry) -> None:
        newest = newest_update(entry.clocks, tz=self._target.timezone, now=self._at, lost=self._lost)
        if newest and (self.newest is None or newest > self.newest):
            self.newest = newest
        promise = frequency(entry.frequency, family=f"{self._family}/{self._target.slug}")
        self.standings[standing(promise, newest, self._judged_at, self._target.timezone)] += 1

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
        """Counts of new, changed (list row differs) and missing datasets since the last trusted run; of promises."""
        promises = kept(self.standings)
        return {
            "new": self._new,
            "changed": self._changed,
            "missing": len(self.missing()),
            "promised": promises.judged,
            "overdue": promises.overdue,
        }


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in sorted(values.items()) if value not in (None, "", [])}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
