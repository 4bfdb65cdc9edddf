"""A clock that is set changes nothing of what is told, nor of what was learnt."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.model.memory import Memory
from tests.alerts.engine.test_fold import kept

FIRST = datetime(2025, 12, 20, 18, 30, tzinfo=UTC)
HOURS = [-16, -8, -1, 1, 5.5, 8, 16, 24, -24]


def months(hours: float) -> dict[str, dict[str, str]]:
    """Fourteen datasets, one updated each month, all promised monthly, printed so many hours later."""
    moments = (FIRST - timedelta(days=30 * number) + timedelta(hours=hours) for number in range(14))
    return {f"d{number}": {"updated": f"{at:%Y-%m-%d %H:%M:%S}"} for number, at in enumerate(moments)}


def told(tell: Any, hours: float, nights: int = 260) -> tuple[Any, Memory, list[tuple[int, str, str | None]]]:
    start = {name: {**row, "frequency": "每月"} for name, row in months(0).items()}
    story = tell({"start": start, "nights": [{"times": 5}, {"set": months(hours)}, {"times": nights}]})
    memory, events = story.fold()
    return story, memory, [(story.day(one), one.kind, one.dataset) for one in events]


def _subject(one: tuple[int, str, str | None]) -> tuple[str, str, int]:
    day, kind, name = one
    return kind, name or "", day


@pytest.mark.parametrize("hours", HOURS)
def test_the_same_is_told_as_without_it_give_or_take_a_day(tell: Any, hours: float) -> None:
    _, plain, expected = told(tell, 0)
    _, memory, events = told(tell, hours)
    pairs = list(zip(sorted(expected, key=_subject), sorted(events, key=_subject), strict=True))
    assert [one[1:] for one, _ in pairs] == [other[1:] for _, other in pairs]
    assert all(abs(one[0] - other[0]) <= 1 for one, other in pairs)
    assert len(memory.state.city.days) == len(plain.state.city.days) == 14
    assert memory.state.city.phase is plain.state.city.phase


def test_the_database_keeps_it(tell: Any) -> None:
    story, memory, _ = told(tell, 8, nights=2)
    assert [(one.seconds, one.count, one.stated) for one in memory.state.shifts] == [(28_800, 14, True)]
    assert kept(memory, story) == memory


def test_it_is_forgotten_when_nothing_can_show_it_any_more(tell: Any) -> None:
    assert told(tell, 8, nights=80)[1].state.shifts == ()


def test_habits_of_single_datasets_move_along(tell: Any) -> None:
    story = tell(
        {"start": months(0), "nights": [{"set": {"d3": {"updated": "D-60"}}}, {"set": {"d3": {"updated": "D-20"}}}]}
    )
    days = story.fold()[0].habits["d3"].days
    assert len(days) == 3
    moved = {**months(8), "d3": {"updated": "2025-12-14 08:00:00"}}
    story = tell({"start": months(0), "nights": [*story.told["nights"], {"set": moved}, {}]})
    assert story.fold()[0].habits["d3"].days == days
