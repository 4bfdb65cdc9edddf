"""The fold: what was believed and one more run make what is believed now, and what is to be said about it.

Pure: the same state and run always give the same events, and a run that was folded before changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from alerts.diff.absorbed import tell_absorbed
from alerts.diff.arrivals import tell_appeared, tell_back, tell_newcomer
from alerts.diff.bulk import Told, tell_missing
from alerts.diff.changes import Change, Mass, change_drafts, find_changes, mass_fields, since_trusted
from alerts.diff.city import (
    QUIET,
    Signs,
    days_silent,
    first_city,
    resumption,
    signs_of,
    signs_seen,
    silence,
    stop_confidence,
    telling,
    towards_resumption,
    with_signs,
)
from alerts.diff.coverage import baseline, covered
from alerts.diff.delta import WAITING, Delta, delta
from alerts.diff.dormant import dormant_drafts
from alerts.diff.drafts import Draft, state_events
from alerts.diff.epoch import address, match_epochs, named, tell_moved
from alerts.diff.habits import Learnt, fake_drafts, learn
from alerts.diff.incident import doubted, over, shrunk, waiting
from alerts.diff.left import come_after, forgotten, left_behind
from alerts.diff.match import find_twins
from alerts.diff.promise import promise_counts, promise_drafts
from alerts.diff.reach import reach, verdict_streaks
from alerts.diff.regroup import tell_regrouped
from alerts.diff.removal import Judged, gap, judge_missing, sightings
from alerts.diff.restamp import days_shared, find_stamps, stamped, with_stamped
from alerts.diff.returns import (
    flapping,
    is_flapping,
    known_before,
    known_to,
    record_of,
    remember_losses,
    remember_returns,
)
from alerts.diff.sizes import size_drafts
from alerts.diff.state import DatasetState, Memory, PortalState, Summary
from alerts.diff.step import Step
from alerts.diff.view import Entries, Lens, RunView
from alerts.events import Event
from alerts.policy import Policy
from opendata_spiders.store.models import Entry, Verdict


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold leads to."""

    memory: Memory
    events: tuple[Event, ...] = ()
    touched: Mapping[str, DatasetState | None] = field(default_factory=dict)
    """Exceptional datasets to be written; None: ordinary again, to be deleted."""
    merged: Entries | None = None
    """After a partial run: what is known now, to be stored as a manifest; its hash then goes into `known`."""


def fold(memory: Memory, view: RunView, policy: Policy) -> Folded:
    """Fold one run into what is believed of its portal. A run not after the last folded one changes nothing."""
    if view.run.seq <= memory.state.last_seq:
        return Folded(memory)
    step = Step(memory, view, view.lens, policy)
    state, drafts = verdict_streaks(step)
    folded, more = _read(step.believing(state))
    drafts = [*drafts, *more]
    state, absorbed = tell_absorbed(folded.memory.state, drafts, step)
    events = state_events([*drafts, *absorbed], view)
    return replace(folded, events=events, memory=replace(folded.memory, state=_seen(state, view)))


def _read(step: Step) -> tuple[Folded, list[Draft]]:
    """What the list itself says, as far as the verdict lets it speak."""
    run, state = step.view.run, step.state
    same_rule = state.known is not None and state.epoch == run.epoch
    if run.verdict is Verdict.EMPTY and same_rule:
        return _nothing_listed(step)
    if run.manifest is None:
        return Folded(step.memory), []
    if run.verdict is Verdict.COMPLETE:
        if state.known is None:
            return _first(step), tell_newcomer(step)
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


def _observed(state: PortalState, step: Step) -> PortalState:
    """One more night with a complete run."""
    last, at = state.last_complete_at, step.run.at
    another = last is None or step.lens.day(last) != step.lens.day(at)
    return replace(state, nights=state.nights + another, first_observed=state.first_observed or at)


def _known_now(state: PortalState, step: Step, listed: Entries, *, carried: bool) -> PortalState:
    """After a complete run the list itself is what is known; what is missing lies in its own states.

    Entries carried over from an earlier run were read by that run's extractor, so both limit what may be compared.
    """
    run = step.run
    names = tuple(name for name in run.fields if name in state.read_fields) if carried else run.fields
    return replace(
        state,
        epoch=run.epoch,
        address=address(run),
        known=run.manifest,
        trusted=run.manifest,
        size=len(listed),
        read_fields=names,
        gap=gap(run),
        declared=run.declared,
        last_complete=run.id,
        last_complete_at=run.at,
        counts=promise_counts(listed, step),
        extractor=run.extractor_version,
    )


