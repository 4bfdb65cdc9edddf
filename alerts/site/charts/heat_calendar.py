"""The updates of a year, one square a day: empty where nothing came, hatched where nobody could look."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from alerts.site.charts.svg import element
from alerts.site.words import say, wording
from alerts.text.labels import Both
from alerts.text.wording import LANGUAGES

_CELL, _GAP, _TOP = 12, 2, 14
_STEPS = (1, 3, 10, 30)
"""Least number of updates for each of the four shades."""
_HALF = 26 * 7
"""Days of one picture: a year takes two, which stand below each other on a phone."""


_HATCH = element(
    "pattern",
    element("path", d="M0 0v4", class_="hatch"),
    id="hatch",
    width=4,
    height=4,
    patternUnits="userSpaceOnUse",
    patternTransform="rotate(45)",
)


@dataclass(frozen=True, slots=True)
class UpdateCalendar:
    """What is known of each day of the year before the last reading."""

    first: date
    last: date
    updates: Mapping[date, int]
    read: AbstractSet[date]
    """Days with a complete run."""
    watched_from: date | None
    """The first day of the watch; days before it show what the portal's own dates tell."""
    stopped: date | None
    """The last day with an update of a city that has stopped since; else None."""

    def kind(self, day: date) -> str:
        """The class of a day: u1 to u4 by updates, none (read, nothing), unread, or before (not watched yet)."""
        count = self.updates.get(day, 0)
        if count:
            return f"u{sum(count >= step for step in _STEPS)}"
        if self.watched_from is None or day < self.watched_from:
            return "before"
        return "none" if day in self.read else "unread"


def heat_calendar(calendar: UpdateCalendar) -> tuple[Both, Both]:
    """The two halves of the year."""
    middle = calendar.last - timedelta(days=_HALF - 1)
    return _half(calendar, calendar.first, middle - timedelta(days=1)), _half(calendar, middle, calendar.last)


def _half(calendar: UpdateCalendar, first: date, last: date) -> Both:
    return Both(*(_drawn(calendar, first, last, language) for language in LANGUAGES))


def _drawn(calendar: UpdateCalendar, first: date, last: date, language: str) -> Markup:
    start, step = first - timedelta(days=first.weekday()), _CELL + _GAP
    words = {kind: say(language, f"calendar.{kind}") for kind in ("none", "unread", "before", "stopped")}
    cells, months = [_HATCH], []
    for day in (first + timedelta(days=number) for number in range((last - first).days + 1)):
        week, weekday = divmod((day - start).days, 7)
        x, y, kind = week * step, _TOP + weekday * step, calendar.kind(day)
        told = words.get(kind) or say(language, "calendar.updates", count=calendar.updates.get(day, 0))
        if day == calendar.stopped:
            told = f"{told}; {words['stopped']}"
            cells.append(element("path", class_="stopmark", d=f"M{x - 1} {y + _CELL + 1}h{_CELL + 2}"))
        title = element("title", f"{day.isoformat()}: {told}")
        cells.append(element("rect", title, class_=kind, x=x, y=y, width=_CELL, height=_CELL, rx=2))
        if day.day == 1:
            months.append(element("text", _month(day, language), x=x, y=9))
    return element(
        "svg",
        *months,
        *cells,
        class_="heat",
        role="img",
        aria_label=say(language, "calendar.title", first=first.isoformat(), last=last.isoformat()),
        viewBox=f"0 0 {((last - start).days // 7 + 1) * step} {_TOP + 7 * step + 1}",
    )


def _month(day: date, language: str) -> str:
    if language == "zh":
        return f"{day.month}月"
    return str(wording(language).text("months")[day.month - 1])[:3]
