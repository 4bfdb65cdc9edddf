"""The log of one portal as corrections see it: what was stated, what was taken back, by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.corrections.annul import PERSON, derived_id
from alerts.model.events import Confidence, Event, Severity, event_id, portal_of
from alerts.model.kinds import kinds
from alerts.records.queries import RETRACTED, events_where
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class Book:
    """Every event of a portal, in order of writing, each marked when it was taken back."""

    events: Mapping[str, Event]

    def family(self, derived: str) -> list[Event]:
        """An event and its restatements, by the id under which the rules state it."""
        return [event for event in self.events.values() if event.kind != RETRACTED and derived_id(event) == derived]

    def standing(self, derived: str) -> Event | None:
        """The statement that has not been taken back; None if there is none."""
        return next((event for event in self.family(derived) if not event.retracted), None)

    def refused(self, derived: str) -> bool:
        """Whether a person has taken it back: no derivation states it again."""
        return any(self._author(event) == PERSON for event in self.family(derived))

    def _author(self, event: Event) -> str:
        retraction = self.events.get(event.retracted)
        return str(retraction.evidence.get("by")) if retraction else ""

    def words(self) -> dict[str, list[Event]]:
        """What persons took back, by the run that was the last one folded then."""
        found: dict[str, list[Event]] = {}
        for event in self.events.values():
            if event.retracted and self._author(event) == PERSON:
                found.setdefault(self.events[event.retracted].run, []).append(event)
        return found

    def without(self, event: Event, taken: Event) -> "Book":
        """The same with one event more that was taken back, and what took it back."""
        return Book({**self.events, event.id: replace(event, retracted=taken.id), taken.id: taken})


def open_book(store: Store, part: str) -> Book:
    """The log of a portal itself, or of a part of it (`events.part_id`), as it stands."""
    events = events_where(store, portals=[portal_of(part)])
    return Book({event.id: event for event in events if event.part == part})


@dataclass(frozen=True, slots=True)
class CorrectionReason:
    """Who takes something back, for what reason, when."""

    by: str
    """person, or regrade: it no longer follows."""
    text: str
    when: datetime
    """Domain time (UTC)."""
    run: str
    """The last run that was folded then, or the last round of looks at files."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says, and when (domain time, UTC)."""

    why: str
    at: datetime

    def about(self, run: str) -> CorrectionReason:
        """The person's reason, said when that run or round was the last one folded."""
        return CorrectionReason(PERSON, self.why, self.at, run)


def retraction(event: Event, why: CorrectionReason) -> Event:
    """The event that takes another one back; told as loudly as the other was."""
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


def restated(events: Iterable[Event], book: Book) -> list[Event]:
    """Those that follow and do not stand; one that was taken back before gets an id of its own."""
    found = []
    for event in events:
        before = book.family(event.id)
        if any(not one.retracted for one in before) or book.refused(event.id):
            continue
        found.append(_again(event, len(before)) if before else event)
    return found


def _again(event: Event, times: int) -> Event:
    fresh = event_id(event.kind, event.portal, event.id, f"again {times}")
    return replace(event, id=fresh, evidence={**event.evidence, "restates": event.id})
