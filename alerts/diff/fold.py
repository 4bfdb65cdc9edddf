"""The fold: what was believed and one more run make what is believed now, and what is to be said about it.

Pure: the same state and run always give the same events, and a run that was folded before changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts.diff.arrivals import tell_appeared, tell_back
from alerts.diff.bulk import tell_missing
from alerts.diff.changes import Change, change_drafts, find_changes, mass_fields
from alerts.diff.city import (
    QUIET,
    Signs,
    changed_datasets,
    claimed_evidence,
    days_silent,
    first_city,
    resumption,
    silence,
    stop_confidence,
    towards_resumption,
    with_signs,
)
from alerts.diff.delta import WAITING, Delta, delta
from alerts.diff.drafts import Draft, state_events
from alerts.diff.epoch import address, tell_moved
from alerts.diff.promise import promise_counts, promise_drafts
from alerts.diff.reach import reach, verdict_streaks
from alerts.diff.removal import Judged, gap, judge_missing, sightings
from alerts.diff.restamp import find_stamps, stamped
from alerts.diff.state import DatasetState, Memory, PortalState, Summary
from alerts.diff.view import Entries, Lens, RunView
from alerts.events import Event
from alerts.policy import Policy
from opendata_spiders.store.models import Verdict


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold leads to."""

    memory: Memory
    events: tuple[Event, ...] = ()
    touched: Mapping[str, DatasetState | None] = field(default_factory=dict)
    """Exceptional datasets to be written; None: ordinary again, to be deleted."""
    merged: Entries | None = None
    """After a partial run: what is known now, to be stored as a manifest; its hash then goes into `known`."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What the parts of one fold share."""

    memory: Memory
    view: RunView
    lens: Lens
    policy: Policy

    @property
    def state(self) -> PortalState:
        return self.memory.state


def fold(memory: Memory, view: RunView, policy: Policy) -> Folded:
    """Fold one run into what is believed of its portal. A run not after the last folded one changes nothing."""
    if view.run.seq <= memory.state.last_seq:
        return Folded(memory)
    state, drafts = verdict_streaks(memory.state, view, view.lens, policy)
    step = _Step(replace(memory, state=state), view, view.lens, policy)
    folded, more = _read(step)
    events = state_events([*drafts, *more], view)
    return replace(folded, events=events, memory=replace(folded.memory, state=_seen(folded.memory.state, view)))


def _read(step: _Step) -> tuple[Folded, list[Draft]]:
    """What the list itself says, as far as the verdict lets it speak."""
    run, state = step.view.run, step.state
    same_rule = state.known is not None and state.epoch == run.epoch
    if run.manifest is None:
        return Folded(step.memory), []
    if run.verdict is Verdict.COMPLETE:
        if state.known is None:
            return _first(step), []
        return _complete(step) if same_rule else _moved(step)
    if not same_rule:
        return Folded(step.memory), []
    return _partial(step) if run.verdict is Verdict.PARTIAL else (_sighted(step), [])


def _seen(state: PortalState, view: RunView) -> PortalState:
    run = view.run
    return replace(
        state,
        slug=run.slug,
        last_run=run.id,
        last_seq=run.seq,
        last_at=run.at,
        last_verdict=run.verdict,
        last_reason=run.reason,
    )


def _observed(state: PortalState, view: RunView, lens: Lens) -> PortalState:
    """One more night with a complete run."""
    last = state.last_complete_at
    another = last is None or lens.day(last) != lens.day(view.run.at)
    return replace(state, nights=state.nights + another, first_observed=state.first_observed or view.run.at)


def _known_now(state: PortalState, step: _Step, listed: Entries, *, carried: bool) -> PortalState:
    """After a complete run the list itself is what is known; what is missing lies in its own states.

    Entries carried over from an earlier run were read by that run's extractor, so both limit what may be compared.
    """
    run = step.view.run
    names = tuple(name for name in run.fields if name in state.read_fields) if carried else run.fields
    return replace(
        state,
        epoch=run.epoch,
        address=address(step.view),
        known=run.manifest,
        size=len(listed),
        read_fields=names,
        gap=gap(run),
        declared=run.declared,
        last_complete=run.id,
        last_complete_at=run.at,
        counts=promise_counts(listed, step.view, step.lens, step.policy),
    )


def _first(step: _Step) -> Folded:
    """The first complete run: states from the portal's own dates, no events."""
    view = step.view
    listed = view.reader.entries(view.run.manifest or "")
    state = _observed(step.state, view, step.lens)
    signs = Signs(claimed_evidence(listed, view, step.lens, ()), (), ())
    state = replace(state, city=first_city(listed, signs, view, step.lens, step.policy), settled=_is_settled(step))
    return Folded(Memory(_known_now(state, step, listed, carried=False), step.memory.datasets))


def _is_settled(step: _Step) -> bool:
    """Whether the dates are all there: where they live in details, once nearly every detail has been read."""
    run = step.view.run
    return not run.dates_in_details or run.detailed >= step.policy.detail_coverage * run.seen


def _moved(step: _Step) -> tuple[Folded, list[Draft]]:
    """A new epoch: one event; what was missing or told under the old ids stays as it was told, or is dropped."""
    view = step.view
    drafts = tell_moved(step.state, view, step.policy)
    dropped: dict[str, DatasetState | None] = {
        name: None for name, one in step.memory.datasets.items() if one.status in WAITING
    }
    kept = {name: one for name, one in step.memory.datasets.items() if name not in dropped}
    listed = view.reader.entries(view.run.manifest or "")
    state = _known_now(_observed(step.state, view, step.lens), step, listed, carried=False)
    return Folded(Memory(state, kept), touched=dropped), drafts


