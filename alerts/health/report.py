"""The night report on this service itself, as one line and as plain data."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.delivery.outbox import DeliveryState
from alerts.health.disk import DiskOutlook
from alerts.health.health_data import HealthData, LastNight, RunHistory
from alerts.text.sanitising import clean
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store

NEVER = "never read"


@dataclass(frozen=True, slots=True)
class Trusted:
    """The portal whose last complete run is the oldest."""

    slug: str
    at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class NightReport:
    """The night report."""

    line: str
    """The whole report in one line."""
    portals: Mapping[str, Sequence[str]]
    """Verdict of the last run (or `never read`) to slugs."""
    oldest_trusted: Trusted | None
    never_trusted: int
    """Number of portals that were read but never completely."""
    waiting: int
    """Number of deliveries in the outbox."""
    dead: int
    """Number of deliveries that were given up."""
    night: LastNight | None
    disk: DiskOutlook | None = None
    """How long the disk of the database lasts; None where that cannot be measured."""
    open: Sequence[str] = field(default_factory=tuple)
    """Stated problems that are not over, as `kind subject`."""


def report(store: Store, data: HealthData, *, subscribed: bool = True, disk: DiskOutlook | None = None) -> NightReport:
    """The report as of now; `subscribed`: whether there is a subscribers file at all."""
    portals = by_verdict(data.histories)
    trusted = min(
        ((history.trusted.at, history.portal.slug) for history in data.histories if history.trusted), default=None
    )
    oldest = Trusted(trusted[1], trusted[0], (data.now - trusted[0]).days) if trusted else None
    deliveries = store.db["deliveries"]
    waiting, dead = (
        deliveries.count_documents({"state": one.value}) for one in (DeliveryState.WAITING, DeliveryState.DEAD)
    )
    troubles = sorted(found["key"] for found in store.db["health"].find({"ended": None}, {"key": 1}))
    unread = sum(history.last is not None and history.trusted is None for history in data.histories)
    counted = ", ".join(f"{len(slugs)} {name}" for name, slugs in portals.items())
    kinds = ", ".join(sorted({trouble.partition(" ")[0] for trouble in troubles}))
    parts = [
        f"{len(data.histories)} portals: {counted}" if counted else "no portal",
        f"oldest trusted run {oldest.days} d ({oldest.slug})" if oldest else "no trusted run yet",
        f"outbox {waiting} waiting, {dead} given up" + ("" if subscribed else ", nobody subscribed"),
        f"last night {duration(data.night.seconds)}" if data.night else "no night yet",
        f"{len(troubles)} open: {kinds}" if troubles else "nothing open",
        *filter(None, [str(disk or "")]),
    ]
    day = data.night.at if data.night else data.now
    line = clean(f"night {day.astimezone(SHANGHAI):%Y-%m-%d}: " + "; ".join(parts))
    return NightReport(line, portals, oldest, unread, waiting, dead, data.night, disk, troubles)


def by_verdict(histories: Iterable[RunHistory]) -> dict[str, list[str]]:
    """Slugs by the verdict of the last run, in the order of the verdicts."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in histories:
        found[one.last.verdict.value if one.last else NEVER].append(one.portal.slug)
    return {name: sorted(found[name]) for name in (*(verdict.value for verdict in Verdict), NEVER) if name in found}


def duration(seconds: float) -> str:
    """3 h 12 min, 12 min, 40 s."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{rest} s"
