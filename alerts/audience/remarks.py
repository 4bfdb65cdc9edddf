"""Remarks of people: notes on a portal, acknowledgements of a stop, mutes of a subscriber.

Remarks are never changed or deleted: the newest one of a kind on a subject holds, until its end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from alerts.model.sections import policy
from alerts.text.parts import Words
from alerts.text.wording import Wording
from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.store import Store


def day_end(day: date, zone: tzinfo) -> datetime:
    """The end of a day in UTC: "until 12 March" includes that day."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def last_moment(end: datetime) -> datetime:
    """The last moment before an end, for display: its date is the last day included."""
    return end - timedelta(microseconds=1)


class RemarkKind(StrEnum):
    """What a remark does."""

    NOTE = "note"
    """Shown beside the state of a portal."""
    ACK = "ack"
    """Suppresses reminders of a stop that was stated before it, but no new event."""
    MUTE = "mute"
    """Pauses all digests of one subscriber; one digest afterwards covers the pause."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark by one person."""

    kind: RemarkKind
    subject: str
    """Id of a portal, or name of a subscriber."""
    at: datetime
    """Domain time (UTC) at which it was made."""
    until: datetime | None = None
    """The first moment (UTC) at which it no longer holds; None for a note that holds until it is cleared."""
    text: str = ""
    by: str = ""
    """Name of the person, as given."""
    ended: bool = False
    """Whether it clears the previous remark."""

    def holds(self, now: datetime) -> bool:
        return not self.ended and self.at <= now and (self.until is None or now < self.until)


def put(store: Store, remarks: Iterable[Remark]) -> None:
    """Record remarks."""
    documents = [to_document(one) for one in remarks]
    if documents:
        store.db["remarks"].insert_many(documents)


def holding(store: Store, kind: RemarkKind, now: datetime, subjects: Iterable[str] | None = None) -> dict[str, Remark]:
    """The remarks of a kind that hold now, by subject; for these subjects or for all."""
    query: dict[str, Any] = {"kind": kind.value}
    if subjects is not None:
        query["subject"] = {"$in": list(subjects)}
    newest: dict[str, Remark] = {}
    for document in store.db["remarks"].find({**query, "at": {"$lte": now}}).sort([("at", 1), ("_id", 1)]):
        newest[document["subject"]] = from_document(Remark, document)
    return {subject: one for subject, one in newest.items() if one.holds(now)}


def remark_words(note: Remark, wording: Wording, now: datetime) -> Words:
    """The text of a note with its author and end."""
    until = wording.day(last_moment(note.until), now) if note.until else None
    text, by = (
        wording.quote(one, 2 * policy().value_chars, "value_quote") if one else None for one in (note.text, note.by)
    )
    return wording.say("note", text=text, by=by[1:2] if by else None, until=until)
