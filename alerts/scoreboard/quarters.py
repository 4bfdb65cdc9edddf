"""Calendar quarters, and the quarters in which a portal was updated."""

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

    def plus(self, count: int) -> "Quarter":
        """The quarter `count` quarters later."""
        index = 4 * self.year + self.number - 1 + count
        return Quarter(index // 4, index % 4 + 1)

    def start(self, tz: tzinfo) -> datetime:
        """The start of the quarter in this time zone."""
        return datetime.combine(self.first, time(), tz)


def quarter_of(day: date) -> Quarter:
    """The quarter of a day."""
    return Quarter(day.year, (day.month + 2) // 3)


def last_complete(day: date, count: int) -> tuple[Quarter, ...]:
    """The last complete quarters before the quarter of the day, oldest first."""
    return tuple(quarter_of(day).plus(-back) for back in range(count, 0, -1))


@dataclass(frozen=True, slots=True)
class QuarterRecord:
    """The updates of one portal by quarter."""

    updated: Mapping[Quarter, bool | None]
    """Whether there was an update; None if there is no evidence and the quarter was not observed often enough."""
    observed: int
    """Number of quarters observed."""

    @property
    def is_observed(self) -> bool:
        """Whether all quarters were observed; else some answers rest on the portal's own dates."""
        return self.observed == len(self.updated)

    @property
    def every(self) -> bool | None:
        """Whether all quarters had an update: False if one had none, else None if one is unknown."""
        answers = self.updated.values()
        return False if False in answers else None if None in answers else True


def judge_quarters(
    quarters: Collection[Quarter],
    evidence: Collection[Quarter],
    nights: Mapping[Quarter, int],
    least: int,
    quiet: Collection[Quarter] = (),
) -> QuarterRecord:
    """Judge quarters by evidence of updates; a quarter with `least` nights with a complete run counts as observed.

    `quiet`: quarters without an update by the portal's own dates.
    """
    seen = {quarter for quarter in quarters if nights.get(quarter, 0) >= least}
    missed = seen.union(quiet)
    updated = {one: True if one in evidence else False if one in missed else None for one in quarters}
    return QuarterRecord(updated, len(seen))