def _first(step: Step) -> Folded:
    """The first complete run: states from the portal's own dates, no events."""
    listed = _listed(step)
    city = first_city(signs_of(listed, step, ()), step)
    state = replace(_observed(step.state, step), city=city, settled=_is_settled(step))
    state = replace(state, coverage=baseline(step), ahead=_ahead(listed.values(), step))
    return Folded(Memory(_known_now(state, step, listed, carried=False), step.memory.datasets))


def _listed(step: Step) -> Entries:
    return step.view.reader.entries(step.run.manifest)


def _is_settled(step: Step) -> bool:
    """Whether the dates are all there: where they live in details, once nearly every detail has been read."""
    run = step.run
    return not run.dates_in_details or run.detailed >= step.policy.detail_coverage * run.seen


def _moved(step: Step) -> tuple[Folded, list[Draft]]:
    """A new epoch: one event; what is not found again is left behind, what was told as gone is told of no new id."""
    moved = match_epochs(step)
    listed = _listed(step)
    state = _known_now(_observed(step.state, step), step, listed, carried=False)
    state = with_stamped(over(state), days_shared(listed.values(), len(listed), step))
    state = replace(state, coverage=baseline(step))
    return _with(step, state, left_behind(moved, step)), tell_moved(moved, step)


def _nothing_listed(step: Step) -> tuple[Folded, list[Draft]]:
    """A catalogue that came back empty."""
    known = known_before(step)
    state, drafts = shrunk(known, 0, known, step.state, step)
    return Folded(replace(step.memory, state=state)), drafts


def _sighted(step: Step) -> Folded:
    """An untrusted run says nothing, but what it lists is not missing."""
    seen = sightings(step.memory.datasets, _listed(step), WAITING)
    if not seen:
        return Folded(step.memory)
    entries = {**step.view.reader.entries(step.state.known), **{name: one.entry for name, one in seen.items()}}
    return _with(step, _found(len(seen), step.state), dict.fromkeys(seen), merged=entries)


def _found(count: int, state: PortalState) -> PortalState:
    """Seen after all: the rows that the last complete run may have missed were theirs, and hide nobody else now."""
    return replace(state, gap=max(0, state.gap - count))


def _with(
    step: Step, state: PortalState, touched: Mapping[str, DatasetState | None], merged: Entries | None = None
) -> Folded:
    kept = {name: one for name, one in {**step.memory.datasets, **touched}.items() if one is not None}
    return Folded(Memory(state, kept, step.memory.habits), touched=touched, merged=merged)


def _taught(folded: Folded, learnt: Learnt, step: Step) -> Folded:
    """With what the run taught of single datasets."""
    if learnt.habits == step.memory.habits:
        return folded
    state = replace(folded.memory.state, learnt=step.run.id)
    return replace(folded, memory=replace(folded.memory, state=state, habits=learnt.habits))


def _partial(step: Step) -> tuple[Folded, list[Draft]]:
    """A partial run adds and changes; it never removes, stops or lets go stale."""
    found = come_after(replace(delta(step.memory, step.view), vanished={}, missing={}), step)
    step = step.believing(remember_returns(found, step))
    known = step.view.reader.entries(step.state.known)
    held = _perhaps_known(found, known, step)
    found = replace(found, appeared={name: one for name, one in found.appeared.items() if name not in held})
    shown = shown_by(step, found, {})
    learnt = learn(shown.changes, shown.mass, step)
    fakes = fake_drafts(learnt, step)
    step = step.believing(shown.state)
    # The newest date of a part is no date of the whole: a stamp on the catalogue may show on a few rows only.
    state, resumed = _lively(step, replace(shown.signs, claimed=None, printed=()))
    entries = {**known, **{name: one for name, one in found.listed.items() if name not in held}}
    names = tuple(name for name in step.run.fields if name in state.read_fields)
    state = _found(len(found.returned), replace(state, read_fields=names, size=len(entries)))
    touched: dict[str, DatasetState | None] = dict.fromkeys((*found.returned, *found.left, *found.back))
    folded = _with(step, state, touched, merged=entries)
    return _taught(folded, learnt, step), [*shown.drafts, *fakes, *resumed]


def _perhaps_known(found: Delta, known: Entries, step: Step) -> frozenset[str]:
    """First sightings that look like datasets this part of the list does not show: a complete run decides."""
    if not found.appeared:
        return frozenset()
    unseen = {name: one for name, one in known.items() if name not in found.listed}
    waiting_ = {name: one.entry for name, one in step.memory.datasets.items() if one.status in WAITING}
    twins = find_twins(named(unseen | waiting_, step), named(found.appeared, step), step.policy.rekey_score)
    return frozenset(twin.new for twin in twins)


