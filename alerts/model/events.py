"""What an event is: an append-only, evidenced statement of a change."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from opendata_spiders.store.models import ImportedFrom


class Confidence(StrEnum):
    """How well an event is founded."""

    CONFIRMED = "confirmed"
    """Our own runs showed it as often as the rule requires."""
    PROBABLE = "probable"
    """Inferred by matching; may be wrong."""
    CLAIMED = "claimed"
    """Rests on the portal's own dates alone."""


class Severity(StrEnum):
    """How prominently an event is reported."""

    SEVERE = "severe"
    NOTABLE = "notable"
    QUIET = "quiet"
    """Counted in digests, not listed unless the subscriber watches the dataset."""


@dataclass(frozen=True, slots=True)
class Event:
    """One statement about one subject. Never changed after it was written; a wrong one is retracted by another."""

    id: str
    kind: str
    """As in kinds.csv: dataset.removed, city.stopped …"""
    portal: str
    """Id of the portal that was read."""
    slug: str
    """The place it is told of: the portal's, or that of the government which owns the dataset."""
    dataset: str | None
    """Native id, or None for an event about the portal or city."""
    run: str
    """Id of the run, or of the round of file checks, that the event was stated in."""
    at: datetime
    """Domain time (UTC) of that run."""
    severity: Severity
    confidence: Confidence
    title: str = ""
    """Title of the dataset as last seen (raw portal text: hostile)."""
    office: str = ""
    page_url: str = ""
    since: datetime | None = None
    """Start of what it states: the last evidenced update, the first absence …"""
    rule: str = ""
    """Rule and its version that stated it, e.g. removed/1; not part of the id."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """Values before and after, run ids, numbers: JSON-able; kinds.csv lists the keys of each kind."""
    seq: int = 0
    """Order of writing, assigned by the store inside the transaction; subscribers' cursors are such numbers."""
    retracted: str = ""
    """Id of the event that takes this one back, filled in when it is read; empty while it stands."""
    owner: str = ""
    """Adcode of the government whose part of the portal it is about; empty: the portal's own."""
    imported: ImportedFrom | None = None
    """The snapshot by somebody else that it rests on: history, which no digest or feed tells; None for our own."""

    @property
    def part(self) -> str:
        """Id of the state that it belongs to."""
        return part_id(self.portal, self.owner)


def part_id(portal: str, owner: str) -> str:
    """Id of what is believed of a portal, or of its part that belongs to another government: `520000.1/520400`."""
    return f"{portal}/{owner}" if owner else portal


def portal_of(part: str) -> str:
    """Id of the portal that a part belongs to; of a portal, its own."""
    return part.partition("/")[0]


def owner_of(part: str) -> str:
    """Adcode of the government that a part belongs to; empty for a portal."""
    return part.partition("/")[2]


def event_id(kind: str, portal: str, subject: str, first_run: str) -> str:
    """Hash of kind, portal, subject and the episode's first run, so that stating an event twice is harmless."""
    return hashlib.sha256(f"{kind}\n{portal}\n{subject}\n{first_run}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def items(value: object) -> Sequence[Any]:
    """A list of the evidence; empty for any other value."""
    return value if isinstance(value, list | tuple) else ()
