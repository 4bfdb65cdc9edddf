"""When a portal was updated, by all evidence there is: the dates that it prints, and the changes that we saw.

One dataset is enough. The state of a city is more careful: it counts as stopped until several updates are confirmed.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from alerts.audit.catalogue import Catalogue
from alerts.audit.facts import counted_days
from alerts.audit.portal import Audit
from alerts.model.policy import policy
from alerts.records.queries import CityView
from alerts.scoreboard.definitions import limits
from alerts.scoreboard.origin import Origin
from alerts.scoreboard.quarters import Quarter, QuarterRecord, judge_quarters, quarter_of
from alerts.scoreboard.seen_portals import SeenPortal


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
    origin: Origin, done: Audit, city: CityView, observed: SeenPortal, quarters: Collection[Quarter]
) -> Updates:
    """The updates of the portal, or part of one, of an audited catalogue."""
    catalogue, state = done.catalogue, origin.states.document(done.catalogue.portal) or {}
    stamped = {date.fromisoformat(day) for name in ("restamps", "ahead") for day in state.get(name, ())}
    # The days that its datasets print, or their list printed.
    printed = set[date]().union(*counted_days((one.days for one in done.own), catalogue.run.lost).values())
    shown = (printed - stamped) | {date.fromisoformat(day) for day in state.get("city", {}).get("days", ())}
    seen = observed.days_with_changes(min(quarters).first, catalogue.at)
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
            Counter(map(quarter_of, observed.nights)),
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
