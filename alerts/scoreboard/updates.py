"""When a portal was updated, by all evidence there is: the dates that it prints, and the changes that we saw.

One dataset is enough. The state of a city is more careful: it counts as stopped until several updates are confirmed.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from alerts.audit.catalogue import Catalogue
from alerts.model.events import portal_of
from alerts.model.policy import policy
from alerts.records.queries import CityView, of_part
from alerts.scoreboard.definitions import limits
from alerts.scoreboard.origin import Origin
from alerts.scoreboard.quarters import Quarter, QuarterRecord, judge_quarters, quarter_of
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store

_SEEN = ("dataset.new", "dataset.changed")
"""Kinds of events that are evidence of an update."""


@dataclass(frozen=True, slots=True)
class Updates:
    """The updates of one portal, or of one part of it."""

    days_silent: int | None
    """Whole days from the newest evidence to the last complete reading.

    Unknown if no date was ever shown and it was not watched long enough, or if a date may be on a page not read yet."""
    confidence: str
    """Confidence in a silence: claimed until enough nights have been observed."""
    quarters: QuarterRecord


def swept(catalogue: Catalogue) -> bool:
    """Whether nearly all detail pages were read."""
    detailed = sum(one.detailed for one in catalogue.datasets)
    return detailed >= policy().detail_coverage * len(catalogue.datasets)


def updates_of(
    origin: Origin, catalogue: Catalogue, city: CityView, printed: Iterable[date], quarters: Collection[Quarter]
) -> Updates:
    """The updates of the portal of a catalogue; `printed`: the days that its datasets print, or their list printed."""
    store, state = origin.store, origin.states.document(catalogue.portal) or {}
    stamped = {date.fromisoformat(day) for name in ("restamps", "ahead") for day in state.get(name, ())}
    kept = {date.fromisoformat(day) for day in state.get("city", {}).get("days", ())}
    shown = (set(printed) - stamped) | kept
    seen = _days_seen(store, catalogue, min(quarters))
    newest = city.evidence.date.astimezone(catalogue.tz).date() if city.evidence else None
    newest = max((*shown, *seen, *([newest] if newest else ())), default=None)
    whole = city.days_silent is not None and (not catalogue.run.dates_in_details or swept(catalogue))
    quiet = _after(newest, quarters, catalogue) if newest and shown and whole else ()
    return Updates(
        days_silent=_days_silent(newest, catalogue, dated=bool(shown or seen), whole=whole) if newest else None,
        confidence=str(city.confidence),
        quarters=judge_quarters(
            quarters,
            set(map(quarter_of, shown | seen)),
            _nights_read(store, catalogue, quarters),
            limits().quarter_nights,
            quiet,
        ),
    )


def _days_silent(newest: date, catalogue: Catalogue, *, dated: bool, whole: bool) -> int | None:
    silent = max(0, (catalogue.run.at.astimezone(catalogue.tz).date() - newest).days)
    return silent if (whole if silent > policy().stopped_days else dated) else None


def _after(newest: date, quarters: Iterable[Quarter], catalogue: Catalogue) -> set[Quarter]:
    """The quarters that began after the newest evidence and were over when the portal was read."""
    zone, read_at = catalogue.tz, catalogue.run.at
    return {one for one in quarters if one.first > newest and one.plus(1).start(zone) <= read_at}


def _days_seen(store: Store, catalogue: Catalogue, first: Quarter) -> set[date]:
    """The days since the quarter began on which we saw a dataset come or change."""
    span = {"$gte": first.start(catalogue.tz), "$lte": catalogue.at}
    query = {**of_part(catalogue.portal), "kind": {"$in": list(_SEEN)}, "at": span}
    return {at.astimezone(catalogue.tz).date() for at in store.db["events"].distinct("at", query)}


def _nights_read(store: Store, catalogue: Catalogue, quarters: Collection[Quarter]) -> Counter[Quarter]:
    """The number of nights with a complete reading in each quarter."""
    zone = catalogue.tz
    span = {"$gte": min(quarters).start(zone), "$lt": max(quarters).plus(1).start(zone)}
    complete = {"portal": portal_of(catalogue.portal), "verdict": Verdict.COMPLETE.value, "at": span}
    nights = {run["at"].astimezone(zone).date() for run in store.db["runs"].find(complete, ["at"])}
    return Counter(map(quarter_of, nights))
