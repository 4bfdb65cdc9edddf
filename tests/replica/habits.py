"""The days on which a dataset's data are updated, counted from the world's first night, negative before it."""

from enum import StrEnum
from random import Random

HORIZON = 1100
"""Last day for which updates are generated: three years of nights."""


class Habit(StrEnum):
    """How a department keeps its promise."""

    PUNCTUAL = "punctual"
    LATE = "late"
    BURSTS = "bursts"
    """Nothing for months, then some days in a row: before an assessment."""
    NEVER = "never"


MIX: tuple[tuple[Habit, int], ...] = (
    (Habit.PUNCTUAL, 45), (Habit.LATE, 25), (Habit.BURSTS, 12), (Habit.NEVER, 18),
)  # fmt: skip


def update_days(habit: Habit, period: int | None, born: int, rng: Random) -> tuple[int, ...]:
    """Return the days of every real update from the day after `born` to the horizon, ascending."""
    if habit is Habit.NEVER:
        return ()
    if habit is Habit.BURSTS:
        return _bursts(born, rng)
    step = max(1, period or 90)
    return _steps(born, step if habit is Habit.PUNCTUAL else step * 2 + 3, rng)


def _steps(born: int, step: int, rng: Random) -> tuple[int, ...]:
    slack = step // 10
    days = range(born + step, HORIZON, step)
    return tuple(day + rng.randint(0, slack) for day in days)


def _bursts(born: int, rng: Random) -> tuple[int, ...]:
    days: list[int] = []
    start = born + rng.randint(20, 150)
    while start < HORIZON:
        days += range(start, start + rng.randint(1, 4))
        start += rng.randint(90, 200)
    return tuple(days)
