"""Habits: what was observed of the updates of each dataset, read only of the datasets that are asked for."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

from opendata_spiders.store.manifests import bucket


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


class KeptHabits:
    """The habits of a portal as they were kept after an earlier run; this base class has none."""

    def of(self, datasets: Collection[str]) -> Mapping[str, Habit]:
        """The habits of these datasets by native id, as far as they have any."""
        return {}

    def in_buckets(self, buckets: Iterable[str]) -> Mapping[str, Mapping[str, Habit]]:
        """All habits of these buckets of native ids, by bucket."""
        return {place: {} for place in buckets}

    def every(self) -> Mapping[str, Habit]:
        """All of them."""
        return {}

    def slower_than(self, days: float, least: int) -> Mapping[str, Habit]:
        """At least those with an own gap of more than `days`, taken from at least `least` gaps."""
        return {}


_NONE = KeptHabits()


class Habits(Mapping[str, Habit]):
    """The habits of a portal's datasets by native id: those kept, and what was learnt since. Immutable."""

    def __init__(self, kept: KeptHabits | None = None, learnt: Mapping[str, Habit | None] | None = None) -> None:
        """`learnt`: in place of those kept; None for a dataset that has no habit any more."""
        self.kept = kept or _NONE
        self.learnt = learnt or {}

    def of(self, datasets: Iterable[str]) -> dict[str, Habit]:
        """The habits of these datasets, as far as they have any, read together."""
        names = set(datasets)
        return self._with_learnt(self.kept.of(names - self.learnt.keys()), names & self.learnt.keys())

    def slower_than(self, days: float, least: int) -> dict[str, Habit]:
        """Those with an own gap of more than `days`, taken from at least `least` gaps."""
        every = self._with_learnt(self.kept.slower_than(days, least), self.learnt)
        return {name: one for name, one in every.items() if (one.own_gap(least) or 0) > days}

    def in_buckets(self, buckets: Iterable[str]) -> dict[str, dict[str, Habit]]:
        """All habits of these buckets of native ids, by bucket."""
        held = {place: dict(habits) for place, habits in self.kept.in_buckets(buckets).items()}
        for name, habit in self.learnt.items():
            if (habits := held.get(bucket(name))) is None:
                continue
            if habit is None:
                habits.pop(name, None)
            else:
                habits[name] = habit
        return held

    def changed(self, habits: Mapping[str, Habit | None]) -> "Habits":
        """A copy with these habits, None for a dataset that has none any more; itself where nothing differs."""
        known = self.of(habits)
        other = {name: one for name, one in habits.items() if known.get(name) != one}
        return Habits(self.kept, {**self.learnt, **other}) if other else self

    def __getitem__(self, dataset: str) -> Habit:
        return self.of([dataset])[dataset]

    def __iter__(self) -> Iterator[str]:
        return iter(self._with_learnt(self.kept.every(), self.learnt))

    def __len__(self) -> int:
        return len(self._with_learnt(self.kept.every(), self.learnt))

    def _with_learnt(self, kept: Mapping[str, Habit], names: Iterable[str]) -> dict[str, Habit]:
        found = {name: self.learnt[name] for name in names}
        return {name: one for name, one in {**kept, **found}.items() if one is not None}
