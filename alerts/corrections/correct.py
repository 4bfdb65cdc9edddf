"""The two corrections a person can make: retract an event, or regrade a run and correct all events it led to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from alerts.corrections.annul import derived_id
from alerts.corrections.derive import Derived, Rules, derive, known_before
from alerts.corrections.event_log import (
    CorrectionReason,
    EventLog,
    ManualCorrection,
    load_event_log,
    restated,
    retraction,
)
from alerts.corrections.file_events import retract_file_event
from alerts.engine.checkpoints import FoldOf, forget_checkpoints
from alerts.engine.fold import Folded
from alerts.engine.repository import RaceLostError, commit, load, put_events
from alerts.engine.runner import PortalRef, parts_of
from alerts.model.events import Event, portal_of
from alerts.model.memory import Memory
from alerts.model.policy import policy
from alerts.records.queries import RETRACTED, find_event, rounds_of
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.regrades import Regrade, graded
from opendata_spiders.store.runs import next_seq
from opendata_spiders.store.store import Store

_FROM_ABOVE = "platform.merged_into"
"""The only kind that depends on another portal's runs."""
_READS = frozenset({Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED})


class CorrectionError(ValueError):
    """Raised for an invalid correction; the message says why in one sentence, and what would be valid."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction has written."""

    events: tuple[Event, ...] = ()
    """Retractions first, then the events that follow now; empty if the same correction was made before."""


def retract(store: Store, place: PortalRef, event_id: str, word: ManualCorrection) -> Correction:
    """Retract an event: append an `event.retracted` and derive the portal's state anew without the event.

    Raises CorrectionError. Repeating changes nothing.
    """
    while True:
        event = _to_retract(store, event_id)
        if event.retracted:
            return Correction()
        take_back = retract_file_event if rounds_of(event) else _retract
        try:
            return Correction(tuple(take_back(store, place, event, word)))
        except RaceLostError:
            continue


def _to_retract(store: Store, name: str) -> Event:
    event = find_event(store, name)
    if event is None:
        raise CorrectionError(f"there is no event {name!r}; `python -m alerts events --json` shows their ids")
    if event.kind == RETRACTED:
        raise CorrectionError(
            "a correction is not taken back itself: if what it withdrew is true, the next runs will state it again"
        )
    return event


def _retract(store: Store, place: PortalRef, event: Event, word: ManualCorrection) -> list[Event]:
    before = load(store, event.part)
    if not before.state.last_seq:
        lonely = retraction(event, word.about(event.run))
        return store.transact(lambda session: put_events(store, (lonely,), session))
    taken = retraction(event, word.about(before.state.last_run))
    event_log = load_event_log(store, event.part).without(event, taken)
    rules, last = _rules(store, place, event_log), before.state.last_seq
    start = known_before(rules, last, event_log)
    derived = derive(start, _folded_runs(store, before, start, {}), rules)
    return _write(store, before, derived, (taken,), last, None)


def _rules(store: Store, place: PortalRef, event_log: EventLog) -> Rules:
    return Rules(store, place, policy(), store.our_failures(), event_log.words())


def _folded_runs(store: Store, before: Memory, start: Derived, instead: dict[str, Regrade]) -> list[Run]:
    """The runs folded so far and after `start`, with their current verdicts.

    `instead` overrides those of the runs it names (by id).
    """
    portal = portal_of(before.state.portal)
    known = {**store.regrades(portal), **instead}
    runs = store.runs(portal, after_seq=start.memory.state.last_seq)
    return [graded(run, known) for run in runs if run.seq <= before.state.last_seq]


def _write(  # noqa: PLR0913, PLR0917 -- what was there, what is to be there, and what goes along
    store: Store, before: Memory, derived: Derived, events: Sequence[Event], since: int, regrade: Regrade | None
) -> list[Event]:
    """Commit memory, events and regrade in one transaction. Raises RaceLostError.

    `since`: number of the first run that is corrected; later checkpoints rest on it, and are made anew by later diffs.
    """
    if derived.shown is None:
        raise CorrectionError("nothing was folded yet: run `python -m alerts diff` first")
    state = replace(derived.memory.state, corrections=before.state.corrections + 1)
    memory = replace(derived.memory, state=state)
    folded = Folded(memory, tuple(events))

    def also(session: ClientSession) -> None:
        forget_checkpoints(store, FoldOf.RUNS, before.state.portal, since, session)
        if regrade is not None:
            store.put_regrade(regrade, session)

    return commit(store, before, folded, derived.shown, also)


