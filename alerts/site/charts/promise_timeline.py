"""Promise against actual: the days on which a dataset was updated, and those by which it should have been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

from markupsafe import Markup

from alerts.text.labels import Both
from opendata_spiders.normalise import Promise
from opendata_spiders.normalise.promises import deadlines

_WIDTH, _HEIGHT, _EDGE, _MIDDLE = 640, 84, 12, 38
_MARK = 5
"""Half the size of a mark, in units of the picture."""


@dataclass(frozen=True, slots=True)
class Period:
    """From one update to the next, or to the end of what is known."""

    updated: datetime
    due: datetime
    late: datetime
    """Until then a late update still keeps the promise."""
    ended: datetime
    """The next update, or the end."""

    @property
    def is_late(self) -> bool:
        return self.ended > self.late


def periods(updates: Sequence[datetime], promise: Promise, end: datetime, tz: tzinfo) -> list[Period]:
    """The periods between updates (ascending) up to `end`; none where the promise sets no date."""
    found = []
    for updated, ended in pairwise([*updates, max(end, *updates)] if updates else []):
        limits = deadlines(promise, updated, tz)
        if limits is None:
            return []
        found.append(Period(updated, limits[0], limits[1], ended))
    return found


def promise_timeline(found: Sequence[Period], title: Both) -> Both:
    """The picture in each language: a disc for an update, a triangle for a due day, a bar for a delay."""
    drawn = _drawn(found)
    return Both(*(_framed(drawn, text) for text in (title.zh, title.en)))


def _framed(drawn: Markup, title: str) -> Markup:
    return Markup(
        '<svg class="timeline" role="img" viewBox="0 0 {} {}"><title>{}</title>{}</svg>'
    ).format(_WIDTH, _HEIGHT, title, drawn)  # fmt: skip


def _drawn(found: Sequence[Period]) -> Markup:
    start = found[0].updated
    end = max(found[-1].ended, min(found[-1].due, found[-1].ended + (found[-1].due - found[-1].updated)))
    span = max(end - start, timedelta(days=1))

    def x(moment: datetime) -> float:
        return round(_EDGE + (_WIDTH - 2 * _EDGE) * min((moment - start) / span, 1), 1)

    parts = [f'<line class="axis" x1="{_EDGE}" x2="{_WIDTH - _EDGE}" y1="{_MIDDLE}" y2="{_MIDDLE}"/>']
    for year in range(start.year + 1, end.year + 1):
        at = x(start.replace(year=year, month=1, day=1))
        parts.append(f'<line class="tick" x1="{at}" x2="{at}" y1="{_MIDDLE + 8}" y2="{_MIDDLE + 22}"/>')
        parts.append(f'<text class="tick" x="{at}" y="{_HEIGHT - 6}" text-anchor="middle">{year}</text>')
    for one in found:
        if one.ended > one.due:
            height = 8 if one.is_late else 3
            parts.append(
                f'<rect class="{"late" if one.is_late else "grace"}" x="{x(one.due)}" y="{_MIDDLE - height / 2}" '
                f'width="{round(x(one.ended) - x(one.due), 1)}" height="{height}"/>'
            )
    for one in found:
        due, updated = x(one.due), x(one.updated)
        if one.due <= end:
            top = _MIDDLE - 18
            parts.append(f'<path class="due" d="M{due - _MARK} {top}h{2 * _MARK}l{-_MARK} {2 * _MARK}z"/>')
        parts.append(f'<circle class="update" cx="{updated}" cy="{_MIDDLE}" r="{_MARK}"/>')
    return Markup("").join(Markup(part) for part in parts)  # noqa: S704 -- numbers and words of this module alone
