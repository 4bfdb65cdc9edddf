"""Fills the texts people read: data in alerts/text/phrases, two files for each language with the same keys."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from alerts.model.sections import policy
from alerts.text.parts import Part, Tone, Words
from alerts.text.sanitising import clean

LANGUAGES = ("zh", "en")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The loader of libyaml is nine times as fast, where it is installed."""
_FORMATTER = Formatter()
_QUOTED = {"title": ("title_chars", "quote"), "value": ("value_chars", "value_quote")}
"""Format specs for portal text, as in `{old:title}`, `{reason:value}`: limit in digest_policy.csv, quotation marks."""


class WordingError(ValueError):
    """Raised when a text or a value that it needs is missing; the message names the text."""


class Wording:
    """The texts of one language, and its format of numbers, dates and quotations."""

    def __init__(self, language: str, timezone: ZoneInfo, *, whole_dates: bool = False) -> None:
        self.language = language
        self.timezone = timezone
        self._texts = texts(language)
        self._whole_dates = whole_dates
        self._found: dict[str, Any] = {}

    def text(self, key: str) -> Any:
        """The text (or list, or mapping) at a path like `lines/city.stopped`. Raises WordingError if there is none."""
        if key not in self._found:
            found: Any = self._texts
            for step in key.split("/"):
                if not isinstance(found, Mapping) or step not in found:
                    raise WordingError(f"alerts/text/phrases/{self.language}.yaml has no text {key!r}; add it.")
                found = found[step]
            self._found[key] = found
        return self._found[key]

    def has(self, key: str) -> bool:
        section, _, name = key.partition("/")
        return name in self._texts[section]

    def say(self, key: str, /, **values: Any) -> Words:
        """The text at `key` filled with the values, as pieces; of a list of phrasings the first with known values.

        Values: Words (inserted as they are), str (our own text unless the format spec says otherwise), int, float, None
        (unknown). Raises WordingError when no phrasing can be filled.
        """
        phrasing = self._phrasing(self.text(key), values)
        if phrasing is None:
            raise WordingError(
                f"alerts/text/phrases/{self.language}.yaml: {key!r} lacks a phrasing for {sorted(values)}."
            )
        parts: list[Part] = []
        for literal, name, spec in _pieces(phrasing):
            parts += (Part(literal),) if literal else ()
            parts += self._value(values[name], spec or "") if name else ()
        return tuple(parts)

    def fits(self, key: str, /, **values: Any) -> bool:
        """Whether there is a phrasing at `key` (section/name) for which all values are known."""
        return self.has(key) and self._phrasing(self.text(key), values) is not None

    def used(self, key: str, /, **values: Any) -> frozenset[str]:
        """Names of the values that `say` inserts into the text at `key`."""
        return _names(self._phrasing(self.text(key), values) or "")

    @staticmethod
    def _phrasing(found: Any, values: Mapping[str, Any]) -> str | None:
        phrasings = found if isinstance(found, list) else [found]
        fitting = (one for one in phrasings if all(values.get(name) is not None for name in _names(one)))
        return next(fitting, None)

    def plain(self, key: str, /, **values: Any) -> str:
        """Like `say`, as one string: for subjects and lists of our own text."""
        return "".join(part.text for part in self.say(key, **values))

    def join(self, items: list[Words]) -> Words:
        """Several texts as a list within a sentence."""
        separator = Part(self.text("list_separator"))
        joined: list[Part] = []
        for item in items:
            joined += ([separator] if joined else []) + list(item)
        return tuple(joined)

    def places(self, names: Sequence[str], total: int) -> str:
        """The first city names as a list with the number of all (`total`) or of the others."""
        shown, hidden = self.text("list_separator").join(names), total - len(names)
        return str(shown) if hidden <= 0 else f"{shown} {self.plain('more_places', count=self.cut(total, hidden))}"

    def cut(self, total: int, hidden: int) -> int:
        """The number in a shortened list: of all in Chinese («等 8 城»), of the others in English ("and 2 more")."""
        return total if self.language == "zh" else hidden

    def day(self, moment: datetime, now: datetime) -> str:
        """The date in the subscriber's time zone; without the year if it is the current one, unless `whole_dates`."""
        local, today = moment.astimezone(self.timezone), now.astimezone(self.timezone)
        return self._day(local.date(), with_year=self._whole_dates or local.year != today.year)

    def days(self, since: datetime, now: datetime) -> int:
        """Whole days between two times on the subscriber's calendar."""
        return (now.astimezone(self.timezone).date() - since.astimezone(self.timezone).date()).days

    def full_day(self, moment: datetime) -> str:
        return self._day(moment.astimezone(self.timezone).date(), with_year=True)

    def iso_day(self, moment: datetime) -> str:
        """The date (ISO) for file names."""
        return moment.astimezone(self.timezone).date().isoformat()

    def _day(self, day: date, *, with_year: bool) -> str:
        pattern = self.text("date_year" if with_year else "date")
        month = self._texts["months"][day.month - 1] if "months" in self._texts else ""
        return str(pattern.format(y=day.year, m=day.month, d=day.day, month=month))

    def quote(self, text: str, limit: int, marks: str = "quote") -> Words:
        """Portal text in quotation marks."""
        opening, closing = self.text(marks)
        inside = clean(text, limit) or self.text("unnamed")
        return (Part(opening), Part(inside, Tone.QUOTE), Part(closing))

    def office(self, name: str) -> Words:
        """A department without quotation marks; our own text for "not stated" if the portal names none."""
        if not name.strip():
            return (Part(self.text("named/nobody")),)
        return self.quote(name, policy().office_chars)[1:2]

    def aside(self, words: Words) -> Words:
        """The text in parentheses."""
        opening, closing = self.text("parenthesis")
        return (Part(opening), *words, Part(closing))

    def asides(self, *told: Words) -> Words:
        """Several remarks in one pair of parentheses; empty without any."""
        wanted = [words for words in told if words]
        clause = Part(self.text("clause"))
        joined = [part for words in wanted for part in (clause, *words)][1:]
        return self.aside(tuple(joined)) if joined else ()

    def as_of(self, read: datetime | None, now: datetime) -> Words:
        """A remark on the date of the run as of which a number holds; empty if that is today, or without a run."""
        return () if self._is_today(read, now) or read is None else self.say("as_of", date=self.day(read, now))

    def plain_as_of(self, read: datetime | None, now: datetime) -> str:
        """A short form of `as_of` for subjects and lists."""
        return "" if self._is_today(read, now) or read is None else self.plain("as_of_short", date=self.day(read, now))

    def _is_today(self, read: datetime | None, now: datetime) -> bool:
        return read is not None and self.days(read, now) <= 0

    def known(self, vocabulary: str, code: str) -> Words:
        """The text for a code of a vocabulary; the code itself, quoted, if there is none."""
        found = self.text("vocabulary")[vocabulary].get(code)
        return self.quote(code, policy().value_chars, "value_quote") if found is None else (Part(str(found)),)

    def plain_known(self, vocabulary: str, code: str) -> str:
        """Like `known`, as one string."""
        return "".join(part.text for part in self.known(vocabulary, code))

    def _value(self, value: Any, spec: str) -> Words:  # noqa: PLR0911 -- one for each thing a phrasing may ask for
        """A value by its format spec (title, value, percent, list, a vocabulary, words for a number)."""
        if isinstance(value, tuple):
            return value
        if spec in self.text("vocabulary"):
            return self.known(spec, str(value))
        if spec == "names":
            return self._names([str(one) for one in value])
        if spec == "list":
            return self.join([self.known("field", str(one)) for one in value])
        if spec in _QUOTED:
            limit, marks = _QUOTED[spec]
            return self.quote(str(value), getattr(policy(), limit), marks)
        if not isinstance(value, int | float) and (spec in {"count", "percent"} or "|" in spec):
            return self.quote(str(value), policy().value_chars)[1:2]  # not a number: it may be portal text
        return (Part(self.number(value, spec)),)

    def _names(self, names: list[str]) -> Words:
        """The first names, then the number of the others."""
        shown = [self.quote(name, policy().value_chars)[1:2] for name in names[: policy().places_named]]
        rest = f" +{len(names) - len(shown)}" if len(names) > len(shown) else ""
        return (*self.join(shown), Part(rest)) if rest else self.join(shown)

    def number(self, value: Any, spec: str = "") -> str:
        """`{n:day|days}` picks the singular or plural word; Chinese leaves numbers below 10,000 ungrouped."""
        if spec == "percent" and isinstance(value, int | float):
            return f"{value:.0%}"
        if not isinstance(value, int):
            return clean(str(value))
        number = f"{value:,}" if self.language != "zh" or value >= 10_000 else str(value)
        if "|" not in spec:
            return number
        one, many = spec.split("|")
        return f"{number} {one if value == 1 else many}"


