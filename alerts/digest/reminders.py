"""Reminders without a new event: of a stop that lasts, and of a silence beyond the reader's own threshold."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from alerts.digest.model import STOPPED, PortalStanding, Situation
from alerts.model.events import Confidence, Event, Severity
from alerts.model.sections import policy

STILL_STOPPED, SILENT = "city.still_stopped", "city.silent"
_OPEN = ("live", "slowed", "stopping", "resumed")
"""States in which a city has not stopped but may be silent beyond a reader's threshold."""


def reminders(situation: Situation, before: datetime, now: datetime) -> list[Event]:
    """One reminder for each city that is still stopped and has reached a further milestone since `before`."""
    due, evidence = list[Event](), {"of": "city.stopped", "of_severity": Severity.SEVERE.value}
    for one in situation.standings:
        if one.state not in STOPPED or one.stated is None or one.trusted is None or not one.reliable:
            continue
        # An acknowledgement does not cover a stop that was stated after it.
        known = one.acknowledged
        if known and known.holds(now) and one.stated <= known.at:
            continue
        if milestone((now - one.stated).days) > milestone((before - one.stated).days):
            due.append(_made_up(STILL_STOPPED, one, one.trusted, evidence))
    return due


def milestone(days: int) -> int:
    """The last reminder day reached `days` days after a stop was stated; 0 before the first."""
    first, again = policy().reminder_days, policy().reminder_again
    reached = [day for day in first if day <= days]
    later = first[-1] + (days - first[-1]) // again * again if days >= first[-1] else 0
    return max([*reached, later, 0])


def _made_up(kind: str, one: PortalStanding, read: datetime, evidence: Mapping[str, object]) -> Event:
    """A reminder as an event that is not stored, as of the last complete run at `read`.

    Its id is that of the event it reminds of, if any.
    """
    return Event(
        id=one.stated_by,
        kind=kind,
        portal="",
        slug=one.slug,
        dataset=None,
        run="",
        at=read,
        severity=Severity.NOTABLE,
        confidence=Confidence.CLAIMED if one.claimed else Confidence.CONFIRMED,
        since=one.last_evidence,
        evidence={**evidence, "days_silent": one.days_silent},
    )


def silences(situation: Situation, limit: int | None, told: Iterable[str]) -> list[Event]:
    """One for each city without an update for more than `limit` days, unless the key of the silence is in `told`."""
    if limit is None:
        return []
    known = set(told)
    return [
        _made_up(SILENT, one, one.trusted, {"threshold": limit})
        for one in situation.standings
        if one.state in _OPEN and one.reliable and one.trusted
        if (one.days_silent or 0) > limit and silence_key(one) not in known
    ]


def silence_key(one: PortalStanding) -> str:
    """Identifies one silence of a city by the update that it follows."""
    return f"{one.slug} {one.last_evidence:%Y-%m-%d}" if one.last_evidence else one.slug


def told_silences(situation: Situation, events: Iterable[Event]) -> tuple[str, ...]:
    """The keys of the silences that these events report."""
    slugs = {event.slug for event in events if event.kind == SILENT}
    return tuple(silence_key(one) for one in situation.standings if one.slug in slugs)
