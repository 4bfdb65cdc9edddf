"""The fold of runs: from the memory of a portal and one more run to the new memory and the events.

Pure: the same state and run always give the same events, and a run that was folded before changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from alerts.comparison.context import RunContext
from alerts.comparison.dating import dates_listed
from alerts.comparison.delta import Delta, delta
from alerts.comparison.event_builder import Draft, state_events
from alerts.comparison.run_view import Entries, Lens, RunView
from alerts.engine.imported_history import is_cut_loose, marked, rests_on_import
from alerts.model.catalogue_dates import CatalogueDates
from alerts.model.events import Event
from alerts.model.habits import Habits
from alerts.model.memory import Memory
from alerts.model.policy import EventPolicy
from alerts.model.states import QUIET, WAITING, DatasetState, PortalState, Summary
from alerts.rules.absences import Judged, gap, judge_missing
from alerts.rules.authorised_operation import draft_transfers
from alerts.rules.availability import reach, verdict_streaks
from alerts.rules.city_status import Signs, days_silent, judge_city, signs_of, signs_seen, stop_confidence, take_in
from alerts.rules.coverage import baseline, draft_coverage
from alerts.rules.dataset_changed import Change, draft_changes, find_changes, since_trusted
from alerts.rules.dataset_late import draft_dormant, draft_late, promise_counts
from alerts.rules.dataset_new import draft_new, draft_new_portal, draft_reappeared
from alerts.rules.dataset_rekeyed import draft_bulk_rekeyed
from alerts.rules.dataset_removed import AbsenceResult, draft_missing
from alerts.rules.date_shifts import Shifted, find_shifted, habits_along, with_shifted, without_shifted
from alerts.rules.fake_updates import Learnt, draft_fake_updates, learn
from alerts.rules.office_renamed import draft_renamed_offices, draft_renamed_with_ids, renamed_offices, without_offices
from alerts.rules.platform_incident import doubted, draft_incident, waiting, without_incident
from alerts.rules.platform_merged_into import draft_merged_into
from alerts.rules.platform_moved import (
    address,
    draft_moved,
    expired_losses,
    lost_in_migration,
    match_epochs,
    without_latecomers,
)
from alerts.rules.platform_restamp import draft_restamps, find_stamps, shared_days, with_stamped
from alerts.rules.platform_rewritten import draft_rewritten, find_rewritten, with_rewritten, without_rewritten
from alerts.rules.platform_undated import draft_undated, newly_unreadable
from alerts.rules.possibly_gone import draft_listed_again, with_possibly_gone
from alerts.rules.return_odds import (
    draft_flapping,
    is_flapping,
    known_before,
    known_to,
    record_of,
    remember_losses,
    remember_returns,
)
from alerts.rules.row_counts import draft_printed_rows
from alerts.rules.title_matching import find_twins, named
from opendata_spiders.store.models import Entry, Verdict

_OF_THE_PORTAL = ("platform.", "claim.", "ops.")
"""Kinds, by their beginning, that are never told of a part of a portal."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The result of folding a run."""

    memory: Memory
    events: tuple[Event, ...] = ()
    renewed: Entries | None = None
    """After a run that is not complete: entries that replace those of `known` in a new manifest."""


def fold(memory: Memory, view: RunView, policy: EventPolicy) -> Folded:
    """Fold one run into the memory of its portal. A run not after the last folded one changes nothing."""
    if view.run.seq <= memory.state.last_seq:
        return Folded(memory)
    # An exceptional dataset is in no known manifest, so one that is listed for another is among what differs.
    elsewhere = view.owners.handed_over(memory.state.known) if memory.state.known else ()
    memory = replace(memory, datasets=memory.datasets.changed(dict.fromkeys(elsewhere)))
    step = RunContext(memory, view, view.lens, policy)
    folded, drafts = _part(step) if view.owner else _whole_portal(step)
    memory = replace(folded.memory, state=_seen(folded.memory.state, view))
    return replace(folded, events=marked(state_events(drafts, view), step.state, view.run), memory=memory)


def _whole_portal(step: RunContext) -> tuple[Folded, list[Draft]]:
    """What the portal lists of its own, and how it can be read."""
    state, drafts = verdict_streaks(step)
    folded, more = _read(step.believing(state))
    drafts = [*drafts, *more]
    state, absorbed = draft_merged_into(folded.memory.state, drafts, step)
    return replace(folded, memory=replace(folded.memory, state=state)), [*drafts, *absorbed]


