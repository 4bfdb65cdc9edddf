"""What is kept of single datasets of a portal: read only of those that are asked for, overlaid with what came since.

It lies in one document for each bucket of native ids, so that a fold reads and writes those of a few datasets alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Generic, Self, TypeVar

from opendata_spiders.store.manifests import bucket

V = TypeVar("V")


class KeptByDataset(Generic[V]):
    """The values of a portal's datasets as they were kept after an earlier run; this base class has none."""

    def of(self, datasets: Collection[str]) -> Mapping[str, V]:
        """The values of these datasets by native id, as far as they have any."""
        return {}

    def in_buckets(self, buckets: Iterable[str]) -> Mapping[str, Mapping[str, V]]:
        """All values of these buckets of native ids, by bucket."""
        return {place: {} for place in buckets}

    def every(self) -> Mapping[str, V]:
        """All of them."""
        return {}


class ByDataset(Mapping[str, V]):
    """The values of a portal's datasets by native id: those kept, and what came in place of them since. Immutable."""

    def __init__(self, kept: KeptByDataset[V], since: Mapping[str, V | None] | None = None) -> None:
        """`since`: in place of those kept; None for a dataset that has no value any more."""
        self.kept = kept
        self.since = since or {}

    def of(self, datasets: Iterable[str]) -> dict[str, V]:
        """The values of these datasets, as far as they have any, read together."""
        names = set(datasets)
        return self._with_since(self.kept.of(names - self.since.keys()), names & self.since.keys())

    def in_buckets(self, buckets: Iterable[str]) -> dict[str, dict[str, V]]:
        """All values of these buckets of native ids, by bucket."""
        held = {place: dict(values) for place, values in self.kept.in_buckets(buckets).items()}
        for name, value in self.since.items():
            if (values := held.get(bucket(name))) is None:
                continue
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
        return held

    def changed(self, values: Mapping[str, V | None]) -> Self:
        """A copy with these values, None for a dataset that has none any more; itself where nothing differs."""
        known = self.of(values)
        other = {name: one for name, one in values.items() if known.get(name) != one}
        return type(self)(self.kept, {**self.since, **other}) if other else self

    def changed_since(self, before: Self) -> list[str]:
        """The datasets whose value another copy does not have; all, where that is of other kept values."""
        known = before.since if self.kept is before.kept else {}
        return [name for name, one in self.since.items() if name not in known or known[name] is not one]

    def __getitem__(self, dataset: str) -> V:
        return self.of([dataset])[dataset]

    def __iter__(self) -> Iterator[str]:
        return iter(self._with_since(self.kept.every(), self.since))

    def __len__(self) -> int:
        return len(self._with_since(self.kept.every(), self.since))

    def _with_since(self, kept: Mapping[str, V], names: Iterable[str]) -> dict[str, V]:
        found = {name: self.since[name] for name in names}
        return {name: one for name, one in {**kept, **found}.items() if one is not None}
