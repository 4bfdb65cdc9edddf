"""What the store knows of a portal's datasets from its last trusted reading: values that a new mapping must show."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from opendata_spiders.items import RawValues
from opendata_spiders.normalise import title_key
from opendata_spiders.store.connect import Store
from opendata_spiders.store.counters import week
from opendata_spiders.store.models import Run


@dataclass(frozen=True, slots=True)
class KnownDataset:
    """One dataset as it was last read."""

    id: str
    values: RawValues
    """Raw values by canonical field name; what the portal left empty is left out, as is what was not read."""
    whole: bool = True
    """Whether all that the family reads of a dataset was read: then a field that is left out was empty."""

    @property
    def title(self) -> str:
        return str(self.values.get("title", ""))


@dataclass(frozen=True)
class LastReading:
    """The last trusted reading of a portal."""

    run: Run
    datasets: tuple[KnownDataset, ...]
    by_id: Mapping[str, KnownDataset] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {one.id: one for one in self.datasets})

    @property
    def at(self) -> datetime:
        return self.run.at

    @cached_property
    def by_title(self) -> Mapping[str, tuple[KnownDataset, ...]]:
        """Datasets by the key of their title; several where a title repeats."""
        found: dict[str, tuple[KnownDataset, ...]] = {}
        for one in self.datasets:
            if key := title_key(one.title):
                found[key] = (*found.get(key, ()), one)
        return found


def last_reading(store: Store, portal_id: str) -> LastReading | None:
    """The last trusted reading with the values of every dataset; None where nothing was ever read in full."""
    trusted = store.previous(portal_id)
    if trusted is None:
        return None
    versions = store.versions([entry.version for entry in trusted.entries.values()], evidence=False)
    counters = store.counters(portal_id, week(trusted.run.at))
    datasets = (
        KnownDataset(
            entry.id,
            {**versions[entry.version].content, **entry.clocks, **entry.measures, **counters.get(entry.id, {})},
            whole=entry.detailed or not trusted.run.detailed,
        )
        for entry in trusted.entries.values()
        if entry.version in versions
    )
    return LastReading(trusted.run, tuple(datasets))
