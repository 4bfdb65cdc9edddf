"""Calendar quarters, and in which of them a portal was updated."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """One calendar quarter."""

    year: int
    number: int
    """1 to 4."""

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)

    def start(self, tz: tzinfo) -> datetime:
        """The quarter's first moment in that zone."""
        return datetime.combine(self.first, time(), tz)


def quarter_of(day: date) -> Quarter:
    """The quarter a day lies in."""
    return Quarter(day.year, (day.month + 2) // 3)


def last_four(day: date) -> tuple[Quarter, ...]:
    """The four complete quarters before the one the day lies in, oldest first."""
    third = (second := (first := quarter_of(day).before).before).before
    return third.before, third, second, first


def updated(
    quarters: Collection[Quarter], evidence: Collection[Quarter], nights: Mapping[Quarter, int], least: int
) -> dict[Quarter, bool | None]:
    """For each quarter whether there was an update: None where there is no evidence and we did not look.

    `nights` are the nights with a complete reading, `least` how many of them make a quarter observed.
    """
    return {
        quarter: True if quarter in evidence else False if nights.get(quarter, 0) >= least else None
        for quarter in quarters
    }


def every(told: Mapping[Quarter, bool | None]) -> bool | None:
    """Whether all quarters had an update: one that had none decides, else one that is unknown."""
    if False in told.values():
        return False
    return None if None in told.values() else True
