"""Fields that a portal no longer fills, and dates that can no longer be read.

Reported: `platform.undated` (most update dates cannot be read, from the first complete run on) and
`platform.fields_lost`. The city's silence is not counted while its dates cannot be read. Not reported: a few unreadable
dates typed by hand, portals that never print dates, and runs with the verdict drifted.
"""

from collections.abc import Mapping
from dataclasses import replace

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import Entries, shared_fields
from alerts.model.catalogue_dates import CatalogueDates
from alerts.model.states import City, Evidence, PortalState
from opendata_spiders.normalise import UPDATE_CLOCKS
from opendata_spiders.store.fields import Role
from opendata_spiders.store.models import Entry


def draft_undated(listed: Entries, dates: CatalogueDates, step: RunContext) -> tuple[PortalState, list[Draft]]:
    """Remember lost fields and unreadable dates of a complete run, and state each once."""
    state, run = step.state, step.run
    blind = dates.unread >= max(step.policy.undated_floor, step.policy.undated_share * dates.prints_update)
    since = state.undated_at or state.last_complete_at or run.at
    after = replace(state, lost=run.lost, undated_at=since if blind else None)
    drafts = []
    if blind and state.undated_at is None:
        evidence = {
            "count": dates.unread,
            "catalogue": dates.prints_update,
            "sample": _unread_date(listed, step),
            "runs": step.runs,
        }
        drafts.append(Draft("platform.undated", since=since, evidence=evidence))
    fields = [name for name in run.lost if name not in state.lost and not (blind and name in UPDATE_CLOCKS)]
    if fields:
        last = state.last_complete_at
        nights = 0 if last is None else step.lens.days_between(last, run.at)
        evidence = {"fields": fields, "nights": nights, "runs": [state.last_complete, run.id]}
        drafts.append(Draft("platform.fields_lost", since=state.last_complete_at, evidence=evidence))
    return after, drafts


def _unread_date(listed: Entries, step: RunContext) -> str | None:
    """The first update date that cannot be read, as the portal prints it."""
    lens = step.lens
    dated = (entry for entry in listed.values() if lens.claims_update(entry.clocks))
    unread = (entry for entry in dated if lens.claimed(entry.clocks) is None)
    printed = (entry.clocks.get(name) for entry in unread for name in UPDATE_CLOCKS)
    return next(filter(None, printed), None)


def newly_unreadable(pairs: Mapping[str, tuple[Entry, Entry]], step: RunContext) -> tuple[str, ...]:
    """Datasets whose update date changed to one that cannot be read: updated since the last run, on an unknown day.

    `pairs` are the entries that differ, by native id. Differences caused by another version of the parser, or by a
    detail page read for the first time, do not count.
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
    """The city of a portal without readable dates: as before, or without a phase if it has no evidence yet."""
    if step.state.city.evidence is not None:
        return step.state.city
    return City(since=step.run.at, evidence=Evidence(step.run.at, "observed", "", step.run.id))
