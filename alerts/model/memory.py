"""What the next fold of a portal needs to know: its state, missing datasets, habits, and the dates of its list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.model.by_dataset import ByDataset, KeptByDataset
from alerts.model.catalogue_dates import CatalogueDates
from alerts.model.habits import Habits
from alerts.model.states import ENDED, WAITING, DatasetState, DatasetStatus, PortalState


class KeptMissing(KeptByDataset[DatasetState]):
    """The missing datasets of a portal as they were kept after an earlier run; this base class has none."""

    def waiting(self) -> Mapping[str, DatasetState]:
        """Those of which nothing is stated yet."""
        return {}

    def ended_since(self, moment: datetime) -> Mapping[str, DatasetState]:
        """At least those that were stated as gone at this time or later."""
        return {}

    def left(self, last_seen_before: datetime | None = None) -> Mapping[str, DatasetState]:
        """At least those that a migration left behind; with `last_seen_before`: and that were last seen before it."""
        return {}


_NONE = KeptMissing()


class MissingDatasets(ByDataset[DatasetState]):
    """The missing datasets of a portal, also those that were stated as gone.

    They are as many as a portal has ever lost, so a fold asks for those that it may judge, and never for all of them.
    """

    kept: KeptMissing

    def __init__(self, kept: KeptMissing | None = None, since: Mapping[str, DatasetState | None] | None = None) -> None:
        super().__init__(kept or _NONE, since)

    def waiting(self) -> dict[str, DatasetState]:
        """Those of which nothing is stated yet."""
        every = self._with_since(self.kept.waiting(), self.since)
        return {name: one for name, one in every.items() if one.status in WAITING}

    def ended_since(self, moment: datetime) -> dict[str, DatasetState]:
        """Those that were stated as gone at this time or later."""
        every = self._with_since(self.kept.ended_since(moment), self.since)
        return {name: one for name, one in every.items() if one.status in ENDED and one.ended and one.ended >= moment}

    def left(self, last_seen_before: datetime | None = None) -> dict[str, DatasetState]:
        """Those that a migration left behind; with `last_seen_before`: and that were last seen before it."""
        every = self._with_since(self.kept.left(last_seen_before), self.since)
        return {
            name: one
            for name, one in every.items()
            if one.status is DatasetStatus.LEFT and (last_seen_before is None or one.last_seen < last_seen_before)
        }


@dataclass(frozen=True, slots=True)
class Memory:
    """One portal: its state, and by native id the states of missing datasets and the habits of listed ones."""

    state: PortalState
    datasets: MissingDatasets = field(default_factory=MissingDatasets)
    habits: Habits = field(default_factory=Habits)
    dates: CatalogueDates = field(default_factory=CatalogueDates)
    """Of the last complete run's list."""
