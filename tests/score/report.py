"""The table of the score, and whether its goals are met."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from alerts.model.kinds import kinds
from tests.score.judge import Score, Tally
from tests.score.play import Outcome

STRICT = ("dataset.removed", "city.stopped", "bulk.deletion")
"""Never once wrong, never once late or missed."""
PRECISION, RECALL, PROBABLE = 0.99, 0.98, 0.9
CASES = 30

NOT_PLAYED = frozenset(
    {
        "platform.undated",
        "platform.fields_lost",
        "platform.terms_changed",
        "dataset.possibly_gone",
        "dataset.listed_again",
        "dataset.to_authorised_operation",
    }
)
"""Kinds that no world has cases of: they rest on what is read off a page, which only the tests of whole crawls play, on
what somebody watches, and nobody watches a world's datasets, or on the national register, which worlds do without."""


def stated_kinds() -> list[str]:
    """Every kind that is stated and played, in the order of the table of kinds."""
    return [name for name, kind in kinds().items() if kind.is_stated and name not in NOT_PLAYED]


def shortcomings(outcome: Outcome, *, enough: int = CASES) -> list[str]:
    """Every goal that is missed, in one sentence each; `enough` true cases are needed of each kind."""
    missed = [f"{slug}: the stored runs lead to other events than were stated" for slug in outcome.unequal]
    for kind in stated_kinds():
        tally = outcome.score.kinds.get(kind, Tally())
        if tally.cases < enough:
            missed.append(f"{kind}: {tally.cases} true cases, {enough} are needed")
        missed += [f"{kind}: {line}" for line in (_strict(tally) if kind in STRICT else _usual(tally))]
    return missed


def _strict(tally: Tally) -> list[str]:
    lines = []
    if tally.right < tally.stated:
        lines.append(f"{tally.stated - tally.right} of {tally.stated} statements are false")
    if tally.found - tally.late < tally.cases:
        lines.append(f"{tally.cases - tally.found} of {tally.cases} never stated, {tally.late} late")
    return lines


def _usual(tally: Tally) -> list[str]:
    measures = (
        ("precision", tally.sure_precision, PRECISION),
        ("precision of what is marked probable", tally.probable_precision, PROBABLE),
        ("recall", tally.recall, PROBABLE if tally.stated and tally.probable == tally.stated else RECALL),
    )
    return [
        f"{name} {value:.4f}, {goal} is the goal"
        for name, value, goal in measures
        if value is not None and value < goal
    ]


def table(score: Score, title: str) -> Table:
    """One row a kind: the diff, and beside it the naive comparison where it can say such a thing."""
    shown = Table(title=title, title_justify="left")
    for name in (
        "kind",
        "cases",
        "stated",
        "precision",
        "… probable",
        "recall",
        "late",
        "delay",
        "longest",
        "naive P",
        "naive R",
    ):
        shown.add_column(name, justify="left" if name == "kind" else "right")
    for kind in stated_kinds():
        tally, naive = score.kinds.get(kind, Tally()), score.naive.get(kind)
        shown.add_row(kind, *_cells(tally), *_naive(naive if naive and naive.stated else None))
    return shown


def _cells(tally: Tally) -> list[str]:
    return [
        f"{tally.cases:,}",
        f"{tally.stated:,}",
        _share(tally.sure_precision),
        _share(tally.probable_precision),
        _share(tally.recall),
        str(tally.late),
        _number(tally.median_delay),
        _number(max(tally.delays, default=None)),
    ]


def _naive(tally: Tally | None) -> tuple[str, str]:
    return (_share(tally.precision), _share(tally.recall)) if tally else ("–", "–")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)


def as_json(outcome: Outcome, missed: list[str]) -> Mapping[str, object]:
    """The same for programs."""
    return {
        "kinds": {kind: _plain(outcome.score.kinds.get(kind, Tally())) for kind in stated_kinds()},
        "naive": {kind: _plain(tally) for kind, tally in outcome.score.naive.items() if tally.stated},
        "nights": dict(outcome.nights),
        "events": outcome.events,
        "false": outcome.score.false,
        "missed": outcome.score.missed,
        "goals_missed": missed,
    }


def _plain(tally: Tally) -> Mapping[str, object]:
    return {
        "cases": tally.cases,
        "stated": tally.stated,
        "right": tally.right,
        "probable": tally.probable,
        "found": tally.found,
        "late": tally.late,
        "precision": tally.sure_precision,
        "precision_probable": tally.probable_precision,
        "recall": tally.recall,
        "median_delay": tally.median_delay,
        "longest_delay": max(tally.delays, default=None),
    }


def show(outcome: Outcome, missed: list[str], title: str, *, examples: int) -> None:
    """Print table, nights, and what went wrong."""
    console = Console(width=150)
    console.print(table(outcome.score, title))
    console.print("runs: " + ", ".join(f"{name} {count:,}" for name, count in sorted(outcome.nights.items())))
    for what, notes in (("false", outcome.score.false), ("missed", outcome.score.missed)):
        for kind, lines in sorted(notes.items()):
            for line in lines[:examples]:
                console.print(f"{what} {kind}: {line}", markup=False, highlight=False)
    for line in missed:
        console.print(f"goal missed: {line}", markup=False, highlight=False)
    if not missed:
        console.print("every goal is met")
