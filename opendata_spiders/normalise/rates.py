"""How much of a catalogue can be normalised: rates by field, and every odd string."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from opendata_spiders.items import RawValues
from opendata_spiders.normalise.record import readings
from opendata_spiders.normalise.texts import is_blank, raw_text
from opendata_spiders.store.fields import fields

UNDECIDED = "field.theme_undecided"
"""A topic of several categories between which neither title nor office decides. Not a finding of a dataset."""
READINGS = ("date", "frequency", "open_type", "theme", "formats", "number")
"""Ways of reading (column `reading` of fields.csv) that can fail; plain text cannot."""


@dataclass(slots=True)
class FieldRate:
    """One field over a whole catalogue."""

    filled: int = 0
    """Rows with a value; for topics, with one that names a subject."""
    understood: int = 0
    """Those that could be normalised, even if with a finding."""
    odd: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each string was odd, by finding and string as written."""

    @property
    def share(self) -> float | None:
        """None where no row has a value."""
        return self.understood / self.filled if self.filled else None


def rates(
    rows: Iterable[RawValues], *, family: str | None, tz: tzinfo, now: datetime
) -> tuple[int, dict[str, FieldRate]]:
    """Count rows, and what is understood of each field that at least one of them has."""
    count, found = 0, dict[str, FieldRate]()
    for values in rows:
        count += 1
        for name, attributes, finding in readings(values, family=family, tz=tz, now=now):
            if name in values and fields()[name].reading in READINGS:
                _count(found.setdefault(name, FieldRate()), name, values[name], attributes, finding)
    return count, found


def _count(rate: FieldRate, name: str, raw: object, attributes: Mapping[str, Any], finding: str | None) -> None:
    rule = attributes.get(f"{name}_rule") or ""
    if "undecided:" in rule:
        finding = finding or UNDECIDED
    if finding is None and (_is_empty(raw) or rule.startswith("none:")):
        return
    rate.filled += 1
    rate.understood += finding is None or _has_reading(attributes.get(f"{name}_code", attributes[name]))
    if finding:
        rate.odd[finding, raw_text(raw) or ""] += 1


def _has_reading(value: object) -> bool:
    """Whether an odd string was normalised all the same; in a list some words may not have been."""
    return not isinstance(value, list) and value not in (None, "unknown", "UNKNOWN")


def _is_empty(raw: object) -> bool:
    return is_blank(raw) or raw in ([], {})


class UnreadableCatalogueError(ValueError):
    """Raised for a file that is no catalogue; the message says what is wrong with which line."""


def catalogue(body: bytes) -> Iterator[Mapping[str, Any]]:
    """Rows of a catalogue: a JSON list, JSON lines, or separated by commas with named columns; UTF-8 or GB 18030.

    Raises UnreadableCatalogueError.
    """
    text = _decoded(body)
    if text.lstrip()[:1] not in ("{", "["):
        yield from csv.DictReader(io.StringIO(text, newline=""))
        return
    parts = [(1, text)] if text.lstrip().startswith("[") else enumerate(text.splitlines(), start=1)
    for line, part in parts:
        if part.strip():
            yield from _objects(line, part)


def _objects(line: int, part: str) -> list[dict[str, Any]]:
    try:
        read = json.loads(part)
    except (ValueError, RecursionError) as error:
        raise UnreadableCatalogueError(f"line {line} is no JSON ({error}): correct or remove it") from error
    rows = read if isinstance(read, list) else [read]
    if not all(isinstance(row, dict) for row in rows):
        raise UnreadableCatalogueError(f"line {line} holds something else than objects: correct or remove it")
    return rows


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return body.decode("gb18030")
    except UnicodeDecodeError as error:
        raise UnreadableCatalogueError("the file is neither UTF-8 nor GB 18030: save it as UTF-8") from error


def as_fields(row: Mapping[str, Any], columns: Mapping[str, str]) -> RawValues:
    """The values of a row by field; of several columns of one field the first that is filled counts."""
    values: RawValues = {}
    for column, name in columns.items():
        if column in row and (name not in values or _is_empty(values[name])):
            values[name] = row[column]
    return values
