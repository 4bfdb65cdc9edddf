"""Each figure as one finished sentence to quote, in both languages: phrases under `figures`."""

from alerts.scoreboard.figure import Figure
from alerts.text.wording import LANGUAGES, load
from opendata_spiders.store.clock import SHANGHAI

_WHOLE_BELOW, _WHOLE_ABOVE = 10, 99
"""Percentages outside these keep one decimal, so that a few cases do not read as none, nor nearly all as all."""


def sentences(figure: Figure) -> dict[str, str]:
    """The sentence by language."""
    return {language: _sentence(figure, language) for language in LANGUAGES}


def _sentence(figure: Figure, language: str) -> str:
    wording, kind = load(language, SHANGHAI), figure.definition.kind
    low, high = (number_told(end, kind) for end in (figure.low, figure.high))
    if not figure.denominator:
        low = high = None
    return wording.plain(
        f"figures/{kind}",
        told=wording.text(f"figures/told/{figure.code}"),
        cases=wording.text(f"figures/cases/{figure.definition.cases}"),
        low=low,
        high=None if high == low else high,
        total=figure.total or None,
        count=figure.numerator,
        known=figure.denominator,
        unknown=figure.unknown or None,
    )


def number_told(value: float | None, kind: str) -> str | int | None:
    """A share as a percentage without its sign; any other number as it is, a whole one without decimals."""
    if value is None:
        return None
    if kind != "share":
        return int(value) if value == int(value) else str(value)
    percent = 100 * value
    whole = _WHOLE_BELOW <= percent <= _WHOLE_ABOVE or percent in (0, 100)
    return f"{percent:.0f}" if whole else f"{percent:.1f}".removesuffix(".0")