def _part(step: RunContext) -> tuple[Folded, list[Draft]]:
    """What the portal lists of another government: whether and how it can be read is told of the portal itself."""
    folded, drafts = _read(step)
    return folded, [draft for draft in drafts if not draft.kind.startswith(_OF_THE_PORTAL)]


def _read(step: RunContext) -> tuple[Folded, list[Draft]]:
    """The result of the list itself, as far as the verdict allows to judge it."""
    run, state = step.view.run, step.state
    same_rule = state.known is not None and state.epoch == run.epoch and not is_cut_loose(step)
    if run.verdict is Verdict.EMPTY and same_rule:
        return _nothing_listed(step)
    if run.manifest is None:
        return Folded(step.memory), []
    if run.verdict is Verdict.COMPLETE:
        if state.known is None:
            folded, lost = _first(step)
            return folded, [*draft_new_portal(step), *lost]
        return _complete(step) if same_rule else _under_another_rule(step)
    if not same_rule:
        return Folded(step.memory), []
    return _partial(step) if run.verdict is Verdict.PARTIAL else (_sighted(step), [])


def _seen(state: PortalState, view: RunView) -> PortalState:
    run = view.run
    return replace(
        state,
        slug=view.slug,
        last_run=run.id,
        last_seq=run.seq,
        last_at=run.at,
        last_verdict=run.verdict,
        last_reason=run.reason,
        imported=run.imported or state.imported,
        imported_until=run.at if run.imported else state.imported_until,
    )


def _observed(state: PortalState, step: RunContext) -> PortalState:
    """The state with this complete run counted, once per day; nights that others observed count for nothing here."""
    if step.run.imported:
        return state
    last, at = state.last_complete_at, step.run.at
    another = last is None or step.lens.day(last) != step.lens.day(at)
    return replace(state, nights=state.nights + another, first_observed=state.first_observed or at)


def _known_now(state: PortalState, step: RunContext, dates: CatalogueDates, *, carried: bool) -> PortalState:
    """After a complete run its list is what is known; missing datasets have states of their own.

    Entries carried over from an earlier run were read by that run's parser: only fields that both read are comparable.
    """
    run = step.run
    names = tuple(name for name in run.fields if name in state.read_fields) if carried else run.fields
    return replace(
        state,
        epoch=run.epoch,
        address=address(run),
        known=run.manifest,
        trusted=run.manifest,
        size=dates.datasets,
        others=max(0, run.seen - dates.datasets),
        owners={} if step.view.owner else step.view.owners.counted(state.owners, state.trusted),
        read_fields=names,
        gap=gap(run),
        declared=run.declared,
        last_complete=run.id,
        last_complete_at=run.at,
        counts=promise_counts(dates, step),
        extractor=run.extractor_version,
    )


def _first(step: RunContext) -> tuple[Folded, list[Draft]]:
    """The first complete run: states from the portal's own dates; events only for unreadable dates and lost fields."""
    dates = dates_listed(step)
    state, lost = draft_undated(step.listed, dates, step)
    state, _ = judge_city(signs_of(dates, step, ()), step.believing(_observed(state, step)))
    state = replace(state, coverage=baseline(step), ahead=_ahead((one.entry for one in dates.ahead.values()), step))
    return _with(step, _known_now(state, step, dates, carried=False), {}, dates), lost


def _under_another_rule(step: RunContext) -> tuple[Folded, list[Draft]]:
    """The first complete run under another id rule: the portal moved, or somebody else recorded the lists before."""
    return _baseline_anew(step) if step.run.imported or rests_on_import(step.state) else _moved(step)


def _moved(step: RunContext) -> tuple[Folded, list[Draft]]:
    """The first complete run after a migration: one event in place of removed and new datasets."""
    moved, dates, listed = match_epochs(step), dates_listed(step), step.listed
    state, lost = draft_undated(listed, dates, step)
    state = _known_now(_observed(state, step), step, dates, carried=False)
    state = with_stamped(without_incident(state), shared_days(listed.values(), len(listed), step))
    state = replace(state, coverage=baseline(step))
    return _with(step, state, lost_in_migration(moved, step), dates), [*draft_moved(moved, step), *lost]


