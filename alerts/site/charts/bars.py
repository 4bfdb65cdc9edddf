"""Bars and small lines for the side of a number: decoration, hidden from screen readers, the number stands beside."""

from collections.abc import Sequence

from markupsafe import Markup

from alerts.site.charts.svg import element


def bar(share: float | None, tone: str = "accent") -> Markup:
    """A bar of this share (0 to 1); one without a track where it is unknown."""
    if share is None:
        return _bar(element("rect", class_="blank", width=100, height=8))
    return _bar(_track(), element("rect", class_=f"fill-{tone}", width=_percent(share), height=8))


def bounds(low: float | None, high: float | None) -> Markup:
    """A bar that is sure up to `low` and possible up to `high` (0 to 1); all is possible where they are unknown."""
    sure, possible = _percent(low or 0.0), _percent(1.0 if high is None else high)
    maybe = element("rect", class_="fill-maybe", x=sure, width=round(max(possible - sure, 0.0), 1), height=8)
    return _bar(_track(), maybe, element("rect", class_="fill-accent", width=max(sure, 0.5) if sure else 0, height=8))


def _bar(*inside: Markup) -> Markup:
    return element("svg", *inside, class_="bar", viewBox="0 0 100 8", preserveAspectRatio="none", aria_hidden="true")


def _track() -> Markup:
    return element("rect", class_="track", width=100, height=8)


def _percent(share: float) -> float:
    return round(100 * min(max(share, 0.0), 1.0), 1)


def sparkline(points: Sequence[tuple[float, float]], today: tuple[float, float, float] | None) -> Markup:
    """The studies' values (year, value) as a line; today's bounds (year, low, high) as a thick stroke at its end."""
    years: list[float] = [*(year for year, _ in points), *(today[:1] if today else ())]
    top: float = max([*(value for _, value in points), *(today[1:] if today else ())], default=0.0) or 1.0
    if not years:
        return Markup()
    begin, span = min(years), max(max(years) - min(years), 1.0)

    def x(year: float) -> float:
        return round(3.0 + 114.0 * (year - begin) / span, 1)

    def y(value: float) -> float:
        return float(round(29.0 - 26.0 * value / top, 1))

    drawn = [element("path", class_="base", d="M3 30H117")]
    drawn.append(element("polyline", points=" ".join(f"{x(year)},{y(value)}" for year, value in points)))
    drawn += [element("circle", cx=x(year), cy=y(value), r=1.7) for year, value in points]
    if today:
        at, low, high = today
        drawn.append(element("path", class_="today", d=f"M{x(at)} {y(low)}V{min(y(high), y(low) - 2.5)}"))
    return element("svg", *drawn, class_="spark", viewBox="0 0 120 32", aria_hidden="true")
