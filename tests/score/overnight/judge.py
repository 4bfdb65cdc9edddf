"""Holds what was stated against the replica's truth, and says it in a table."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from opendata_spiders.store.models import Verdict
from tests.replica import Truth, truth
from tests.replica.truth import NOT_JUDGED
from tests.score.overnight.play import Played

STRICT = ("dataset.removed", "bulk.deletion", "city.stopped")
"""Not one of these may be false, missed or late."""
_WORDS = ("complete", "partial", "drifted", "unreachable", "blocked", "empty", "failed")


@dataclass
class Line:
    """One kind of event."""

    cases: int = 0
    """What could be known within the nights."""
    right: int = 0
    late: int = 0
    delays: list[int] = field(default_factory=list)
    """Nights from when it could be known at the earliest to the statement; negative: a partial run told it before."""
    false: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)


@dataclass
class Result:
    """The judgement on all portals."""

    played: Played
    lines: Mapping[str, Line]
    beside: Counter[str]
    """Events of kinds that the replica's truth does not judge."""

    @property
    def faults(self) -> list[str]:
        """Every goal that was missed, in words."""
        found = [f"{kind} stated falsely: {one}" for kind, line in self.lines.items() for one in line.false]
        found += [f"{kind} not told: {one}" for kind, line in self.lines.items() for one in line.missed]
        found += [
            f"{kind}: {self.lines[kind].late} late" for kind in STRICT if kind in self.lines and self.lines[kind].late
        ]
        found += [
            f"{one.slug} night {one.night} ({one.weather}) was to be {' or '.join(one.due)}, is {one.run}"
            for one in self.played.misgraded
        ]
        return found


def judge(played: Played) -> Result:
    """Score every portal against the world's truth."""
    script = played.script
    days = {script.world.moment(night).date(): night for night in range(script.nights)}
    told: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for event in played.events:
        told[event.slug].append((event.kind, event.dataset or "", days[_day(played, event.at)]))
    lines: dict[str, Line] = defaultdict(Line)
    for slug in script.world.portals:
        _add(lines, slug, truth(script.world, slug, range(script.nights)), told[slug])
    beside = Counter(
        event.kind for event in played.events if event.kind in NOT_JUDGED or event.slug not in script.world.portals
    )
    return Result(played, dict(sorted(lines.items())), beside)


def _day(played: Played, at: Any) -> date:
    return at.astimezone(played.script.world.moment(0).tzinfo).date()  # type: ignore[no-any-return]


def _add(lines: dict[str, Line], slug: str, true: Truth, told: list[tuple[str, str, int]]) -> None:
    score = true.score(told)
    for must in true.must:
        if must.kind not in NOT_JUDGED:
            lines[must.kind].cases += 1
    for (kind, _), delay in score.delays.items():
        if kind not in NOT_JUDGED:
            lines[kind].right += 1
            lines[kind].late += delay > 0
            lines[kind].delays.append(delay)
    nights = {(kind, dataset): night for kind, dataset, night in told}
    for kind, dataset in score.false:
        lines[kind].false.append(f"{slug} night {nights[kind, dataset]} {dataset}")
    for must in score.missed:
        if must.kind not in NOT_JUDGED:
            lines[must.kind].missed.append(f"{slug} since night {must.night} {must.dataset}")


def show(result: Result, title: str, console: Console) -> None:
    """Print the tables."""
    console.print(_events_table(result, title))
    console.print(_weather_table(result))
    if result.beside:
        console.print("Not judged: " + ", ".join(f"{kind} {count}" for kind, count in sorted(result.beside.items())))
    for fault in result.faults:
        console.print(f"[red]✗[/] {fault}", soft_wrap=True)


def _events_table(result: Result, title: str) -> Table:
    table = Table(title=title, title_justify="left")
    for heading in ("kind", "cases", "told", "false", "missed", "late", "delay", "longest"):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind, line in result.lines.items():
        delay, longest = (median(line.delays), max(line.delays)) if line.delays else ("–", "–")
        numbers = (line.cases, line.right, len(line.false), len(line.missed), line.late, delay, longest)
        table.add_row(kind, *map(str, numbers))
    return table


def _weather_table(result: Result) -> Table:
    table = Table(title="Readings by what was between us and the portal", title_justify="left")
    for heading in ("weather", "nights", *_WORDS, "not as due"):
        table.add_column(heading, justify="left" if heading == "weather" else "right")
    script, wrong = result.played.script, {(one.slug, one.night) for one in result.played.misgraded}
    by_weather: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for key in result.played.verdicts:
        by_weather[script.weather[key].name if key in script.weather else "clear"].append(key)
    for name, keys in sorted(by_weather.items()):
        verdicts = Counter(Verdict(result.played.verdicts[key]).value for key in keys)
        counts = [str(verdicts[word]) if verdicts[word] else "" for word in _WORDS]
        table.add_row(name, str(len(keys)), *counts, str(sum(key in wrong for key in keys)))
    return table


def as_json(result: Result) -> dict[str, Any]:
    """The judgement as plain data."""
    lines = {
        kind: {"cases": one.cases, "told": one.right, "false": one.false, "missed": one.missed, "late": one.late}
        for kind, one in result.lines.items()
    }
    verdicts = Counter(Verdict(verdict).value for verdict in result.played.verdicts.values())
    return {"kinds": lines, "verdicts": verdicts, "beside": result.beside, "faults": result.faults}