def _baseline_anew(step: RunContext) -> tuple[Folded, list[Draft]]:
    """The first complete run under another id rule than that of the imported history before it.

    Who recorded a list has changed, not the portal: nothing of the two is compared, and the portal begins anew.
    """
    kept = {name: getattr(step.state, name) for name in _KEPT}
    state = replace(PortalState(step.state.portal, step.state.slug), **kept)
    return _first(replace(step, memory=Memory(state)))


_KEPT = ("last_run", "last_seq", "streaks", "imported", "imported_until", "corrections")
"""Fields of a PortalState that do not rest on what a list shows."""


def _nothing_listed(step: RunContext) -> tuple[Folded, list[Draft]]:
    """An empty catalogue is an incident if datasets were listed before."""
    known = known_before(step)
    state, drafts = draft_incident(known, 0, known, step.state, step)
    return Folded(replace(step.memory, state=state)), drafts


def _sighted(step: RunContext) -> Folded:
    """A run that is neither complete nor partial leads to no events, but datasets it lists are not missing."""
    waiting = step.memory.datasets.waiting().values()
    listed = step.listed_of([name for one in waiting for name in (one.dataset, one.twin) if name])
    seen = {one.dataset: one.entry for one in waiting if one.dataset in listed and (not one.twin or one.twin in listed)}
    if not seen:
        return Folded(step.memory)
    return replace(_with(step, _found(len(seen), step.state), dict.fromkeys(seen)), renewed=seen)


def _found(count: int, state: PortalState) -> PortalState:
    """The state after `count` missing datasets were seen: they account for that many rows of the gap."""
    return replace(state, gap=max(0, state.gap - count))


def _with(
    step: RunContext,
    state: PortalState,
    touched: Mapping[str, DatasetState | None],
    dates: CatalogueDates | None = None,
) -> Folded:
    """The fold with the new state and datasets (None: it has no state any more).

    After a complete run also with the dates of its list.
    """
    datasets = step.memory.datasets.changed(touched)
    return Folded(replace(step.memory, state=state, datasets=datasets, dates=dates or step.memory.dates))


def _taught(folded: Folded, learnt: Learnt, step: RunContext) -> Folded:
    """The fold with the habits after the run."""
    if learnt.habits is step.memory.habits:
        return folded
    state = replace(folded.memory.state, learnt=step.run.id)
    return replace(folded, memory=replace(folded.memory, state=state, habits=learnt.habits))


def _partial(step: RunContext) -> tuple[Folded, list[Draft]]:
    """A partial run can show new and changed datasets, but no removed or late ones and no silence of the city."""
    found = without_latecomers(replace(delta(step), vanished={}, missing={}), step)
    step = step.believing(remember_returns(found, step))
    held = _perhaps_known(found, step).union(found.reused)
    found = _without(held, found)
    shown = shown_by(step, found, {})
    learnt = learn(shown.changes, frozenset(shown.state.restamps), step.learning(shown.habits))
    fakes = draft_fake_updates(learnt, step)
    step = step.believing(shown.state)
    # The newest date of a part is no evidence: a restamp of the catalogue may show on a few rows only.
    city, resumed = take_in(replace(shown.signs, claimed=None, printed=()), step)
    old, read = step.view.reader.changed_entries(step.state.known, step.run.manifest)
    renewed = {name: one for name, one in read.items() if name not in held}
    size = len(step.view.reader.entries(step.state.known)) + sum(name not in old for name in renewed)
    names = tuple(name for name in step.run.fields if name in step.state.read_fields)
    state = _found(len(found.returned), replace(step.state, city=city, read_fields=names, size=size))
    touched: dict[str, DatasetState | None] = dict.fromkeys((*found.returned, *found.left, *found.back))
    folded = replace(_with(step, state, touched), renewed=renewed)
    return _taught(folded, learnt, step), [*shown.drafts, *fakes, *resumed]


