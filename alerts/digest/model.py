"""A digest as plain data, independent of any format, and the data that it is built from."""

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
    """The present state, for a subscriber who has had no digest yet."""
    CHANGES = "changes"
    LIST = "list"
    """No events, and an officer's datasets are still overdue."""
    HEARTBEAT = "heartbeat"
    """No events for a month; sent so that readers know that the service still runs."""
    NOTICE = "notice"
    """To operators: one of our own messages could not be delivered."""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement with its evidence (`notes`)."""

    words: Words
    notes: tuple[Words, ...] = ()
    named: tuple[Words, ...] = ()
    """For a line about many datasets: their departments, some titles, how many more."""


@dataclass(frozen=True, slots=True)
class CityGroup:
    """The lines of one city (or, when folded, of several cities) within a section."""

    heading: str
    lines: tuple[Line, ...]
    notes: tuple[Words, ...] = ()
    """The evidence that all its lines share: the runs and totals of the night."""


@dataclass(frozen=True, slots=True)
class Section:
    """All groups of one section of sections.csv, such as stopped, removed, overdue, new."""

    key: str
    heading: str
    groups: tuple[CityGroup, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Table:
    """An officer's overdue list: attached to mails, summarised in the digest."""

    attachment: Attachment
    rows: int
    """Number of rows in the attachment."""
    total: int
    """Number of rows of the whole list; more than `rows` if that is too large for a mail."""


@dataclass(frozen=True, slots=True)
class Digest:
    """One digest, complete and in one language."""

    subscriber: str
    language: str
    kind: DigestKind
    subject: str
    """One line without control characters: the most important event."""
    dateline: str
    summary: tuple[Line, ...]
    sections: tuple[Section, ...]
    coverage: tuple[Line, ...]
    footer: tuple[Line, ...]
    events: tuple[str, ...] = ()
    """Ids of the events that this digest reports or counts."""
    silences: tuple[str, ...] = ()
    """Keys of the silences beyond the reader's own threshold that it reports; each is reported once."""
    table: Table | None = None
    """An officer's overdue list."""


@dataclass(frozen=True, slots=True)
class PortalStanding:
    """The present state of one portal."""

    slug: str
    state: str
    """live, slowed, stopping, stopped, stopped_faking, resumed, down, moved, blocked, empty, none."""
    since: datetime | None = None
    last_evidence: datetime | None = None
    claimed: bool = True
    """Whether the state rests on the portal's own dates alone."""
    datasets: int = 0
    overdue: int = 0
    """Datasets past their promise (overdue or delinquent)."""
    verdict: str = ""
    """Verdict of the last run."""
    reason: str = ""
    """Why the last run is not complete, in English; shown to operators only."""
    trusted: datetime | None = None
    """Time of the last complete run, as of which all statements about the city hold."""
    reliable: bool = False
    """Whether the last run since the last digest is complete."""
    note: Remark | None = None
    """A person's note beside the state."""
    acknowledged: Remark | None = None
    """An acknowledgement of the stop: no reminders while it holds."""
    stated: datetime | None = None
    """When the stop was stated; for a city that had stopped before the first run, the time of that run."""
    stated_by: str = ""
    """Id of the event that stated it, if one did."""
    timezone: tzinfo = SHANGHAI
    """The portal's time zone."""
    flapping: Mapping[str, int] | None = None
    """If datasets vanish and return repeatedly: vanished, back (both within a year), longest_days; else None."""
    portal: str = ""
    """Id of the portal that was read: a city may be a part of its province's."""

    @property
    def days_silent(self) -> int | None:
        """Whole days on the portal's calendar from the last evidence of an update to the last complete run."""
        return self._days(self.last_evidence)

    @property
    def days_in_state(self) -> int:
        """Days of silence; without any evidence, the days from the start of the state to the last complete run."""
        return self._days(self.last_evidence or self.since) or 0

    def _days(self, since: datetime | None) -> int | None:
        if since is None or self.trusted is None:
            return None
        return max((self.trusted.astimezone(self.timezone).date() - since.astimezone(self.timezone).date()).days, 0)


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything but events that a digest is built from, limited to what the subscriber follows."""

    places: Mapping[str, PortalName]
    standings: Sequence[PortalStanding] = ()
    """Of the portals that are followed, then of cities that are read on their province's."""
    silent: Sequence[Silent] = ()
    """Only for a first digest: followed places without a portal that is crawled."""
    watched: frozenset[tuple[str, str]] = frozenset()
    """Portal id and native id of each dataset the reader watches."""
    site_url: str = ""
    """Base URL of our own pages; empty: none, so that the digest itself shows the evidence."""


@dataclass(frozen=True, slots=True)
class View:
    """What the text of a digest depends on besides its events: the situation, the language and the time."""

    situation: Situation
    wording: Wording
    now: datetime
    """When the digest is written: dates and ages are relative to it."""
    groups: dict[Hashable, CityGroup] = field(default_factory=dict, compare=False, repr=False)
    """Cache of the groups of cities; views that differ only in their reader share it (see sections.py)."""

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
        """The city's name in the reader's language; the slug for a portal that the register no longer holds."""
        return place_name(slug, self.situation.places).of(self.wording.language)

    def read_at(self, event: Event) -> datetime:
        """Time of the last run that supports the event: its own, or for a lasting silence the last complete one.

        A digest may be written weeks later, and must not claim more.
        """
        if event.dataset is None and isinstance(event.evidence.get("days_silent"), int):
            standing = next((one for one in self.standings if one.slug == event.slug), None)
            if standing and standing.trusted and standing.state in _SILENT and standing.last_evidence == event.since:
                return max(standing.trusted, event.at)
        return event.at
