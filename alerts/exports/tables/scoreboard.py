"""The table of the scoreboard: every figure that was kept, one row a day and figure."""

from alerts.exports.source import Rows, Source
from alerts.scoreboard.definitions import definitions
from alerts.scoreboard.history import series

_KEPT = ("value", "numerator", "denominator", "unknown", "low", "high", "confidence", "version")


def rows(source: Source) -> Rows:
    """The daily series, oldest day first."""
    for day in series(source.store):
        for code, figure in day["figures"].items():
            named = definitions().get(code)
            yield {
                "date": day["date"],
                "figure": code,
                "zh": named.zh if named else None,
                "en": named.en if named else None,
                **{name: figure.get(name) for name in _KEPT},
            }
