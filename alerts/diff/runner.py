"""The shell around the fold: folds every run that was not folded yet, portal by portal, in commit order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo

from alerts.diff.fold import Folded, fold, summary
from alerts.diff.ledger import RaceLostError, commit, load
from alerts.diff.state import Memory
from alerts.diff.view import SHANGHAI, RunView
from alerts.events import Event
from alerts.policy import Policy
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store

_MOST = 0.5
"""Share of the portals read in one night that were unreachable, above which our own line is to blame."""
_FEWEST = 4
"""Portals read in one night, below which nothing can be said about our own line."""


@dataclass(frozen=True, slots=True)
class Place:
    """A portal to be folded."""

    id: str
    slug: str
    tz: tzinfo = SHANGHAI


@dataclass(frozen=True, slots=True)
class Report:
    """What folding one portal did."""

    place: Place
    runs: int = 0
    events: list[Event] = field(default_factory=list)


def fold_new(store: Store, place: Place, policy: Policy, ours: frozenset[date] = frozenset()) -> Report:
    """Fold every run after the last folded one. Two processes at once do no harm: the slower one starts anew.

    `ours`: nights in which our own line failed.
    """
    runs, events = 0, list[Event]()
    while True:
        memory = load(store, place.id)
        try:
            for folded, stated in _fold_all(store, place, memory, policy, ours):
                memory, runs = folded.memory, runs + 1
                events += stated
        except RaceLostError:
            continue
        return Report(place, runs, events)


def _fold_all(
    store: Store, place: Place, memory: Memory, policy: Policy, ours: frozenset[date]
) -> Iterator[tuple[Folded, list[Event]]]:
    for run in store.runs(place.id, after_seq=memory.state.last_seq):
        view = RunView(run, store, place.tz, uplink_down=run.at.astimezone(place.tz).date() in ours)
        folded = stored(store, fold(memory, view, policy))
        state = folded.memory.state
        shown = summary(state, view.lens, policy)
        yield folded, commit(store, memory.state, state, shown, folded.touched, folded.events)
        memory = folded.memory


def stored(store: Store, folded: Folded) -> Folded:
    """The fold with what is known after a partial run stored as a manifest of its own."""
    if folded.merged is None:
        return folded
    known = store.put_entries(folded.merged.values())
    state = replace(folded.memory.state, known=known)
    return replace(folded, memory=replace(folded.memory, state=state), merged=None)


def nights_of_ours(store: Store) -> frozenset[date]:
    """Nights (Shanghai) in which most portals that were read could not be reached: our own line, not theirs."""
    nights: dict[date, dict[str, bool]] = {}
    for run in store.runs(None):
        night = nights.setdefault(run.at.astimezone(SHANGHAI).date(), {})
        night[run.portal] = night.get(run.portal, True) and run.verdict is Verdict.UNREACHABLE
    return frozenset(night for night, portals in nights.items() if _failed(portals))


def _failed(portals: Mapping[str, bool]) -> bool:
    return len(portals) >= _FEWEST and sum(portals.values()) > _MOST * len(portals)


def last_run(store: Store, name: str) -> Run:
    """The run of that id. Raises LookupError with a sentence if there is none."""
    run = store.run(name)
    if run is None:
        raise LookupError(f"There is no run {name!r}; `python -m alerts runs` lists them")
    return run
