"""Fields that a portal ceases to fill, and dates that cannot be read any more.

Reported: `platform.undated` (most update dates cannot be read, from the first complete run on) and
`platform.fields_lost`. The city's silence is not counted while its dates cannot be read. Not reported: a few dates
typed by hand, portals that never print dates, and nights that are graded drifted.
"""

from collections.abc import Mapping
from dataclasses import replace

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import Entries, shared_fields
from alerts.model.states import City, Evidence, PortalState
from opendata_spiders.normalise import UPDATE_CLOCKS
from opendata_spiders.store.fields import Role
from opendata_spiders.store.models import Entry


def tell_unreadable(listed: Entries, step: RunContext) -> tuple[PortalState, list[Draft]]:
    """Remember what a complete run was read without, and state it once."""
    state, run = step.state, step.run
    undated = undated_in(listed, step)
    blind = undated is not None
    since = state.undated_at or state.last_complete_at or run.at
    after = replace(state, lost=run.lost, undated_at=since if blind else None)
    drafts = []
    if undated is not None and state.undated_at is None:
        drafts.append(Draft("platform.undated", since=since, evidence={**undated, "runs": step.runs}))
    fields = [name for name in run.lost if name not in state.lost and not (blind and name in UPDATE_CLOCKS)]
    if fields:
        last = state.last_complete_at
        nights = 0 if last is None else step.lens.days_between(last, run.at)
        evidence = {"fields": fields, "nights": nights, "runs": [state.last_complete, run.id]}
        drafts.append(Draft("platform.fields_lost", since=state.last_complete_at, evidence=evidence))
    return after, drafts


def undated_in(listed: Entries, step: RunContext) -> Mapping[str, object] | None:
    """How many datasets print an update date and how many of these dates cannot be read; None where most can.

    Dates of a field that is lost count as printed.
    """
    lens = step.lens
    dated = [entry for entry in listed.values() if lens.claims_update(entry.clocks)]
    unread = [entry for entry in dated if lens.claimed(entry.clocks) is None]
    if len(unread) < max(step.policy.undated_floor, step.policy.undated_share * len(dated)):
        return None
    printed = (entry.clocks.get(name) for entry in unread for name in UPDATE_CLOCKS)
    return {"count": len(unread), "catalogue": len(dated), "sample": next(filter(None, printed), None)}


def newly_unreadable(pairs: Mapping[str, tuple[Entry, Entry]], step: RunContext) -> tuple[str, ...]:
    """Datasets whose update date became another one that cannot be read: of which day, nobody knows, but not before.

    `pairs` are the entries that differ, by native id. What our own reading changed is none.
    """
    if step.reparsed:
        return ()
    names = shared_fields(step.state.read_fields, step.run.fields, Role.CLOCK).intersection(UPDATE_CLOCKS)
    return tuple(
        name
        for name, (before, after) in sorted(pairs.items())
        if before.detailed == after.detailed
        and any(after.clocks.get(one) != before.clocks.get(one) and step.lens.illegible(after, one) for one in names)
    )


def undated_city(step: RunContext) -> City:
    """A city of which nothing is claimed, because its portal has printed no readable dates since we first looked."""
    if step.state.city.evidence is not None:
        return step.state.city
    return City(since=step.run.at, evidence=Evidence(step.run.at, "observed", "", step.run.id))
