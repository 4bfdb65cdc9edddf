"""How long the disk of the database will last, by what the database grew over the last weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.health.policy import HealthPolicy, policy
from opendata_spiders.policy import policy as crawl_policy
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.space import DiskSpace
from opendata_spiders.store.store import Store

_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class DiskOutlook:
    """What is free, what the database takes and how it grows."""

    free_mb: int
    used_mb: int
    mb_a_day: float | None
    """None before it was measured over a week."""
    days: int | None
    """Until a night finds too little room; None if it does not grow, or that is unknown."""
    warns: bool
    """Whether that is soon."""

    def __str__(self) -> str:
        """For the night report; empty while nothing is known of its growth."""
        if self.warns:
            return f"DISK FULL IN {self.days} DAYS ({self.free_mb:,} MB free)"
        return f"disk lasts {self.days:,} days" if self.days is not None else ""


def disk_outlook(store: Store, space: DiskSpace | None, now: datetime) -> DiskOutlook | None:
    """Keep today's size, and say how long the room lasts; None where it cannot be measured. `now`: domain time."""
    if space is None:
        return None
    today = {"at": now, "used": space.used}
    store.db["sizes"].replace_one({"_id": f"{now.astimezone(SHANGHAI):%Y-%m-%d}"}, today, upsert=True)
    since = now - timedelta(days=policy().disk_back_days)
    store.db["sizes"].delete_many({"at": {"$lt": since - timedelta(days=1)}})
    known = [(one["at"], one["used"]) for one in store.db["sizes"].find({"at": {"$gte": since}}).sort("at", 1)]
    return outlook_of(space, known, policy(), crawl_policy().room_mb)


def outlook_of(
    space: DiskSpace, sizes: Sequence[tuple[datetime, int]], policy: HealthPolicy, room_mb: int
) -> DiskOutlook:
    """The outlook by the sizes (bytes) of past days, oldest first; the last is today's."""
    left = space.free // _MB - room_mb
    (first, small), (last, large) = sizes[0], sizes[-1]
    passed = (last - first) / timedelta(days=1)
    growth = (large - small) / _MB / passed if passed >= policy.disk_least_days else None
    days = max(0, int(left / growth)) if growth and growth > 0 else None
    warns = left <= 0 or (days is not None and days < policy.disk_warn_days)
    return DiskOutlook(space.free // _MB, space.used // _MB, growth, 0 if left <= 0 else days, warns)
