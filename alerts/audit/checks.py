"""The rules about single datasets: each takes a record and returns evidence of a fault (may be empty), else None."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache, partial

from alerts.audit.garble import markup, mojibake
from alerts.audit.record import Record
from opendata_spiders import normalise
from opendata_spiders.normalise import promises, texts
from opendata_spiders.normalise.dates import UNPARSED
from opendata_spiders.normalise.open_types import SHIFTED as OPEN_TYPE_SHIFTED
from opendata_spiders.normalise.vocabulary import table
from opendata_spiders.store.fields import Role, names

Check = Callable[[Record], str | None]

_LANDING = ("theme", "office", "industry")
"""Fields in which words of other columns have been found."""


def no_contact(record: Record) -> str | None:
    return "" if all(texts.is_blank(record.raw.get(name)) for name in ("contact_phone", "contact_email")) else None


def no_promise(record: Record) -> str | None:
    return "" if all(map(texts.is_blank, (record.entry.frequency, record.raw.get("frequency")))) else None


def no_date(record: Record) -> str | None:
    return "" if all(texts.is_blank(record.entry.clocks.get(name)) for name in names(Role.CLOCK)) else None


def date_unreadable(record: Record) -> str | None:
    if UNPARSED not in record.read.findings:
        return None
    return _listed((name, raw) for name, value, raw in _dates(record) if value is None and not texts.is_blank(raw))


def implausible(record: Record, *, later: bool) -> str | None:
    """Dates later than the last run (`later`), or older than the oldest plausible date."""
    return _listed(
        (name, raw)
        for name, value, raw in _dates(record)
        if value and not normalise.plausible(value, record.at) and (value > record.at) is later
    )


def shifted_column(record: Record) -> str | None:
    found = [("frequency", record.read.frequency_raw)] if record.read.promise.finding == promises.SHIFTED else []
    if OPEN_TYPE_SHIFTED in record.read.findings:
        found.append(("open_type", record.read.open_type_raw))
    for name in _LANDING:
        words = texts.parts(record.raw.get(name))
        found += [(name, word) for word in words if texts.fold(word) in _stray_words()]
    return _listed(found)


def open_type_unknown(record: Record) -> str | None:
    if record.read.open_type != "unknown" or OPEN_TYPE_SHIFTED in record.read.findings:
        return None
    return _listed([("open_type", record.read.open_type_raw)]) or ""


def garbled(record: Record) -> str | None:
    shown = (("title", record.read.title), ("office", record.read.office), ("description", record.read.description))
    return _listed((name, found) for name, text in shown if (found := mojibake(text or "")))


def code_in_title(record: Record) -> str | None:
    return markup(record.raw.get("title")) or None


CHECKS: Mapping[str, Check] = {
    "audit.no_contact": no_contact,
    "audit.no_promise": no_promise,
    "audit.no_date": no_date,
    "audit.date_unreadable": date_unreadable,
    "audit.date_future": partial(implausible, later=True),
    "audit.date_ancient": partial(implausible, later=False),
    "audit.shifted_column": shifted_column,
    "audit.open_type_unknown": open_type_unknown,
    "audit.mojibake": garbled,
    "audit.markup": code_in_title,
}
"""Code of each rule to its check; the other rules need more than one dataset."""


def _dates(record: Record) -> Iterator[tuple[str, datetime | None, str | None]]:
    for name in names(Role.CLOCK):
        yield name, getattr(record.read, name), getattr(record.read, f"{name}_raw")


def _listed(pairs: Iterable[tuple[str, str | None]]) -> str | None:
    """`field: value` for each pair with a value; None without any."""
    return "; ".join(f"{name}: {value}" for name, value in pairs if value) or None


@cache
def _stray_words() -> frozenset[str]:
    """Words that mean terms of use or a period, and no theme or industry; words for "other" and "none" fit anywhere."""
    strays = (
        ("open_types", "word", "value", ("unknown",)),
        ("frequency_words", "word", "code", ("OTHER",)),
        ("frequencies", "zh", "code", ("OTHER", "UNKNOWN")),
    )
    own = (("themes", "word"), ("industries", "word"))
    found = {
        texts.fold(row[column])
        for name, column, meaning, vague in strays
        for row in table.rows(name, column, meaning)
        if row[meaning] not in vague
    }
    return frozenset(found) - {texts.fold(row[column]) for name, column in own for row in table.rows(name, column)}
