"""What all rules of one fold share."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.comparison.run_view import Entries, Lens, RunView
from alerts.model.catalogue_dates import mark
from alerts.model.habits import Habits
from alerts.model.memory import Memory
from alerts.model.policy import EventPolicy
from alerts.model.states import PortalState
from opendata_spiders.store.content import batches
from opendata_spiders.store.fields import Role, fields
from opendata_spiders.store.models import Entry, Run, Version

VERSIONS_AT_ONCE = 2_000
"""Versions of datasets that are in memory together."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """One run, the memory before it, and how raw values of both are read."""

    memory: Memory
    view: RunView
    lens: Lens
    policy: EventPolicy

    @property
    def state(self) -> PortalState:
        return self.memory.state

    @property
    def run(self) -> Run:
        return self.view.run

    @property
    def listed(self) -> Entries:
        """All entries that the run lists, loaded on demand."""
        return self.view.reader.entries(self.run.manifest)

    def listed_of(self, names: Collection[str]) -> dict[str, Entry]:
        """The entries of these datasets, as far as the run lists them, read together."""
        found = self.view.reader.marked(self.run.manifest, {mark(name) for name in names}) if names else ()
        wanted = frozenset(names)
        return {entry.id: entry for entry in found if entry.id in wanted}

    def versions_of(self, entries: Iterable[Entry]) -> Iterator[Version]:
        """The versions of these entries, as far as they are stored, of which only some are in memory together."""
        for some in batches(entries, VERSIONS_AT_ONCE):
            versions = self.view.reader.versions({entry.version for entry in some}, evidence=False)
            yield from (versions[entry.version] for entry in some if entry.version in versions)

    @property
    def runs(self) -> list[str]:
        """The two runs that are compared, as evidence."""
        return [self.state.last_run, self.view.run.id]

    @property
    def lately(self) -> tuple[datetime, datetime]:
        """Start and end of the period in which file checks take precedence over what the portal prints."""
        return self.run.at - timedelta(days=self.policy.sampled_days), self.run.at

    @property
    def reparsed(self) -> bool:
        """Whether another version of the family's parser read what is known: differences may then be the parser's."""
        return self.state.extractor not in (None, self.run.extractor_version)

    @property
    def redated(self) -> bool:
        """Whether the run reads dates from other fields than before: differences of dates may then be the parser's."""
        clocks = {name for name, one in fields().items() if one.role is Role.CLOCK}
        return clocks.intersection(self.state.read_fields) != clocks.intersection(self.run.fields)

    def believing(self, state: PortalState) -> "RunContext":
        """A copy with another state of the portal."""
        return replace(self, memory=replace(self.memory, state=state))

    def learning(self, habits: Habits) -> "RunContext":
        """A copy with other habits of the datasets."""
        return replace(self, memory=replace(self.memory, habits=habits))
