"""The rules that one dataset breaks by itself: each takes a record and gives its evidence, None if all is well."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache

from alerts.audit.catalogue import Catalogue, Record
from alerts.audit.garble import markup, mojibake
from opendata_spiders import normalise
from opendata_spiders.normalise import promises, table, texts
from opendata_spiders.normalise.dates import UNPARSED
from opendata_spiders.normalise.open_types import SHIFTED as OPEN_TYPE_SHIFTED

Check = Callable[[Record, Catalogue], str | None]

CLOCKS = ("published", "updated", "data_updated")
_LANDING = ("theme", "office", "industry")
"""Fields into which words of other columns have been seen to slide."""


def no_contact(record: Record, catalogue: Catalogue) -> str | None:
    return "" if all(map(texts.is_blank, _contents(record, "contact_phone", "contact_email"))) else None


def no_promise(record: Record, catalogue: Catalogue) -> str | None:
    return "" if texts.is_blank(record.entry.frequency) and _blank(record, "frequency") else None


def no_date(record: Record, catalogue: Catalogue) -> str | None:
    return "" if all(texts.is_blank(record.entry.clocks.get(name)) for name in CLOCKS) else None


def date_unreadable(record: Record, catalogue: Catalogue) -> str | None:
    if UNPARSED not in record.read.findings:
        return None
    return _listed((name, raw) for name, value, raw in _dates(record) if value is None and not texts.is_blank(raw))


def date_future(record: Record, catalogue: Catalogue) -> str | None:
    return _implausible(record, catalogue, later=True)


def date_ancient(record: Record, catalogue: Catalogue) -> str | None:
    return _implausible(record, catalogue, later=False)


def _implausible(record: Record, catalogue: Catalogue, *, later: bool) -> str | None:
    return _listed(
        (name, raw)
        for name, value, raw in _dates(record)
        if value and not normalise.plausible(value, catalogue.at) and (value > catalogue.at) is later
    )


def shifted_column(record: Record, catalogue: Catalogue) -> str | None:
    found = [("frequency", record.read.frequency_raw)] if record.read.promise.finding == promises.SHIFTED else []
    if OPEN_TYPE_SHIFTED in record.read.findings or _opens_shifted(record, catalogue):
        found.append(("open_type", record.read.open_type_raw))
    for name in _LANDING:
        words = texts.parts(record.raw.get(name))
        found += [(name, word) for word in words if texts.fold(word) in _stray_words()]
    return _listed(found)


def _opens_shifted(record: Record, catalogue: Catalogue) -> bool:
    return normalise.open_type(record.raw.get("open_type"), family=catalogue.family).finding == OPEN_TYPE_SHIFTED


def open_type_unknown(record: Record, catalogue: Catalogue) -> str | None:
    if record.read.open_type != "unknown" or _opens_shifted(record, catalogue):
        return None
    return _listed([("open_type", record.read.open_type_raw)]) or ""


def garbled(record: Record, catalogue: Catalogue) -> str | None:
    shown = (("title", record.read.title), ("office", record.read.office), ("description", record.read.description))
    return _listed((name, found) for name, text in shown if (found := mojibake(text or "")))


def code_in_title(record: Record, catalogue: Catalogue) -> str | None:
    return markup(record.raw.get("title")) or None


CHECKS: Mapping[str, Check] = {
    "audit.no_contact": no_contact,
    "audit.no_promise": no_promise,
    "audit.no_date": no_date,
    "audit.date_unreadable": date_unreadable,
    "audit.date_future": date_future,
    "audit.date_ancient": date_ancient,
    "audit.shifted_column": shifted_column,
    "audit.open_type_unknown": open_type_unknown,
    "audit.mojibake": garbled,
    "audit.markup": code_in_title,
}
"""Code of the rule to its check; the other rules need more than one dataset."""


def _contents(record: Record, *names: str) -> Iterator[object]:
    return (record.raw.get(name) for name in names)


def _blank(record: Record, name: str) -> bool:
    return texts.is_blank(record.raw.get(name))


def _dates(record: Record) -> Iterator[tuple[str, datetime | None, str | None]]:
    for name in CLOCKS:
        yield name, getattr(record.read, name), getattr(record.read, f"{name}_raw")


def _listed(pairs: object) -> str | None:
    """`field: value` for each pair; None where there is none."""
    return "; ".join(f"{name}: {value}" for name, value in pairs if value) or None  # type: ignore[attr-defined]


@cache
def _stray_words() -> frozenset[str]:
    """Words that name terms or a period, and no topic or industry."""
    foreign = (("open_types", "word"), ("frequency_words", "word"))
    own = (("themes", "word"), ("industries", "word"))
    return _words(foreign) - _words(own)


def _words(columns: tuple[tuple[str, str], ...]) -> frozenset[str]:
    return frozenset(texts.fold(row[column]) for name, column in columns for row in table.rows(name, column))
