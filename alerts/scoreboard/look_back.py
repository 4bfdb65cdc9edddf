"""What the back-cast and the record of perseverance rest on: printed dates, imports, and what was seen."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from datetime import date, datetime, tzinfo

from alerts.audit.facts import CLOCKS, DatasetFacts, Days, counted_days, plausible_day
from alerts.model.events import owner_of, portal_of
from alerts.records.parts import owners_told
from alerts.scoreboard.backcast import ClaimedDays, ImportedCrawl, backcast
from alerts.scoreboard.definitions import limits
from alerts.scoreboard.origin import Origin
from alerts.scoreboard.perseverance import KeptAtIt
from alerts.scoreboard.quarters import Quarter, judge_quarters, quarter_of
from alerts.scoreboard.seen_portals import SeenPortal
from opendata_spiders import normalise
from opendata_spiders.register import Portal
from opendata_spiders.store.imports import imports_of
from opendata_spiders.store.models import Entry


def look_back(
    origin: Origin, portal: Portal, datasets: Iterable[DatasetFacts], observed: SeenPortal, quarters: Sequence[Quarter]
) -> KeptAtIt:
    """The record of a portal, or of a part of one, over these quarters; `datasets`: all that its list holds."""
    seen = set(map(quarter_of, observed.days_with_updates(quarters[0].first, origin.at)))
    told = judge_quarters(quarters, seen, Counter(map(quarter_of, observed.nights)), limits().quarter_nights)
    claimed = backcast(_today(origin, portal, datasets), _imported(origin, portal), quarters)
    return KeptAtIt(portal.slug, told, claimed, tuple(sorted(set(observed.nights.values()) - {""})))


def _today(origin: Origin, portal: Portal, datasets: Iterable[DatasetFacts]) -> ClaimedDays:
    """The printed days of what the portal lists of its own, or of its part, as far as they were not set in bulk."""
    state = origin.states.document(portal.id) or {}
    owner = owner_of(portal.id)
    owners = owners_told(origin.register, origin.register.by_id(portal_of(portal.id)), owner)
    bulk = frozenset(map(date.fromisoformat, (*state.get("restamps", ()), *state.get("ahead", ()))))
    return claimed_days([one.days for one in datasets if one.owner in owners], bulk, state.get("lost", ()))


def _imported(origin: Origin, portal: Portal) -> list[ImportedCrawl]:
    """The old crawls of a portal; a part of one has none of its own."""
    if owner_of(portal.id):
        return []
    tz, found = portal.timezone, []
    for one in imports_of(origin.store.db, portal.id, origin.at):
        entries = origin.store.entries(one.manifest).values()
        claimed = claimed_days([_days(entry, tz, one.as_of) for entry in entries])
        found.append(ImportedCrawl(one.as_of.astimezone(tz).date(), one.file, claimed))
    return found


def _days(entry: Entry, tz: tzinfo, at: datetime) -> Days:
    read = (normalise.date(entry.clocks.get(name), tz=tz, now=at).value for name in CLOCKS)
    return [plausible_day(one, tz, at) for one in read]


def claimed_days(datasets: Sequence[Days], bulk: Container[date] = (), lost: Container[str] = ()) -> ClaimedDays:
    """What the days claim that datasets print; `bulk`: days that are no evidence."""
    counted = {
        name: {day: count for day, count in days.items() if day not in bulk}
        for name, days in counted_days(datasets, lost).items()
    }
    return ClaimedDays(len(datasets), counted.get("published", {}), frozenset().union(*counted.values()))
