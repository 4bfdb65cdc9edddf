"""A badge of one city's state as SVG, for other pages; it loads nothing and looks the same in light and dark."""

from collections.abc import Mapping

from alerts.records.queries import CityView
from alerts.text.labels import Both, label
from alerts.text.sanitising import clean, columns
from alerts.text.statements import wordings
from alerts.text.templates import render, when
from alerts.text.wording import LANGUAGES, Wording

_STOPPED = ("stopped", "stopped_faking")
_COLOURS: Mapping[str, str] = {
    **dict.fromkeys(("live", "resumed"), "#1f6f43"),
    **dict.fromkeys(("slowed", "stopping", "empty", "down"), "#8a5a00"),
    **dict.fromkeys(_STOPPED, "#a3241c"),
}
"""Backgrounds under white text, contrast 5 to 1 or more; grey where nothing is judged."""
_GREY = "#57606a"
_COLUMN, _PADDING = 6.4, 8
"""Width of a column of text and space beside it, in px; the text is fitted to it whatever the font."""


def badge(view: CityView, place: Both, language: str, *, stale: bool = False) -> str:
    """The badge of a city in this language (zh or en).

    `stale`: it was not completely read lately; the badge is grey and has the day of the last complete reading.
    """
    name, state = clean(place.of(language), 40), _state(view, language)
    if stale and (read := when(view.last_complete_at)):
        state = f"{state} · {read[:10]}"
    left, right = (round(columns(text) * _COLUMN + 2 * _PADDING) for text in (name, state))
    return render(
        "exports/badge.svg.xml.j2",
        place=name,
        state=state,
        left=left,
        right=right,
        padding=_PADDING,
        language=language,
        colour=_GREY if stale else _COLOURS.get(view.state, _GREY),
        title=_wording(language).plain("exports/badge", place=name, state=state),
    )


def _state(view: CityView, language: str) -> str:
    said = label(f"state.{view.state}").of(language)
    if view.state in _STOPPED and view.days_silent is not None:
        return _wording(language).plain("exports/silent", state=said, days=view.days_silent)
    return said


def _wording(language: str) -> Wording:
    return wordings()[LANGUAGES.index(language)]