@cache
def _pieces(phrasing: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """A parsed phrasing: text, name of the value after it, format spec."""
    return tuple((literal, name, spec) for literal, name, spec, _ in _FORMATTER.parse(phrasing))


@cache
def _names(phrasing: str) -> frozenset[str]:
    return frozenset(name for _, name, _ in _pieces(phrasing) if name)


@cache
def load(language: str, timezone: ZoneInfo, *, whole_dates: bool = False) -> Wording:
    """The texts of `language` (zh or en), with dates in `timezone`, always with the year if `whole_dates`.

    Raises WordingError for a language without texts.
    """
    if language not in LANGUAGES:
        raise WordingError(f"There are no texts in {language!r}; the languages are {', '.join(LANGUAGES)}.")
    return Wording(language, timezone, whole_dates=whole_dates)


@cache
def texts(language: str) -> Mapping[str, Any]:
    """All texts of a language from its files; those of the site are the section `site`."""
    return {**_file(f"{language}.yaml"), "site": _file(f"site.{language}.yaml")}


def _file(name: str) -> Mapping[str, Any]:
    text = files(__package__).joinpath("phrases", name).read_text("utf-8")
    found: Mapping[str, Any] = yaml.load(text, _LOADER)  # noqa: S506 -- either is a safe loader
    return found