def _perhaps_known(found: Delta, step: RunContext) -> frozenset[str]:
    """Ids that may be other ids of datasets which this part of the list does not show.

    Only a complete run can decide that; until then every dataset with the title of one that is not shown waits.
    """
    undone = {name for name, one in found.returned.items() if one.twin and one.twin not in found.listed}
    came = {**found.appeared, **{name: found.listed[name] for name in found.back}}
    if not came:
        return frozenset(undone)
    known, listed = step.view.reader.changed_entries(step.state.known, step.run.manifest)
    unseen = {name: one for name, one in known.items() if name not in listed}
    unseen |= {name: one.entry for name, one in found.waiting.items()}
    old, new = named(unseen, step), named(came, step)
    titles = {one.key for one in old}
    twins = {twin.new for twin in find_twins(old, new, step.policy)}
    return frozenset(undone | twins | {one.dataset for one in new if one.key and one.key in titles})


def _without(held: frozenset[str], found: Delta) -> Delta:
    """The delta as if the run did not list the `held` ids; `listed` itself is unchanged."""
    return replace(
        found,
        appeared={name: one for name, one in found.appeared.items() if name not in held},
        returned={name: one for name, one in found.returned.items() if name not in held},
        back={name: one for name, one in found.back.items() if name not in held},
        differing={name: one for name, one in found.differing.items() if name not in held},
    )


def _ahead(entries: Iterable[Entry], step: RunContext) -> tuple[str, ...]:
    """Days (ISO) printed while in the future, with those known before: they are never evidence of an update."""
    days = {day for entry in entries for day in step.lens.ahead(entry.clocks)}
    return tuple(dict.fromkeys((*step.state.ahead, *sorted(days))))[-step.policy.update_days_kept :]


def _complete(step: RunContext) -> tuple[Folded, list[Draft]]:
    """A complete run under the same id rule: all rules apply."""
    found = without_latecomers(delta(step), step)
    step = step.believing(remember_returns(found, step))
    judged = judge_missing(found, step)
    shown = shown_by(step, found, {one.state.dataset: one.state for one in judged})
    judged = [replace(one, state=shown.became.get(one.state.dataset, one.state)) for one in judged]
    known = known_to((one.state for one in judged), step)
    told = with_possibly_gone(draft_missing(judged, known, step), known, step)
    learnt = learn(shown.changes, frozenset(shown.state.restamps), step.learning(shown.habits))
    late = [*draft_late(found, step), *draft_dormant(found, learnt.habits, step), *draft_fake_updates(learnt, step)]
    late = [] if step.reparsed else late
    state, lost = draft_undated(found.listed, found.dates, step.believing(_observed(shown.state, step)))
    state, moves = judge_city(shown.signs, step.believing(state))
    state, whole = _whole(state, found, judged, told, step)
    state = _known_now(state, step, found.dates, carried=bool(told.datasets))
    settled = dict.fromkeys((*found.returned, *found.left, *found.back, *found.undone, *expired_losses(step)))
    datasets = {**settled, **told.datasets}
    transferred, transfers = draft_transfers(step.memory.datasets.changed(datasets), step)
    folded = _taught(_with(step, state, {**datasets, **transferred}, found.dates), learnt, step)
    return folded, [*shown.drafts, *told.drafts, *transfers, *late, *whole, *lost, *moves]


def _whole(
    state: PortalState, found: Delta, judged: list[Judged], told: AbsenceResult, step: RunContext
) -> tuple[PortalState, list[Draft]]:
    """The rules about the catalogue as a whole: half of it missing, a theme empty, its ids or offices renamed."""
    reread = step.reparsed or step.view.owners.is_reassigned(step.state.coverage.manifest)
    coverage, turned = (baseline(step), []) if reread else draft_coverage(step, {**found.waiting, **told.datasets})
    ended = {name for name, one in told.datasets.items() if one.status not in WAITING}
    state = replace(state, missing=sum(one.status in WAITING for one in told.datasets.values()))
    state, swinging = draft_flapping(remember_losses(told.ended, state, step), step)
    known = known_to((one.state for one in judged), step)
    state, incident = draft_incident(waiting(judged, ended), doubted(judged), known, state, step)
    moved = [one for one in told.datasets.values() if one.twin and one.ended == step.run.at]
    elsewhere = draft_bulk_rekeyed(moved, found.listed, known, step)
    offices = draft_renamed_with_ids(told.datasets, found, step)
    return replace(state, coverage=coverage), [*turned, *swinging, *incident, *elsewhere, *offices]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run's list shows by comparison with the known one."""

    state: PortalState
    signs: Signs
    drafts: list[Draft]
    became: Mapping[str, DatasetState]
    """Missing datasets with their twins filled in, by native id."""
    changes: list[Change]
    habits: Habits