def _ahead(entries: Iterable[Entry], step: Step) -> tuple[str, ...]:
    """Days printed before they came, the older ones kept: when they come they are no sign of life."""
    days = {day for entry in entries for day in step.lens.ahead(entry.clocks)}
    return tuple(dict.fromkeys((*step.state.ahead, *sorted(days))))[-step.policy.update_days_kept :]


def _complete(step: Step) -> tuple[Folded, list[Draft]]:
    """A complete run under the same id rule: everything may be said."""
    found = come_after(delta(step.memory, step.view), step)
    step = step.believing(remember_returns(found, step))
    judged = judge_missing(found, step)
    shown = shown_by(step, found, {one.state.dataset: one.state for one in judged})
    judged = [replace(one, state=shown.became.get(one.state.dataset, one.state)) for one in judged]
    told = tell_missing(judged, known_to((one.state for one in judged), step), step)
    learnt = learn(shown.changes, shown.mass, step)
    late = [*promise_drafts(found, step), *dormant_drafts(found, learnt.habits, step), *fake_drafts(learnt, step)]
    late = [] if step.reparsed else late
    state, moves = _city(step.believing(_observed(shown.state, step)), shown.signs)
    state, whole = _whole(state, found, judged, told, step)
    state = _known_now(state, step, found.listed, carried=bool(told.datasets))
    settled = dict.fromkeys((*found.returned, *found.left, *found.back, *forgotten(step)))
    folded = _taught(_with(step, state, {**settled, **told.datasets}), learnt, step)
    return folded, [*shown.drafts, *told.drafts, *late, *whole, *moves]


def _whole(
    state: PortalState, found: Delta, judged: list[Judged], told: Told, step: Step
) -> tuple[PortalState, list[Draft]]:
    """What the catalogue as a whole says: half of it missing, a theme empty, several datasets made one."""
    still = {name: one for name, one in step.memory.datasets.items() if name not in found.listed}
    coverage, turned = (baseline(step), []) if step.reparsed else covered(step, {**still, **told.datasets})
    ended = {name for name, one in told.datasets.items() if one.status not in WAITING}
    state = replace(state, missing=sum(one.status in WAITING for one in told.datasets.values()))
    state, swinging = flapping(remember_losses(told.ended, state, step), step)
    known = known_to((one.state for one in judged), step)
    state, incident = shrunk(waiting(judged, ended), doubted(judged), known, state, step)
    regrouped = tell_regrouped(still, told.datasets, step)
    return replace(state, coverage=coverage), [*turned, *swinging, *incident, *regrouped]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run's list shows."""

    state: PortalState
    signs: Signs
    drafts: list[Draft]
    became: Mapping[str, DatasetState]
    """Missing datasets with what they seem to have become."""
    changes: list[Change]
    mass: Mass


def shown_by(step: Step, found: Delta, missing: Mapping[str, DatasetState]) -> Shown:
    """What is listed now and was not, or not so: arrivals, returns, changes, stamps, and the signs of life in them."""
    changes, rows = find_changes(found, step), min(len(found.listed), step.state.size)
    state, stamps = stamped(find_stamps(since_trusted(found, changes, step), step), step)
    state = replace(
        state, ahead=_ahead([*found.appeared.values(), *(pair[1] for pair in found.differing.values())], step)
    )
    arrived = tell_appeared(found, missing, step)
    mass = Mass(frozenset(state.restamps), mass_fields(changes, rows, step.policy))
    printed = signs_of(found.listed, step, (*state.restamps, *state.ahead))
    signs = signs_seen(printed, telling(changes, mass.fields), arrived.certain, step)
    changed = [*change_drafts(changes, step, mass), *size_drafts(changes, step)]
    drafts = [*arrived.drafts, *tell_back(found, step), *changed, *stamps]
    return Shown(state, signs, drafts, arrived.became, changes, mass)


def _city(step: Step, signs: Signs) -> tuple[PortalState, list[Draft]]:
    if not step.state.settled:
        city = first_city(signs, step)
        return replace(step.state, city=city, settled=_is_settled(step)), []
    state, resumed = _lively(step, signs)
    city, moves = silence(step.believing(state))
    return replace(state, city=city), [*resumed, *moves]


def _lively(step: Step, signs: Signs) -> tuple[PortalState, list[Draft]]:
    """Take in what speaks for the city, whatever the verdict."""
    state = replace(step.state, city=with_signs(signs, step))
    state = replace(state, city=towards_resumption(signs, step.believing(state)))
    city, drafts = resumption(signs, step.believing(state))
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
        flapping=record_of(state) if is_flapping(state) else None,
    )
