"""A badge of one city's state as SVG, for other pages; it loads nothing and looks the same in light and dark."""

from collections.abc import Mapping
from datetime import datetime

from alerts.publish.standing import STALE, shown_state
from alerts.records.queries import CityView
from alerts.text.labels import Both, label
from alerts.text.sanitising import clean, columns
from alerts.text.templates import render, when

_STOPPED = ("stopped", "stopped_faking")
_COLOURS: Mapping[str, str] = {
    **dict.fromkeys(("live", "resumed"), "#1f6f43"),
    **dict.fromkeys(("slowed", "stopping", "empty"), "#8a5a00"),
    **dict.fromkeys((*_STOPPED, "down"), "#a3241c"),
}
"""Backgrounds under white text, contrast 5 to 1 or more; grey where nothing is judged."""
_GREY = "#57606a"
_COLUMN, _PADDING = 6.4, 8
"""Width of a column of text and space beside it, in px; the text is fitted to it whatever the font."""


def badge(view: CityView, place: Both, language: str, now: datetime) -> str:
    """The badge of a city in this language (zh or en), `now` the time at which it is made."""
    key = shown_state(view, now)
    name, state = clean(place.of(language), 40), _state(view, key, language)
    left, right = (round(columns(text) * _COLUMN + 2 * _PADDING) for text in (name, state))
    return render(
        "exports/badge.svg.xml.j2",
        place=name,
        state=state,
        left=left,
        right=right,
        padding=_PADDING,
        language=language,
        colour=_COLOURS.get(key, _GREY),
        title=f"{name}{'：' if language == 'zh' else ': '}{state}",
    )


def _state(view: CityView, key: str, language: str) -> str:
    if key == STALE:
        read = when(view.last_complete_at)[:10]
        return f"{label('index.as_of').of(language)} {read}" if read else label("state.none").of(language)
    said = label(f"state.{key}").of(language)
    if key in _STOPPED and view.days_silent is not None:
        return f"{said} {view.days_silent} 天" if language == "zh" else f"{said}, {view.days_silent} days"
    return said