def regrade_run(store: Store, place: PortalRef, run: Run, verdict: Verdict, word: ManualCorrection) -> Correction:
    """Give a run another verdict; retract what no longer follows, state what follows now. Repeating changes nothing.

    First of the parts of the portal, each in a transaction of its own, then of itself together with the new verdict.
    Raises CorrectionError for a verdict the run cannot have.
    """
    if verdict in _READS and run.manifest is None:
        raise CorrectionError(f"{run.id} has read no dataset, so it cannot be {verdict}; it may be blocked or failed")
    while True:
        known = store.regrades(run.portal).get(run.id)
        current = known.verdict if known else run.verdict
        if current is verdict:
            return Correction()
        regrade = Regrade(run.id, run.portal, known.n + 1 if known else 1, current, verdict, word.why, word.at)
        try:
            parts = (event for part in parts_of(store, place) for event in _regrade(store, part, run, regrade))
            return Correction((*parts, *_regrade(store, place, run, regrade)))
        except (RaceLostError, DuplicateKeyError):
            continue


def regrade_below(store: Store, places: Iterable[PortalRef], run: Run) -> Correction:
    """After a regrade of `run`: correct the events of other portals that rest on what this run listed.

    One transaction per portal. Repeating completes what a killed process has left undone, and else changes nothing.
    """
    regrade = store.regrades(run.portal).get(run.id)
    if regrade is None:
        return Correction()
    return Correction(tuple(event for place in places for event in _follow(store, place, run, regrade)))


def _regrade(store: Store, place: PortalRef, run: Run, regrade: Regrade) -> list[Event]:
    before = load(store, place.id)
    if not before.state.last_seq:
        if not place.owner:
            store.transact(lambda session: store.put_regrade(regrade, session))
        return []
    event_log = load_event_log(store, place.id)
    rules = _rules(store, place, event_log)
    old, new = _both(before, known_before(rules, run.seq, event_log), regrade, rules)
    why = CorrectionReason("regrade", _sentence(regrade), regrade.at, before.state.last_run)
    gone = [retraction(event, why) for event in _unfounded(old, new, event_log)]
    follows = restated((event for name, event in new.events.items() if name not in old.events), event_log)
    return _write(store, before, new, [*gone, *follows], run.seq, None if place.owner else regrade)


def _follow(store: Store, place: PortalRef, above: Run, regrade: Regrade) -> list[Event]:
    """Correct the `platform.merged_into` events of a portal after a run of the portal above it was regraded."""
    while True:
        before = load(store, place.id)
        if not before.state.last_seq:
            return []
        event_log = load_event_log(store, place.id)
        rules, since = _rules(store, place, event_log), _first_after(store, place, above)
        start = known_before(rules, since, event_log)
        derived = derive(start, _folded_runs(store, before, start, {}), rules)
        why = CorrectionReason("regrade", _sentence(regrade), regrade.at, before.state.last_run)
        standing = [one for one in event_log.events.values() if one.kind == _FROM_ABOVE and not one.retracted]
        still = derived.events.keys() | start.events.keys()
        gone = [retraction(one, why) for one in standing if derived_id(one) not in still]
        follows = restated((one for one in derived.events.values() if one.kind == _FROM_ABOVE), event_log)
        if not gone and not follows:
            return []
        try:
            return _write(store, before, derived, [*gone, *follows], since, None)
        except RaceLostError:
            continue


def _first_after(store: Store, place: PortalRef, above: Run) -> int:
    """Number of the portal's first run that could see what a run of another portal listed."""
    query = {"portal": place.portal, "finished": {"$gte": above.finished}}
    found = store.db["runs"].find_one(query, {"seq": 1}, sort=[("seq", 1)])
    return int(found["seq"]) if found else next_seq(store.db, place.portal)


def _sentence(regrade: Regrade) -> str:
    return f"run {regrade.run} was graded {regrade.verdict} instead of {regrade.was}: {regrade.why}"


def _both(before: Memory, known: Derived, regrade: Regrade, rules: Rules) -> tuple[Derived, Derived]:
    """What the runs after `known` lead to without and with the regrade; those before the regraded one derived once."""
    runs = _folded_runs(rules.store, before, known, {})
    place = next((n for n, run in enumerate(runs) if run.id == regrade.run), len(runs))
    start = derive(known, runs[:place], rules)
    start = replace(start, events={**known.events, **start.events})
    later = _folded_runs(rules.store, before, known, {regrade.run: regrade})[place:]
    return derive(start, runs[place:], rules), derive(start, later, rules)


def _unfounded(old: Derived, new: Derived, event_log: EventLog) -> list[Event]:
    """The valid events that follow with the old verdict but not with the new one, in order of writing.

    Events that do not depend on the run (other rules, other sources) are left alone.
    """
    lost = {name for name in old.events if name not in new.events}
    found = [event for name in lost if (event := event_log.standing(name))]
    return sorted(found, key=lambda event: event.seq)
