"""Reads what the back-cast and the record of perseverance rest on: printed dates, imports, runs and events."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any

from alerts.audit.facts import CLOCKS, DatasetFacts
from alerts.model.events import owner_of, portal_of
from alerts.records.parts import owners_told
from alerts.records.queries import RETRACTED, of_part
from alerts.scoreboard.backcast import ClaimedDates, ImportedCrawl, backcast
from alerts.scoreboard.definitions import limits
from alerts.scoreboard.origin import Origin
from alerts.scoreboard.perseverance import QUARTERS, KeptAtIt
from alerts.scoreboard.quarters import Quarter, judge_quarters, quarter_of
from opendata_spiders import normalise
from opendata_spiders.register import Portal
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.imports import imports_of
from opendata_spiders.store.models import Entry, Verdict

_UPDATES = ("dataset.new", "dataset.changed", "dataset.updated")
"""Kinds of events that are an update which we saw happen."""


def sixteen_quarters(at: datetime) -> tuple[Quarter, ...]:
    """The last complete quarters before `at`, by China's calendar, oldest first."""
    return tuple(quarter_of(at.astimezone(SHANGHAI).date()).plus(-back) for back in range(QUARTERS, 0, -1))


def look_back(
    origin: Origin, portal: Portal, datasets: Iterable[DatasetFacts], quarters: tuple[Quarter, ...]
) -> KeptAtIt:
    """The record of a portal, or of a part of one, over these quarters; `datasets`: all that its list holds."""
    read = _nights(origin, portal, quarters[0])
    nights = Counter(map(quarter_of, read))
    seen = set(map(quarter_of, _days_seen(origin, portal, quarters[0])))
    told = judge_quarters(quarters, seen, nights, limits().quarter_nights)
    claimed = backcast(_today(origin, portal, datasets), _imported(origin, portal), quarters)
    return KeptAtIt(portal.slug, told, claimed, tuple(sorted(set(read.values()) - {""})))


def _nights(origin: Origin, portal: Portal, first: Quarter) -> dict[date, str]:
    """The nights with a complete reading, each with the name of whoever recorded it; empty for us."""
    complete = {
        "portal": portal_of(portal.id),
        "verdict": Verdict.COMPLETE.value,
        "at": {"$gte": first.start(portal.timezone), "$lte": origin.at},
    }
    return {
        run["at"].astimezone(portal.timezone).date(): (run.get("imported") or {}).get("recorded_by", "")
        for run in origin.store.db["runs"].find(complete, ["at", "imported"])
    }


def _days_seen(origin: Origin, portal: Portal, first: Quarter) -> set[date]:
    """The days on which we saw a dataset come or change, by events that nobody has taken back."""
    taken = {"portal": portal_of(portal.id), "kind": RETRACTED, "at": {"$lte": origin.at}}
    ids = [one["evidence"]["retracted"] for one in origin.store.db["events"].find(taken, ["evidence.retracted"])]
    wanted = {
        **of_part(portal.id),
        "kind": {"$in": list(_UPDATES)},
        "at": {"$gte": first.start(portal.timezone), "$lte": origin.at},
        "_id": {"$nin": ids},
    }
    day = {"$dateToString": {"format": "%Y-%m-%d", "date": "$at", "timezone": str(portal.timezone)}}
    found = origin.store.db["events"].aggregate([{"$match": wanted}, {"$group": {"_id": day}}])
    return {date.fromisoformat(one["_id"]) for one in found}


def _today(origin: Origin, portal: Portal, datasets: Iterable[DatasetFacts]) -> Iterator[ClaimedDates]:
    """The printed dates of what the portal lists of its own, or of its part, as far as they were not set in bulk."""
    state = origin.states.document(portal.id) or {}
    owner = owner_of(portal.id)
    owners = owners_told(origin.register, origin.register.by_id(portal_of(portal.id)), owner)
    bulk = frozenset(map(date.fromisoformat, (*state.get("restamps", ()), *state.get("ahead", ()))))
    lost = state.get("lost", ())

    @cache  # many datasets print the same days
    def claimed(*days: int | None) -> ClaimedDates:
        printed = {name: date.fromordinal(day) for name, day in zip(CLOCKS, days, strict=True) if day}
        return _claimed({name: day for name, day in printed.items() if name not in lost and day not in bulk})

    return (claimed(*one.days) for one in datasets if one.owner in owners)


def _imported(origin: Origin, portal: Portal) -> list[ImportedCrawl]:
    """The old crawls of a portal; a part of one has none of its own."""
    if owner_of(portal.id):
        return []
    return [
        ImportedCrawl(
            as_of=one.as_of.astimezone(portal.timezone).date(),
            file=one.file,
            datasets=[
                claimed_dates(entry, portal.timezone, one.as_of)
                for entry in origin.store.entries(one.manifest).values()
            ],
        )
        for one in imports_of(origin.store.db, portal.id, origin.at)
    ]


def claimed_dates(entry: Entry, tz: tzinfo, at: datetime) -> ClaimedDates:
    """The plausible days that an entry of an old crawl prints, as of that crawl at `at`."""
    days = ((name, _day(entry.clocks, name, tz, at)) for name in CLOCKS)
    return _claimed({name: day for name, day in days if day is not None})


def _claimed(days: Mapping[str, date]) -> ClaimedDates:
    """The claim of a dataset that prints these days, by field."""
    return ClaimedDates(days.get("published"), frozenset(days.values()))


def _day(clocks: Mapping[str, Any], name: str, tz: tzinfo, at: datetime) -> date | None:
    value = normalise.date(clocks.get(name), tz=tz, now=at).value
    return value.astimezone(tz).date() if value is not None and normalise.plausible(value, at) else None
