"""A portal read under another family, address or id rule: the same datasets are found again, nothing is new or gone."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft, label
from alerts.comparison.run_view import Entries
from alerts.model.states import DatasetState
from alerts.rules.rekey_matching import TitledDataset, Twin, find_twins
from opendata_spiders.store.models import Entry, Run, Version


@dataclass(frozen=True, slots=True)
class Moved:
    """How the datasets of two epochs match."""

    by_id: int
    twins: list[Twin]
    old_only: list[str]
    new_only: list[str]


def address(run: Run) -> str:
    """Family and base URL, as people would tell two epochs apart."""
    return f"{run.family} {run.base_url}".strip()


def tell_moved(moved: Moved, step: RunContext) -> list[Draft]:
    """One event with counts, in place of thousands of removals and arrivals."""
    state = step.state
    evidence = {
        "by_id": moved.by_id,
        "by_key": len(moved.twins),
        "old_only": len(moved.old_only),
        "new_only": len(moved.new_only),
        "before": {"epoch": state.epoch, "address": state.address},
        "after": {"epoch": step.run.epoch, "address": address(step.run)},
        "runs": step.runs,
    }
    return [Draft("platform.moved", since=step.run.at, evidence=evidence)]


def match_epochs(step: RunContext) -> Moved:
    """Find what is known again in the run's list: by id, else by title, and office where it tells."""
    before, after = (step.view.reader.entries(one) for one in (step.state.known, step.run.manifest))
    same = before.keys() & after.keys()
    old = {name: entry for name, entry in before.items() if name not in same}
    new = {name: entry for name, entry in after.items() if name not in same}
    stayed = {name: after[name] for name in same}
    twins = find_twins(named(old, step), named(new, step), step.policy, lambda: named(stayed, step))
    found = {name for twin in twins for name in (twin.old, twin.new)}
    return Moved(len(same), twins, sorted(old.keys() - found), sorted(new.keys() - found))


def named(entries: Entries, step: RunContext) -> list[TitledDataset]:
    """The entries as they are matched, by native id."""
    versions = step.view.reader.versions({entry.version for entry in entries.values()}, evidence=False)
    found = ((name, entry, versions.get(entry.version)) for name, entry in sorted(entries.items()))
    return [
        TitledDataset(name, label(version, "title"), label(version, "office"), _clues(entry, version))
        for name, entry, version in found
    ]


def named_states(states: Iterable[DatasetState], step: RunContext) -> list[TitledDataset]:
    """The same of exceptional datasets."""
    many = sorted(states, key=lambda one: one.dataset)
    versions = step.view.reader.versions({one.entry.version for one in many}, evidence=False)
    return [
        TitledDataset(one.dataset, one.title, one.office, _clues(one.entry, versions.get(one.entry.version)))
        for one in many
    ]


def _clues(entry: Entry, version: Version | None) -> tuple[str, ...]:
    return label(version, "description"), entry.clocks.get("published", ""), entry.clocks.get("updated", "")
