"""Dates that move by the same offset on a large part of the catalogue: a shift, and no update of any dataset.

No event reports it; the portal's state records it (`python -m alerts states`). When a portal corrects the time zone of
a server, or begins to print dates in another one, every date moves by the same hours. The update days known so far are
shifted too, or each update would count twice. Not taken for a shift: an offset that updates since the last run explain,
and an offset of whole days whose dates were on fewer than `shift_days` different days.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.comparison.context import RunContext
from alerts.comparison.run_view import Entries
from alerts.model.habits import Habits
from alerts.model.states import QUIET, City, PortalState, Shift
from alerts.rules.dataset_changed import Change
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
    """The datasets of a run whose dates were shifted, and the offsets."""

    moves: Mapping[str, Move] = field(default_factory=dict)
    fresh: tuple[Shift, ...] = ()
    """Offsets that this run is the first to show on enough of the catalogue."""
    pending: tuple[Shift, ...] = ()
    """Offsets seen in this run or before it, on too few datasets to count as a shift."""


def find_shifted(pairs: Pairs, since_trusted: Pairs, rows: int, step: RunContext) -> Shifted:
    """Find offsets shown by at least restamp_share of the `rows` read, and by shift_floor datasets, with their moves.

    `since_trusted` pairs the entries of the last complete run with those of this one, `pairs` those of the last run of
    any verdict. Only moves that no update explains are counted. Where dates are on detail pages, which are read in
    rotation, the counts of earlier nights are added. Once an offset is known, every dataset in `pairs` that moves by it
    is shifted too.
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
    """The moves by offset (seconds), then by native id; a date first read from a detail page is no move."""
    groups: dict[int, dict[str, Move]] = defaultdict(dict)
    for name, (before, after) in pairs.items():
        dates = step.lens.moved(before.clocks, after.clocks) if before.detailed == after.detailed else None
        if dates is not None:
            move = Move(*dates)
            groups[move.seconds][name] = move
    return groups


def _recent(step: RunContext) -> tuple[Shift, ...]:
    """Shifts recent enough to show on datasets whose detail page was not read since."""
    oldest = step.run.at - 2 * normalise.detail_sweep()
    return tuple(one for one in step.state.shifts if one.at > oldest)


def _counted(seconds: int, moves: Mapping[str, Move], rows: int, step: RunContext) -> Shift:
    policy = step.policy
    telling = [move for move in moves.values() if _is_unexplained(move, step)]
    last = step.state.last_complete_at or step.run.at
    before = next((one for one in _recent(step) if one.seconds == seconds), Shift(seconds, last, step.run.at))
    shift = replace(before, at=step.run.at, count=before.count + len(telling), rows=before.rows + rows)
    enough = shift.count >= max(policy.shift_floor, policy.restamp_share * shift.rows)
    # From one single day to another it is a bulk change of dates, or an update of all datasets at once.
    spread = len({step.lens.day(move.before) for move in telling}) >= policy.shift_days
    return replace(shift, stated=enough and (bool(seconds % _DAY) or spread))


def _is_unexplained(move: Move, step: RunContext) -> bool:
    """Whether no update since the last run explains the move: a second such step would still end before that run.

    Dates of real updates move on by whole days every day, week or month, and may lag by `shift_lag_days` more.
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
    """Whether the move ends after the last complete run: a daily feed is also updated in the night of a shift."""
    seen = step.state.last_complete_at
    return seen is not None and move.after > seen and move.seconds > 0


def without_shifted(changes: Iterable[Change], shifted: Shifted) -> list[Change]:
    """The changes without the date advances that are part of a shift."""
    left = (replace(one, advanced=False) if one.dataset in shifted.moves else one for one in changes)
    return [one for one in left if one.fields or one.measures or one.advanced]


def with_shifted(shifted: Shifted, listed: Entries, step: RunContext) -> PortalState:
    """The state with the shifts recorded, and with all days derived from dates shifted."""
    state, seen = step.state, {one.seconds for one in (*shifted.fresh, *shifted.pending)}
    kept = [one for one in _recent(step) if one.stated and one.seconds not in seen]
    state = replace(state, shifts=(*kept, *shifted.fresh, *shifted.pending))
    if not shifted.moves:
        return state
    days = _days(shifted, step)
    return replace(
        state,
        restamps=_with_shifted_days(state.restamps, days),
        ahead=_with_shifted_days(state.ahead, days),
        city=_city(state.city, shifted, listed, step),
    )


def _days(shifted: Shifted, step: RunContext) -> dict[str, set[str]]:
    """Days (ISO) before the shift, each with the days after: an offset of hours moves only a part of a day's dates."""
    days: dict[str, set[str]] = defaultdict(set)
    for move in shifted.moves.values():
        days[_day(move.before, step)].add(_day(move.after, step))
    return days


def _day(moment: datetime, step: RunContext) -> str:
    return step.lens.day(moment).isoformat()


def _with_shifted_days(known: tuple[str, ...], days: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The known days, each followed by its shifted days; the old day stays, because some dates may not have moved."""
    return tuple(dict.fromkeys(one for day in known for one in (day, *sorted(days.get(day, ())))))


def _city(city: City, shifted: Shifted, listed: Entries, step: RunContext) -> City:
    """The city with its evidence at the shifted date, or at the latest shifted date of any dataset.

    Otherwise a shifted date would count as newer evidence.
    """
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
    """The habits with the update days of each shifted dataset shifted."""
    moved = {}
    for name, habit in habits.of(shifted.moves).items():
        old, new = (_day(at, step) for at in (shifted.moves[name].before, shifted.moves[name].after))
        moved[name] = replace(habit, days=tuple(sorted({new if day == old else day for day in habit.days})))
    return habits.changed(moved)
