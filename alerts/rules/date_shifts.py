"""Dates that move by one equal offset on a large part of the catalogue: its clock was set, nothing was updated.

No event reports it; the portal's state keeps what was seen (`python -m alerts states`). Portals correct the time zone
of a server, or begin to print dates in another one, and every date moves by the same hours. The days learnt from the
dates before move along, or each update would count twice. Not taken for a shift: an offset that updates since the last
reading explain, and whole days that start from fewer than `shift_days` different days.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.run_view import Entries
from alerts.model.states import QUIET, City, PortalState, Shift
from alerts.rules.dataset_changed import Change
from alerts.rules.fake_updates import Habits
from opendata_spiders import normalise
from opendata_spiders.store.models import Entry

_DAY = 86_400
Pairs = Mapping[str, tuple[Entry, Entry]]


@dataclass(frozen=True, slots=True)
class Move:
    """One dataset's date before and after."""

    before: datetime
    after: datetime

    @property
    def seconds(self) -> int:
        return round((self.after - self.before).total_seconds())


@dataclass(frozen=True, slots=True)
class Shifted:
    """The datasets of a run whose dates moved along with the catalogue's, by native id."""

    moves: Mapping[str, Move] = field(default_factory=dict)
    fresh: tuple[Shift, ...] = ()
    """Offsets that this run is the first to show on enough of the catalogue."""
    pending: tuple[Shift, ...] = ()
    """Offsets seen in this run, or before it, on too few to say so."""


def find_shifted(pairs: Pairs, since_trusted: Pairs, rows: int, step: RunContext) -> Shifted:
    """The moves by an offset that at least restamp_share of the `rows` read shows, and shift_floor of them at least.

    Counted since the last complete run; an offset that was known before is told of the `pairs` of this run alone.
    An offset counts by those moves alone that no update explains. Where dates lie in details that are read in rotation,
    those of earlier nights are counted along; once an offset is known, it holds for whatever shows it later.
    """
    if step.redated:
        return Shifted()
    groups = _groups(since_trusted, step)
    known = {one.seconds for one in _recent(step) if one.stated}
    fresh, pending = [], []
    for seconds in sorted(groups.keys() - known):
        shift = _counted(seconds, groups[seconds], rows, step)
        if shift.stated:
            fresh.append(shift)
        elif shift.count and step.run.dates_in_details:
            pending.append(shift)
    held = known.union(one.seconds for one in fresh)
    moves = {
        name: move
        for seconds in held & groups.keys()
        for name, move in groups[seconds].items()
        if (seconds % _DAY or not _may_be_update(move, step)) and (seconds not in known or name in pairs)
    }
    waiting = {one.seconds: one for one in _recent(step) if not one.stated}
    waiting = {seconds: replace(one, rows=one.rows + rows) for seconds, one in waiting.items()}
    waiting |= {one.seconds: one for one in pending}
    return Shifted(moves, tuple(fresh), tuple(one for seconds, one in waiting.items() if seconds not in held))


def _groups(pairs: Pairs, step: RunContext) -> dict[int, dict[str, Move]]:
    """The moves by their offset in seconds; what a first reading of the detail page brought is none."""
    groups: dict[int, dict[str, Move]] = defaultdict(dict)
    for name, (before, after) in pairs.items():
        dates = step.lens.moved(before.clocks, after.clocks) if before.detailed == after.detailed else None
        if dates is not None:
            move = Move(*dates)
            groups[move.seconds][name] = move
    return groups


def _recent(step: RunContext) -> tuple[Shift, ...]:
    """Shifts that may show on datasets not read since."""
    oldest = step.run.at - 2 * normalise.detail_sweep()
    return tuple(one for one in step.state.shifts if one.at > oldest)


def _counted(seconds: int, moves: Mapping[str, Move], rows: int, step: RunContext) -> Shift:
    policy = step.policy
    telling = [move for move in moves.values() if _is_unexplained(move, step)]
    last = step.state.last_complete_at or step.run.at
    before = next((one for one in _recent(step) if one.seconds == seconds), Shift(seconds, last, step.run.at))
    shift = replace(before, at=step.run.at, count=before.count + len(telling), rows=before.rows + rows)
    enough = shift.count >= max(policy.shift_floor, policy.restamp_share * shift.rows)
    # From one day to another is a stamp, or an update of all at once.
    spread = len({step.lens.day(move.before) for move in telling}) >= policy.shift_days
    return replace(shift, stated=enough and (bool(seconds % _DAY) or spread))


