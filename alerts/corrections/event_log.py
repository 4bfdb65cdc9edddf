"""The event log of one portal as corrections use it: which events were stated, which were retracted and by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.corrections.annul import PERSON, derived_id
from alerts.model.events import Confidence, Event, Severity, event_id, portal_of
from alerts.model.kinds import kinds
from alerts.records.queries import RETRACTED, events_where
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class EventLog:
    """Every event of a portal in order of writing, by id; retracted events are marked."""

    events: Mapping[str, Event]

    def family(self, derived: str) -> list[Event]:
        """The event with this derived id, and the events that state it again after a retraction."""
        return [event for event in self.events.values() if event.kind != RETRACTED and derived_id(event) == derived]

    def standing(self, derived: str) -> Event | None:
        """The event with this derived id that is valid, that is not retracted; None if there is none."""
        return next((event for event in self.family(derived) if not event.retracted), None)

    def refused(self, derived: str) -> bool:
        """Whether a person has retracted it: no derivation states it again."""
        return any(self._author(event) == PERSON for event in self.family(derived))

    def _author(self, event: Event) -> str:
        retraction = self.events.get(event.retracted)
        return str(retraction.evidence.get("by")) if retraction else ""

    def words(self) -> dict[str, list[Event]]:
        """The events that persons retracted, by the run that was the last one folded at that time."""
        found: dict[str, list[Event]] = {}
        for event in self.events.values():
            if event.retracted and self._author(event) == PERSON:
                found.setdefault(self.events[event.retracted].run, []).append(event)
        return found

    def derived_until(self, at: datetime) -> dict[str, Event]:
        """The events that the runs up to then lead to, by derived id: all but those that a regrade withdrew."""
        found = (event for event in self.events.values() if event.kind != RETRACTED and event.at <= at)
        return {derived_id(event): event for event in found if self._author(event) in ("", PERSON)}

    def up_to(self, at: datetime) -> "EventLog":
        """The log as it stood at that time."""
        kept = {name: one for name, one in self.events.items() if one.at <= at}
        return EventLog(
            {name: one if one.retracted in kept else replace(one, retracted="") for name, one in kept.items()}
        )

    def without(self, event: Event, taken: Event) -> "EventLog":
        """A copy of the log with this event retracted and its retraction added."""
        return EventLog({**self.events, event.id: replace(event, retracted=taken.id), taken.id: taken})


def load_event_log(store: Store, part: str) -> EventLog:
    """The log of a portal itself, or of a part of it (`events.part_id`), as it stands."""
    events = events_where(store, portals=[portal_of(part)])
    return EventLog({event.id: event for event in events if event.part == part})


@dataclass(frozen=True, slots=True)
class CorrectionReason:
    """Who makes a correction, for what reason, when."""

    by: str
    """`person`, or `regrade`: the event no longer follows from the runs."""
    text: str
    when: datetime
    """Domain time (UTC)."""
    run: str
    """The last run folded at that time, or the last round of file checks."""


@dataclass(frozen=True, slots=True)
class ManualCorrection:
    """A retraction or regrade made by a person: reason and time (domain time, UTC)."""

    why: str
    at: datetime

    def about(self, run: str) -> CorrectionReason:
        """The reason with the run or round that was the last one folded at that time."""
        return CorrectionReason(PERSON, self.why, self.at, run)


def retraction(event: Event, why: CorrectionReason) -> Event:
    """The event that retracts `event`: quiet if that one is quiet, else notable."""
    return replace(
        event,
        id=event_id(RETRACTED, event.portal, event.id, ""),
        kind=RETRACTED,
        run=why.run,
        at=why.when,
        confidence=Confidence.CONFIRMED,
        severity=event.severity if event.severity is Severity.QUIET else Severity.NOTABLE,
        since=event.at,
        rule=kinds()[RETRACTED].rule,
        evidence={
            "retracted": event.id,
            "of": event.kind,
            "of_severity": event.severity.value,
            "of_seq": event.seq,
            "why": why.text,
            "by": why.by,
            "when": why.when,
            "runs": [event.run, why.run],
        },
        seq=0,
        retracted="",
    )


def restated(events: Iterable[Event], event_log: EventLog) -> list[Event]:
    """The derived events that the log does not hold as valid. An event that was retracted earlier gets a new id."""
    found = []
    for event in events:
        before = event_log.family(event.id)
        if any(not one.retracted for one in before) or event_log.refused(event.id):
            continue
        found.append(_again(event, len(before)) if before else event)
    return found


def _again(event: Event, times: int) -> Event:
    fresh = event_id(event.kind, event.portal, event.id, f"again {times}")
    return replace(event, id=fresh, evidence={**event.evidence, "restates": event.id})
