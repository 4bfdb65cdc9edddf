"""Counts one run: entries, versions, views, fill rates, findings and promises, dataset by dataset."""

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions

from opendata_spiders.crawl.family import PortalFamily
from opendata_spiders.crawl.field_loss import Fill
from opendata_spiders.crawl.target import CrawlTarget
from opendata_spiders.items import Dataset, RawValues
from opendata_spiders.normalise import (
    CLOCKS,
    PromiseStanding,
    date,
    frequency,
    is_blank,
    judged_at,
    kept,
    newest_update,
    standing,
)
from opendata_spiders.store.content import storable, version_id
from opendata_spiders.store.fields import Role, split
from opendata_spiders.store.models import Entry, Finding, Version

_SAMPLE = 60
"""Characters kept of a date that cannot be read."""
_AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)
_NOT_IN_VIEW = {"row", "detail", "list_fp", "list_body", "detail_body", "detail_read"}


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
    ) -> None:
        """`known` is the previous reading by native id, `lost` what it was read without."""
        self._target = target
        self._family = family
        self._at = at
        self._judged_at = judged_at(at, dates_in_details=dates_in_details)
        self._known = known
        self._lost = lost
        self.entries: dict[str, Entry] = {}
        self._views: list[bytes] = []
        self.counters: dict[str, dict[str, str]] = {}
        self.newest: datetime | None = None
        self.standings: Counter[PromiseStanding] = Counter()
        self._new = 0
        self._changed = 0
        self._odd: Counter[str] = Counter()
        self._filled_rows: Counter[str] = Counter()
        self._filled_details: Counter[str] = Counter()
        self._filled_known: Counter[str] = Counter()
        self._readable_rows: Counter[str] = Counter()
        self._readable_details: Counter[str] = Counter()
        self._readable_known: Counter[str] = Counter()
        self._unread: dict[str, str] = {}
        self._details_read = 0

    def take(self, dataset: Dataset) -> Version | None:
        """Count one dataset; return its version if the previous reading did not have it."""
        parts = split(dataset.raw)
        content = {name: value for name, value in parts[Role.CONTENT].items() if value not in (None, "", [])}
        entry = self._entry(dataset, content, parts)
        known = self._known.get(dataset.id)
        self.entries[dataset.id] = entry
        self.counters[dataset.id] = _texts(parts[Role.COUNTER])
        self._count_fill(dataset)
        self._odd.update(dataset.findings)
        self._count_dates(entry)
        self._new += known is None
        self._changed += known is not None and known.list_fp != entry.list_fp
        if entry != known:
            self._views.append(zlib.compress(bson.encode(storable(_view(dataset, entry))), 1))
        return None if known and known.version == entry.version else self._version(dataset, entry, content)

    @property
    def views(self) -> Iterator[dict[str, Any]]:
        """Today's view of the datasets whose entry changed; packed until then: they are most of a crawl's memory."""
        return (bson.decode(zlib.decompress(one), _AWARE) for one in self._views)

    def _entry(self, dataset: Dataset, content: Mapping[str, Any], parts: Mapping[Role, Mapping[str, Any]]) -> Entry:
        frequency = content.get("frequency")
        return Entry(
            id=dataset.id,
            list_fp=dataset.list_fp,
            version=version_id(dataset.portal, dataset.id, content),
            clocks=_texts(parts[Role.CLOCK]),
            measures=_texts(parts[Role.MEASURE]),
            frequency=None if frequency is None else _text(frequency),
            detailed=dataset.detailed,
        )

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

    def _count_fill(self, dataset: Dataset) -> None:
        if dataset.detailed:
            self._count_values(dataset.raw, self._filled_known, self._readable_known)
        self._count_values(dataset.row, self._filled_rows, self._readable_rows)
        if dataset.detail_read:
            self._details_read += 1
            self._count_values(dataset.detail, self._filled_details, self._readable_details)

    def _count_values(self, values: RawValues, filled: Counter[str], readable: Counter[str]) -> None:
        there = [name for name, value in values.items() if value != [] and not is_blank(value)]
        filled.update(there)
        for name in CLOCKS:
            if name not in there:
                continue
            if date(values[name], tz=self._target.timezone, now=self._at).finding is None:
                readable[name] += 1
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
        return sum(entry.detailed for entry in self.entries.values())

    def fill(self, spider: PortalFamily) -> Fill:
        """How many of the values read tonight are there."""
        return self._fill(spider, self._details_read, self._filled_details, self._readable_details)

    def known_fill(self, spider: PortalFamily) -> Fill:
        """How many values are there, details read on other nights included: three pages of one night are no measure."""
        return self._fill(spider, self.detailed, self._filled_known, self._readable_known)

    def _fill(
        self, spider: PortalFamily, details: int, filled_details: Counter[str], readable_details: Counter[str]
    ) -> Fill:
        detail_only = frozenset(spider.detail_fields) - frozenset(spider.list_fields)
        filled = {name: self._filled_rows[name] for name in spider.list_fields}
        filled |= {name: filled_details[name] for name in detail_only}
        readable = {
            name: (readable_details if name in detail_only else self._readable_rows)[name]
            for name in CLOCKS
            if name in filled
        }
        return Fill(len(self.entries), details, filled, readable, self._unread, detail_only)

    def findings(self) -> list[Finding]:
        """Oddities of single entries, counted by code."""
        return [Finding(code, count=count) for code, count in sorted(self._odd.items())]

    def missing(self) -> list[str]:
        """Native ids the previous reading knew and this one did not see."""
        return [id_ for id_ in self._known if id_ not in self.entries]

    def changes(self) -> dict[str, int]:
        """Against the last trusted run: new, changed (list row differs) and missing datasets; promises."""
        promises = kept(self.standings)
        return {
            "new": self._new,
            "changed": self._changed,
            "missing": len(self.missing()),
            "promised": promises.judged,
            "overdue": promises.overdue,
        }


def _view(dataset: Dataset, entry: Entry) -> dict[str, Any]:
    values = {name: value for name, value in asdict(dataset).items() if name not in _NOT_IN_VIEW}
    return {**values, "version": entry.version}


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in sorted(values.items()) if value not in (None, "", [])}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
