"""Normalises a whole record: raw values by canonical name in, normalised and raw values out.

The fields and how each is read (column `reading`) are listed in store/fields.csv.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from typing import Any

from opendata_spiders.items import DatasetFields, RawValues, Resource
from opendata_spiders.normalise.dates import date_reading
from opendata_spiders.normalise.file_formats import format_reading, formats
from opendata_spiders.normalise.numbers import number
from opendata_spiders.normalise.open_types import open_type
from opendata_spiders.normalise.promises import Promise, frequency
from opendata_spiders.normalise.texts import is_blank, parts, raw_text, text
from opendata_spiders.normalise.topics import themes
from opendata_spiders.store.fields import fields as declared

TITLE_MISSING = "field.title_missing"
NUMBER_UNPARSED = "field.number_unparsed"
_WORD_SEPARATORS = ",，;；|、\n"


@dataclass(slots=True, kw_only=True)
class Normalised(DatasetFields):
    """A normalised record: the fields of items.Dataset, and in addition the promise and whether a login is needed."""

    promise: Promise
    login_required: bool
    findings: tuple[str, ...]
    """Codes of what was odd, sorted, none twice."""

    def for_item(self) -> dict[str, Any]:
        """Values of exactly the attributes that items.Dataset has too."""
        return {name: getattr(self, name) for name in _OF_ITEMS} | {"findings": list(self.findings)}


_OF_ITEMS = tuple(one.name for one in fields(DatasetFields))


@dataclass(frozen=True, slots=True)
class _Record:
    """The raw values of one dataset and the context in which they are read."""

    values: RawValues
    family: str | None
    tz: tzinfo
    now: datetime


def normalise(values: RawValues, *, family: str | None, tz: tzinfo, now: datetime) -> Normalised:
    """Normalise a record; names missing in `values` count as absent. Never raises on what a portal wrote.

    `family` may carry the slug («zj_athena/yichang»), for the portals whose codes differ from their family's.
    """
    read: dict[str, Any] = {}
    findings: set[str] = set()
    for _, attributes, finding in readings(values, family=family, tz=tz, now=now):
        read.update(attributes)
        if finding:
            findings.add(finding)
    return Normalised(**read, findings=tuple(sorted(findings)))


def readings(
    values: RawValues, *, family: str | None, tz: tzinfo, now: datetime
) -> Iterator[tuple[str, dict[str, Any], str | None]]:
    """Each field of a record: its name, its attributes of a `Normalised`, and the code of what was odd about it."""
    record = _Record(values, family, tz, now)
    for name, field in declared().items():
        yield name, *_READERS[field.reading](name, values.get(name), record)


Attributes = tuple[dict[str, Any], str | None]
"""Attributes of a Normalised by name, and the code of what was odd about them."""


def _theme(name: str, raw: object, record: _Record) -> Attributes:
    title, office = record.values.get("title"), record.values.get("office")
    topic = themes(raw, title=title, office=office, family=record.family)
    return {name: list(topic.themes), f"{name}_raw": _raw_list(raw), f"{name}_rule": topic.rule}, topic.finding


def _frequency(name: str, raw: object, record: _Record) -> Attributes:
    promise = frequency(raw, family=record.family)
    read = {name: promise.iso, f"{name}_code": promise.code, f"{name}_raw": raw_text(raw), "promise": promise}
    return read, promise.finding


def _open_type(name: str, raw: object, record: _Record) -> Attributes:
    terms = open_type(raw, family=record.family)
    read = {name: terms.value, f"{name}_raw": raw_text(raw), "login_required": terms.login_required}
    return read, terms.finding


def _formats(name: str, raw: object, record: _Record) -> Attributes:
    kinds = format_reading(raw, family=record.family)
    return {name: list(kinds.formats), f"{name}_raw": _raw_list(raw)}, kinds.finding


def _date(name: str, raw: object, record: _Record) -> Attributes:
    reading = date_reading(raw, tz=record.tz, now=record.now)
    return {name: reading.value, f"{name}_raw": raw_text(raw)}, reading.finding


def _number(name: str, raw: object, _record: _Record) -> Attributes:
    value = number(raw)
    return {name: value}, NUMBER_UNPARSED if value is None and not is_blank(raw) else None


def _resources(name: str, raw: object, _record: _Record) -> Attributes:
    listed = [part for part in raw if isinstance(part, dict)] if isinstance(raw, list | tuple) else []
    kinds = [formats(part.get("format")) for part in listed]
    return {
        name: [
            Resource(text(part.get("name")) or "", kind[0] if kind else None, text(part.get("id")))
            for part, kind in zip(listed, kinds, strict=True)
        ]
    }, None


def _raw_list(raw: object) -> list[str]:
    """Each raw word as the portal wrote it; a string that holds a list stays one string."""
    written = raw if isinstance(raw, list | tuple) else [raw]
    return [word for word in map(raw_text, written) if word]


_READERS: Mapping[str, Callable[[str, object, _Record], Attributes]] = {
    "title": lambda name, raw, _record: ({name: text(raw) or ""}, None if text(raw) else TITLE_MISSING),
    "text": lambda name, raw, _record: ({name: text(raw)}, None),
    "words": lambda name, raw, _record: ({name: parts(raw, _WORD_SEPARATORS)}, None),
    "theme": _theme,
    "frequency": _frequency,
    "open_type": _open_type,
    "formats": _formats,
    "date": _date,
    "number": _number,
    "resources": _resources,
}
"""By the word in the column `reading` of fields.csv."""
