"""Habits: what was observed of the updates of each dataset."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from alerts.model.by_dataset import ByDataset, KeptByDataset


@dataclass(frozen=True, slots=True)
class Habit:
    """What was observed of the updates of one listed dataset."""

    days: tuple[str, ...] = ()
    """Latest distinct days (ISO) with an update, oldest first."""
    bare: int = 0
    """How often its date has advanced since its content last changed."""
    bare_since: str = ""
    """The run that showed the first of these advances."""

    @property
    def gaps(self) -> list[int]:
        """Days from each day with an update to the next."""
        dates = [date.fromisoformat(day) for day in self.days]
        return [(later - earlier).days for earlier, later in pairwise(dates)]

    def own_gap(self, least: int) -> float | None:
        """The median gap; None with fewer gaps than `least`."""
        gaps = self.gaps
        return median(gaps) if len(gaps) >= max(1, least) else None


class KeptHabits(KeptByDataset[Habit]):
    """The habits of a portal as they were kept after an earlier run; this base class has none."""

    def slower_than(self, days: float, least: int) -> Mapping[str, Habit]:
        """At least those with an own gap of more than `days`, taken from at least `least` gaps."""
        return {}


_NONE = KeptHabits()


class Habits(ByDataset[Habit]):
    """The habits of a portal's datasets."""

    kept: KeptHabits

    def __init__(self, kept: KeptHabits | None = None, since: Mapping[str, Habit | None] | None = None) -> None:
        super().__init__(kept or _NONE, since)

    def slower_than(self, days: float, least: int) -> dict[str, Habit]:
        """Those with an own gap of more than `days`, taken from at least `least` gaps."""
        every = self._with_since(self.kept.slower_than(days, least), self.since)
        return {name: one for name, one in every.items() if (one.own_gap(least) or 0) > days}