def _is_unexplained(move: Move, step: RunContext) -> bool:
    """Whether no update since the last reading explains it: one more such step would still end before that reading.

    Dates that move on by whole days every day, week or month are honest, and may lag behind by some days more.
    """
    policy = step.policy
    seen = step.state.last_complete_at or step.run.at
    if step.run.dates_in_details:
        seen -= normalise.detail_sweep()
    step_on = timedelta(seconds=abs(move.seconds))
    if move.seconds % _DAY == 0:
        step_on += timedelta(days=policy.shift_lag_days)
    return move.seconds < 0 or move.after + step_on < seen


def _may_be_update(move: Move, step: RunContext) -> bool:
    """Whether a step of whole days ends after the last reading: a daily feed moves on in the night of a shift too."""
    seen = step.state.last_complete_at
    return seen is not None and move.after > seen and move.seconds > 0


def without_shifted(changes: Iterable[Change], shifted: Shifted) -> list[Change]:
    """The changes without the advances of dates that were moved along."""
    left = (replace(one, advanced=False) if one.dataset in shifted.moves else one for one in changes)
    return [one for one in left if one.fields or one.measures or one.advanced]


def with_shifted(shifted: Shifted, listed: Entries, step: RunContext) -> PortalState:
    """The state with all that was learnt from dates moved along with them."""
    state, seen = step.state, {one.seconds for one in (*shifted.fresh, *shifted.pending)}
    kept = [one for one in _recent(step) if one.stated and one.seconds not in seen]
    state = replace(state, shifts=(*kept, *shifted.fresh, *shifted.pending))
    if not shifted.moves:
        return state
    days = _days(shifted, step)
    return replace(
        state,
        restamps=_along(state.restamps, days),
        ahead=_along(state.ahead, days),
        city=_city(state.city, shifted, listed, step),
    )


def _days(shifted: Shifted, step: RunContext) -> dict[str, set[str]]:
    """Days (ISO) before, each with those it became: an offset of hours takes a part of a day to the next one."""
    days: dict[str, set[str]] = defaultdict(set)
    for move in shifted.moves.values():
        days[_day(move.before, step)].add(_day(move.after, step))
    return days


def _day(moment: datetime, step: RunContext) -> str:
    return step.lens.day(moment).isoformat()


def _along(known: tuple[str, ...], days: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Known days, and beside each what it became; the old ones stay, for not every date need have moved."""
    return tuple(dict.fromkeys(one for day in known for one in (day, *sorted(days.get(day, ())))))


def _city(city: City, shifted: Shifted, listed: Entries, step: RunContext) -> City:
    """The same evidence at its new date, and as late as the latest that moved: what moved is no newer evidence."""
    days = _days(shifted, step)
    learnt = {one for day in city.days for one in days.get(day, (day,))}
    city = replace(city, days=tuple(sorted(learnt))[-step.policy.update_days_kept :])
    known = city.evidence
    if known is None:
        return city
    date = known.date
    if known.kind == "claimed":
        if known.dataset in shifted.moves:
            date = shifted.moves[known.dataset].after
        elif known.dataset not in listed and shifted.fresh:
            date += timedelta(seconds=max(shifted.fresh, key=lambda one: one.count).seconds)
    no_sign = {*step.state.restamps, *step.state.ahead}
    moved = [move.after for move in shifted.moves.values() if _day(move.before, step) not in no_sign]
    latest = min(max([date, *moved]), step.run.at)
    evidence = replace(known, date=latest if _day(latest, step) > _day(date, step) else date)
    return replace(city, evidence=evidence, since=evidence.date if city.phase in QUIET else city.since)


def habits_along(habits: Habits, shifted: Shifted, step: RunContext) -> Habits:
    """Each dataset's own days of updates, moved along with its date."""
    moved = dict(habits)
    for name, move in shifted.moves.items():
        if name in habits:
            old, new = _day(move.before, step), _day(move.after, step)
            days = {new if day == old else day for day in habits[name].days}
            moved[name] = replace(habits[name], days=tuple(sorted(days)))
    return moved
