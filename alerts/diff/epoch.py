"""A portal read under another family, address or id rule: the same datasets are found again, nothing is new or gone."""

from dataclasses import dataclass

from alerts.diff.drafts import Draft, label
from alerts.diff.match import Named, Twin, find_twins
from alerts.diff.state import PortalState
from alerts.diff.view import Entries, RunView
from alerts.policy import Policy


@dataclass(frozen=True, slots=True)
class Moved:
    """How the datasets of two epochs match."""

    by_id: int
    twins: list[Twin]
    old_only: list[str]
    new_only: list[str]


def address(view: RunView) -> str:
    """Family and base URL, as people would tell two epochs apart."""
    return f"{view.run.family} {view.run.base_url}".strip()


def tell_moved(state: PortalState, view: RunView, policy: Policy) -> list[Draft]:
    """One event with counts, in place of thousands of removals and arrivals."""
    if state.known is None:
        return []
    moved = _match(view.reader.entries(state.known), view.reader.entries(view.run.manifest or ""), view, policy)
    evidence = {
        "by_id": moved.by_id,
        "by_key": len(moved.twins),
        "old_only": len(moved.old_only),
        "new_only": len(moved.new_only),
        "before": {"epoch": state.epoch, "address": state.address},
        "after": {"epoch": view.run.epoch, "address": address(view)},
        "runs": [state.last_run, view.run.id],
    }
    return [Draft("platform.moved", since=view.run.at, evidence=evidence)]


def _match(before: Entries, after: Entries, view: RunView, policy: Policy) -> Moved:
    same = before.keys() & after.keys()
    old = {name: entry for name, entry in before.items() if name not in same}
    new = {name: entry for name, entry in after.items() if name not in same}
    twins = find_twins(_named(old, view), _named(new, view), policy.rekey_score)
    found = {name for twin in twins for name in (twin.old, twin.new)}
    return Moved(len(same), twins, sorted(old.keys() - found), sorted(new.keys() - found))


def _named(entries: Entries, view: RunView) -> list[Named]:
    versions = view.reader.versions({entry.version for entry in entries.values()})
    return [
        Named(name, label(versions.get(entry.version), "title"), label(versions.get(entry.version), "office"))
        for name, entry in sorted(entries.items())
    ]
