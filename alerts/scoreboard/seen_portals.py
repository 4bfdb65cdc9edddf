"""What was seen of a portal: the nights with a complete reading, and those on which its datasets came or changed.

How many events each night stated is kept in the collection `seen_updates`, so that a scoreboard counts only the events
since the last one. A cache: where it is missing, all of them are counted again.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache

from alerts.model.catalogue_dates import moment, ticks
from alerts.model.events import part_id, portal_of
from alerts.records.queries import RETRACTED, newest_seq
from opendata_spiders.register import Portal
from opendata_spiders.store.content import canonical, pack, read_canonical, unpack
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store

CAME_OR_CHANGED = ("dataset.new", "dataset.changed")
"""Kinds of events that are an update whatever the portal prints."""
UPDATES = (*CAME_OR_CHANGED, "dataset.updated")
"""Kinds of events that are an update which we saw happen."""
Stated = Mapping[tuple[str, datetime], int]
"""Number of events by kind and time of their run."""
_Night = tuple[str, str, datetime]
"""Owner, kind and time of some events."""


@dataclass(frozen=True, slots=True)
class SeenPortal:
    """What was seen of a portal, or of a part of it."""

    nights: Mapping[date, str]
    """The nights with a complete reading, each with the name of whoever recorded it; empty for us."""
    stated: Stated
    """Events of UPDATES, whether or not they were taken back."""
    retracted: Stated
    """Those that were."""
    tz: tzinfo

    def days_with_updates(self, since: date, until: datetime) -> set[date]:
        """The days from `since` to the moment `until` with one of UPDATES that nobody has taken back."""
        left = {one: count - self.retracted.get(one, 0) for one, count in self.stated.items()}
        return self._days(left, UPDATES, since, until)

    def days_with_changes(self, since: date, until: datetime) -> set[date]:
        """The days from `since` to the moment `until` with one of CAME_OR_CHANGED."""
        return self._days(self.stated, CAME_OR_CHANGED, since, until)

    def _days(self, stated: Stated, kinds: Collection[str], since: date, until: datetime) -> set[date]:
        nights = {at for (kind, at), count in stated.items() if count > 0 and kind in kinds and at <= until}
        return {day for at in nights if (day := at.astimezone(self.tz).date()) >= since}


class SeenPortals:
    """Reads what was seen of portals until a moment."""

    def __init__(self, store: Store, at: datetime, since: date) -> None:
        """`at`: nothing later counts (aware, UTC); `since`: the first night that is asked for."""
        self._store, self._at, self._since = store, at, since
        self._newest = newest_seq(store)
        self._retracted = _retracted(store, at)
        # Those of the last portal are held, for its parts.
        self._nights, self._stated = lru_cache(maxsize=1)(self._read_nights), lru_cache(maxsize=1)(self._read_stated)

    def of(self, portal: Portal) -> SeenPortal:
        """What was seen of a portal, or of a part of one."""
        whole, part = portal_of(portal.id), portal.id
        nights, stated = self._nights(whole, portal.timezone), self._stated(whole)
        return SeenPortal(nights, stated.get(part, {}), self._retracted.get(part, {}), portal.timezone)

    def _read_nights(self, portal: str, tz: tzinfo) -> Mapping[date, str]:
        since = datetime(self._since.year, self._since.month, self._since.day, tzinfo=tz)
        complete = {"portal": portal, "verdict": Verdict.COMPLETE.value, "at": {"$gte": since, "$lte": self._at}}
        return {
            run["at"].astimezone(tz).date(): (run.get("imported") or {}).get("recorded_by", "")
            for run in self._store.db["runs"].find(complete, ["at", "imported"])
        }

    def _read_stated(self, portal: str) -> Mapping[str, Stated]:
        """The events of a portal and of its parts, by these: those that were kept, and those since."""
        kept = self._store.db["seen_updates"].find_one({"_id": portal})
        counts = Counter(dict(_unpacked(kept["packed"]) if kept else ()))
        if fresh := dict(self._counted(portal, kept["until"] if kept else 0)):
            counts.update(fresh)
            document = {"until": self._newest, "packed": _packed(counts)}
            self._store.db["seen_updates"].replace_one({"_id": portal}, document, upsert=True)
        stated: dict[str, dict[tuple[str, datetime], int]] = defaultdict(dict)
        for (owner, kind, at), count in counts.items():
            stated[part_id(portal, owner)][kind, at] = count
        return stated

    def _counted(self, portal: str, after: int) -> Iterator[tuple[_Night, int]]:
        """The events of a portal since the one with this number."""
        query = {"portal": portal, "seq": {"$gt": after, "$lte": self._newest}, "kind": {"$in": [*UPDATES]}}
        night = {"owner": {"$ifNull": ["$owner", ""]}, "kind": "$kind", "at": "$at"}
        count = {"$group": {"_id": night, "count": {"$sum": 1}}}
        for found in self._store.db["events"].aggregate([{"$match": query}, count]):
            one = found["_id"]
            yield (one["owner"], one["kind"], one["at"]), found["count"]


def _packed(counts: Mapping[_Night, int]) -> bytes:
    return pack(canonical([(owner, kind, ticks(at), count) for (owner, kind, at), count in counts.items()]))


def _unpacked(blob: bytes) -> Iterator[tuple[_Night, int]]:
    return (((owner, kind, moment(at)), count) for owner, kind, at, count in read_canonical(unpack(blob)))


def _retracted(store: Store, at: datetime) -> Mapping[str, Stated]:
    """The events that somebody has taken back by then, by portal or part."""
    query = {"evidence.retracted": {"$exists": True}, "kind": RETRACTED, "at": {"$lte": at}}
    ids = {one["evidence"]["retracted"] for one in store.db["events"].find(query, ["evidence.retracted"])}
    found: dict[str, Counter[tuple[str, datetime]]] = defaultdict(Counter)
    for one in store.db["events"].find({"_id": {"$in": sorted(ids)}}, ["portal", "owner", "kind", "at"]):
        found[part_id(one["portal"], one.get("owner") or "")][one["kind"], one["at"]] += 1
    return found