def shown_by(step: RunContext, found: Delta, missing: Mapping[str, DatasetState]) -> Shown:
    """New, returned and changed datasets, restamps, and the signs of updates in them."""
    bulk = _in_bulk(found, step)
    state, stamps = draft_restamps(find_stamps(bulk.since_trusted, step), step.believing(bulk.state))
    state = replace(
        state,
        ahead=_ahead(
            [*found.appeared.values(), *(pair[1] for pair in found.differing.values())], step.believing(state)
        ),
    )
    arrived = draft_new(found, missing, step)
    printed = signs_of(found.dates, step, (*state.restamps, *state.ahead))
    unread = newly_unreadable(found.differing, step)
    signs = signs_seen(printed, bulk.changes, arrived.certain, unread, step.believing(state))
    changed = [*draft_changes(bulk.changes, step, frozenset(state.restamps)), *draft_printed_rows(bulk.changes, step)]
    drafts = [*arrived.drafts, *_back(found, arrived.held, step), *changed, *stamps, *bulk.drafts]
    own = step.memory.habits.changed(dict.fromkeys(found.reused))
    return Shown(state, signs, drafts, arrived.became, bulk.changes, habits_along(own, bulk.shifted, step))


def _back(found: Delta, held: frozenset[str], step: RunContext) -> list[Draft]:
    """Datasets that are listed again: after they were stated as gone, or as possibly gone."""
    return [*draft_reappeared(found, held, step), *draft_listed_again(found, step)]


@dataclass(frozen=True, slots=True)
class _Bulk:
    """A run's changes without those of a large part of the catalogue at once, and the events about these."""

    state: PortalState
    changes: list[Change]
    since_trusted: list[Change]
    """The changes since the last complete run."""
    shifted: Shifted
    drafts: list[Draft]


def _in_bulk(found: Delta, step: RunContext) -> _Bulk:
    before, rows = since_trusted(found, step), _rows_read(found, step)
    shifted = find_shifted(found.differing, before.differing, rows, step)
    state = with_shifted(shifted, found.listed, step)
    changes = find_changes(found, step)
    rewritten = find_rewritten(changes, found.dates.datasets, rows, step)
    state = with_rewritten(rewritten, step.believing(state))
    every = changes if before is found else find_changes(before, step)
    offices = renamed_offices(every, found.listed, step)

    def single(many: list[Change]) -> list[Change]:
        return without_rewritten(without_shifted(without_offices(many, offices), shifted), rewritten)

    own = single(changes)
    since = own if every is changes else single(every)
    renamed = draft_renamed_offices(offices, step) if step.run.verdict is Verdict.COMPLETE else []
    # A renamed office has an event of its own; the edit is remembered for rows that this run missed.
    rewritten = [one for one in rewritten if not (offices and one.field == "office")]
    return _Bulk(state, own, since, shifted, [*renamed, *draft_rewritten(rewritten, rows, step)])


def _rows_read(found: Delta, step: RunContext) -> int:
    """Datasets that this run could show changed: where details are read in rotation, those read tonight."""
    return (step.run.details_read if step.run.dates_in_details else 0) or found.dates.datasets


def summary(state: PortalState, lens: Lens, policy: EventPolicy) -> Summary:
    """The summary of a state that people are shown.

    If the portal is down or empty, that is shown in place of the city's state; if it is blocked or drifted, only while
    the city is not silent.
    """
    seen = reach(state)
    calm = state.city.phase not in QUIET
    hidden = seen in ("down", "empty") or (seen != "ok" and calm)
    streak = {"down": "unreachable"}.get(seen, seen)
    undated = state.undated_at is not None
    return Summary(
        state=seen if hidden else "undated" if undated else state.city.phase,
        since=state.streaks[streak].at if hidden else state.undated_at or state.city.since,
        reach=seen,
        days_silent=None if undated else days_silent(state.city, state.last_complete_at, lens),
        confidence=stop_confidence(state, policy),
        flapping=record_of(state) if is_flapping(state) else None,
    )