def _sighted(step: _Step) -> Folded:
    """An untrusted run says nothing, but what it lists is not missing."""
    listed = step.view.reader.entries(step.view.run.manifest or "")
    seen = sightings(step.memory.datasets, listed, WAITING)
    if not seen:
        return Folded(step.memory)
    entries = {**step.view.reader.entries(step.state.known or ""), **{name: one.entry for name, one in seen.items()}}
    return _with(step, step.state, dict.fromkeys(seen), merged=entries)


def _with(
    step: _Step, state: PortalState, touched: Mapping[str, DatasetState | None], merged: Entries | None = None
) -> Folded:
    kept = {name: one for name, one in {**step.memory.datasets, **touched}.items() if one is not None}
    return Folded(Memory(state, kept), touched=touched, merged=merged)


def _partial(step: _Step) -> tuple[Folded, list[Draft]]:
    """A partial run adds and changes; it never removes, stops or lets go stale."""
    found = replace(delta(step.memory, step.view), vanished={}, missing={})
    state, signs, drafts, _ = _shown(step, found, {})
    state = replace(state, city=with_signs(state.city, signs, step.view, step.lens, step.policy))
    state, resumed = _resumed(step, state, signs)
    entries = {**step.view.reader.entries(step.state.known or ""), **found.listed}
    names = tuple(name for name in step.view.run.fields if name in state.read_fields)
    touched: dict[str, DatasetState | None] = dict.fromkeys((*found.returned, *found.back))
    state = replace(state, read_fields=names, size=len(entries))
    return _with(step, state, touched, merged=entries), [*drafts, *resumed]


def _complete(step: _Step) -> tuple[Folded, list[Draft]]:
    """A complete run under the same id rule: everything may be said."""
    found = delta(step.memory, step.view)
    view, lens, policy = step.view, step.lens, step.policy
    judged = judge_missing(found, step.state, view, lens, policy)
    state, signs, drafts, twins = _shown(step, found, {one.state.dataset: one.state for one in judged})
    told = tell_missing(_with_twins(judged, twins), len(found.listed) + len(judged), view, policy)
    late = promise_drafts(found.listed, found.differing, state, view, lens, policy)
    state, moves = _city(step, _observed(state, view, lens), signs, found.listed)
    touched: dict[str, DatasetState | None] = dict.fromkeys((*found.returned, *found.back))
    state = _known_now(state, step, found.listed, carried=bool(told.datasets))
    return _with(step, state, touched | told.datasets), [*drafts, *told.drafts, *late, *moves]


def _with_twins(judged: list[Judged], twins: Mapping[str, DatasetState]) -> list[Judged]:
    return [replace(one, state=twins.get(one.state.dataset, one.state)) for one in judged]


def _shown(
    step: _Step, found: Delta, missing: Mapping[str, DatasetState]
) -> tuple[PortalState, Signs, list[Draft], Mapping[str, DatasetState]]:
    """What is listed now and was not, or not so: arrivals, returns, changes, stamps, and the signs of life in them."""
    view, lens, policy = step.view, step.lens, step.policy
    changes = find_changes(found, step.state, view, lens)
    state, stamps = stamped(step.state, find_stamps(changes, step.state.size, lens, policy), view, policy)
    arrived = tell_appeared(found, missing, step.state, view, lens, policy)
    drafts = [
        *arrived.drafts,
        *tell_back(found, view, lens),
        *change_drafts(changes, step.state, view, lens, frozenset(state.restamps)),
        *stamps,
    ]
    return state, _signs(step, state, found, changes, arrived.certain), drafts, arrived.twins


def _signs(step: _Step, state: PortalState, found: Delta, changes: list[Change], certain: tuple[str, ...]) -> Signs:
    mass = mass_fields(changes, step.state.size, step.policy)
    return Signs(
        claimed_evidence(found.listed, step.view, step.lens, state.restamps), changed_datasets(changes, mass), certain
    )


def _city(step: _Step, state: PortalState, signs: Signs, listed: Entries) -> tuple[PortalState, list[Draft]]:
    view, lens, policy = step.view, step.lens, step.policy
    if not state.settled:
        city = first_city(listed, signs, view, lens, policy)
        return replace(state, city=city, settled=_is_settled(step)), []
    state = replace(state, city=with_signs(state.city, signs, view, lens, policy))
    state, resumed = _resumed(step, state, signs)
    city, moves = silence(state.city, state, view, lens, policy)
    return replace(state, city=city), [*resumed, *moves]


def _resumed(step: _Step, state: PortalState, signs: Signs) -> tuple[PortalState, list[Draft]]:
    city = towards_resumption(state.city, signs, step.view, step.policy, state.size)
    city, drafts = resumption(city, signs, state, step.view, step.lens, step.policy)
    return replace(state, city=city), drafts


def summary(state: PortalState, lens: Lens, policy: Policy) -> Summary:
    """The one word people are shown: a portal that is down or empty hides its city's state, a wall hides only calm."""
    seen = reach(state)
    calm = state.city.phase not in QUIET
    hidden = seen in ("down", "empty") or (seen != "ok" and calm)
    streak = {"down": "unreachable"}.get(seen, seen)
    return Summary(
        state=seen if hidden else state.city.phase,
        since=state.streaks[streak].at if hidden else state.city.since,
        reach=seen,
        days_silent=days_silent(state.city, state.last_complete_at, lens),
        confidence=stop_confidence(state, policy),
    )
