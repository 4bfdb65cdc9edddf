"""A digest as plain data: what it says, before any format is chosen; and what it is built from."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from alerts.audience.remarks import Remark
from alerts.model.events import Event
from alerts.model.places import PortalName, Silent
from alerts.records.enclosures import Attachment
from alerts.text.parts import Words
from alerts.text.statements import place_name
from alerts.text.wording import Wording
from opendata_spiders.store.clock import SHANGHAI

STOPPED = ("stopped", "stopped_faking")
"""States of a city that has stopped."""
_SILENT = ("slowed", "stopping", *STOPPED)


class DigestKind(StrEnum):
    """Why a digest is written."""

    FIRST = "first"
    """The state of play, for a subscriber who has had nothing yet."""
    CHANGES = "changes"
    LIST = "list"
    """Nothing happened, and an officer's datasets are still overdue."""
    HEARTBEAT = "heartbeat"
    """Nothing happened for a month; said so that silence never means a dead watch."""
    NOTICE = "notice"
    """To operators: one of our own messages could not be delivered."""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement, and beneath it what it rests on."""

    words: Words
    notes: tuple[Words, ...] = ()
    named: tuple[Words, ...] = ()
    """Of a line about many datasets: whose they are, some by name, how many more."""


@dataclass(frozen=True, slots=True)
class CityGroup:
    """What one city (or, when folded, a number of cities) has to say within a section."""

    heading: str
    lines: tuple[Line, ...]
    notes: tuple[Words, ...] = ()
    """What all its lines rest on: the runs and totals of the night."""


@dataclass(frozen=True, slots=True)
class Section:
    """All that is of one sort: stopped, removed, overdue, new."""

    key: str
    heading: str
    groups: tuple[CityGroup, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Table:
    """The list an officer passes on: attached to mails, summed up in the digest."""

    attachment: Attachment
    rows: int
    """In the attachment."""
    total: int
    """More than `rows` where the whole would be too large for a mail."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest, complete and in one language."""

    subscriber: str
    language: str
    kind: DigestKind
    subject: str
    """One line without control characters; says the one most important thing."""
    dateline: str
    summary: tuple[Line, ...]
    sections: tuple[Section, ...]
    coverage: tuple[Line, ...]
    footer: tuple[Line, ...]
    events: tuple[str, ...] = ()
    """Ids of the events this digest tells or counts."""
    silences: tuple[str, ...] = ()
    """Which silences beyond the reader's own threshold it tells: each is told once."""
    table: Table | None = None
    """An officer's overdue list."""


@dataclass(frozen=True, slots=True)
class PortalStanding:
    """Where one portal stands tonight."""

    slug: str
    state: str
    """live, slowed, stopping, stopped, stopped_faking, resumed, down, moved, blocked, empty, none."""
    since: datetime | None = None
    last_evidence: datetime | None = None
    claimed: bool = True
    """Whether it rests on the portal's own dates alone."""
    datasets: int = 0
    overdue: int = 0
    """Datasets past their promise (overdue or delinquent)."""
    verdict: str = ""
    """Verdict of the last run."""
    reason: str = ""
    """Why the last run is not complete, in English; shown to operators only."""
    trusted: datetime | None = None
    """When the last complete run was: what is said of the city holds as of then."""
    reliable: bool = False
    """Whether a complete run stands behind what the digest says of it: one since the last digest."""
    note: Remark | None = None
    """A person's note beside the state."""
    acknowledged: Remark | None = None
    """Somebody knows of the stop and wants no reminders for now."""
    stated: datetime | None = None
    """When the stop was stated; for a city that had stopped before, when the watch began."""
    stated_by: str = ""
    """Id of the event that stated it, if one did."""
    timezone: tzinfo = SHANGHAI
    """The portal's."""
    flapping: Mapping[str, int] | None = None
    """Where its catalogue flaps: how many vanished within a year, came back, and how late at most."""
    portal: str = ""
    """Id of the portal that was read: a city may be a part of its province's."""

    @property
    def days_silent(self) -> int | None:
        """Whole days on the portal's calendar from the last evidence of an update to the last complete run."""
        return self._days(self.last_evidence)

    @property
    def days_in_state(self) -> int:
        """The silence; where no update was ever seen, the days from the beginning of the state to the last reading."""
        return self._days(self.last_evidence or self.since) or 0

    def _days(self, since: datetime | None) -> int | None:
        if since is None or self.trusted is None:
            return None
        return max((self.trusted.astimezone(self.timezone).date() - since.astimezone(self.timezone).date()).days, 0)


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything but events that a digest speaks from, limited to what the subscriber follows."""

    places: Mapping[str, PortalName]
    standings: Sequence[PortalStanding] = ()
    """Of the portals that are followed, then of cities that are read on their province's."""
    silent: Sequence[Silent] = ()
    """Only for a first digest: places that no message can come from."""
    watched: frozenset[tuple[str, str]] = frozenset()
    """Portal id and native id of each dataset the reader watches."""
    site_url: str = ""
    """Where our own pages are; empty: none, so that evidence is told in the digest itself."""


@dataclass(frozen=True, slots=True)
class View:
    """What the words of a digest depend on beside its events: the situation, the language and the moment."""

    situation: Situation
    wording: Wording
    now: datetime
    """When the digest is written: dates and ages are as seen from here."""
    groups: dict[Hashable, CityGroup] = field(default_factory=dict, compare=False, repr=False)
    """What was said of one city's events; views that differ only in their reader share it (see sections.py)."""

    @property
    def standings(self) -> Sequence[PortalStanding]:
        return self.situation.standings

    @property
    def portals(self) -> Sequence[PortalStanding]:
        """One standing for each portal: its own, or where that is not followed that of a city on it."""
        found: dict[str, PortalStanding] = {}
        for one in self.standings:
            found.setdefault(one.portal or one.slug, one)
        return tuple(found.values())

    def city(self, slug: str) -> str:
        """The city as a reader of this language says it; the slug of a portal that the register no longer holds."""
        return place_name(slug, self.situation.places).of(self.wording.language)

    def read_at(self, event: Event) -> datetime:
        """The last reading that supports what the event says: its own, or for a silence that lasts the latest complete.

        A digest may come weeks after either; nobody knows what happened since.
        """
        if event.dataset is None and isinstance(event.evidence.get("days_silent"), int):
            standing = next((one for one in self.standings if one.slug == event.slug), None)
            if standing and standing.trusted and standing.state in _SILENT and standing.last_evidence == event.since:
                return max(standing.trusted, event.at)
        return event.at
