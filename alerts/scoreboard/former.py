"""Formulas that were replaced: a past day is worked out again by the formula that was printed that day.

Whoever raises a version in definitions.csv moves the old formula here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from alerts.scoreboard.definitions import limits
from alerts.scoreboard.figure import Answer, Figure, counted_share
from alerts.scoreboard.gather import Gathered
from alerts.scoreboard.measure import Measured

Formula = Callable[[Gathered], Figure]


def former(code: str, version: int, found: Gathered) -> Figure | None:
    """The figure by a formula that was replaced; None if this version is the present one, or none that is known."""
    formula = FORMER.get((code, version))
    return replace(formula(found), former=version) if formula else None


def _share_of_the_known(code: str, ask: Callable[[Measured], Answer], *, counts_empty: bool = False) -> Formula:
    """Version 1 of shares: of the portals read whose answer is known, as if the others were like them.

    `counts_empty`: the portals found empty count too, as yes.
    """

    def formula(found: Gathered) -> Figure:
        answers = [ask(one) for one in found.portals if not one.is_part]
        answers += [True] * len(found.empty) if counts_empty else []
        figure = counted_share(code, answers.count(True), answers.count(False), 0)
        return replace(figure, unknown=answers.count(None))

    return formula


def _all_labels(one: Measured) -> Answer:
    return None if one.themes_label is None else len(one.themes_label) >= limits().themes


def _all_contents(one: Measured) -> Answer:
    return len(one.themes_content) >= limits().themes


FORMER: Mapping[tuple[str, int], Formula] = {
    ("portals_empty", 1): _share_of_the_known("portals_empty", lambda one: one.seen == 0, counts_empty=True),
    ("portals_all_themes_label", 1): _share_of_the_known("portals_all_themes_label", _all_labels),
    ("portals_all_themes_content", 1): _share_of_the_known("portals_all_themes_content", _all_contents),
}
"""By code and version."""
