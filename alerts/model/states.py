"""What the diff remembers of one portal from run to run, as plain data and as documents of MongoDB."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from alerts.model.catalogue_dates import CatalogueDates
from alerts.model.events import Confidence
from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.content import canonical, pack, read_canonical, unpack
from opendata_spiders.store.models import Entry, LookResult, Verdict
from opendata_spiders.store.writing import Document


class Phase(StrEnum):
    """The city's own state machine."""

    NONE = "none"
    LIVE = "live"
    SLOWED = "slowed"
    STOPPING = "stopping"
    STOPPED = "stopped"
    RESUMED = "resumed"


QUIET = (Phase.SLOWED, Phase.STOPPING, Phase.STOPPED)


class DatasetStatus(StrEnum):
    """Why a dataset is kept apart from the ordinary ones."""

    PENDING = "pending"
    """Absent, but not often enough to say so."""
    HELD = "held"
    """Gone with so many others that a third complete run must agree."""
    REMOVED = "removed"
    UNLISTED = "unlisted"
    LEFT = "left"
    """Listed before the portal moved and not since; nothing was said of it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The newest sign of an update on the portal."""

    date: datetime
    """The update itself (UTC): the portal's own date, or when a run showed the change."""
    kind: str
    """claimed (the portal's date), content (a dataset changed), new (a dataset was added), or observed (no date can be
    read: `date` is when the portal was first read, or when its unreadable date was another one)."""
    dataset: str
    run: str


@dataclass(frozen=True, slots=True)
class City:
    """The state of the city, and what counts towards its next state."""

    phase: Phase = Phase.NONE
    since: datetime | None = None
    evidence: Evidence | None = None
    announced: int | None = None
    """The shortest notice of a stop already given, in days."""
    swept: int = 0
    """Detail pages read since the silence became long enough for a stop."""
    confirmed: tuple[str, ...] = ()
    """Datasets seen to change since the stop."""
    new: int = 0
    """New datasets since the stop."""
    first_sign: datetime | None = None
    """When the first of these was seen."""
    faking: bool = False
    days: tuple[str, ...] = ()
    """Latest different days (ISO) with an update, for the city's own median gap."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Consecutive runs that have something in common."""

    run: str
    """The first of them: the episode's run."""
    at: datetime
    runs: int = 1
    nights: int = 1
    last_at: datetime | None = None
    stated: bool = False
    """Whether the event that this streak leads to has been stated."""


@dataclass(frozen=True, slots=True)
class Absence:
    """One complete run that did not list a dataset."""

    run: str
    at: datetime
    look: LookResult
    gap: int
    """Printed total minus datasets seen: rows that may have been hidden from us (0 when no total is printed)."""


@dataclass(frozen=True, slots=True)
class DatasetState:
    """A dataset that is missing, or was stated as removed or unlisted."""

    dataset: str
    status: DatasetStatus
    entry: Entry
    """As last seen."""
    last_seen: datetime
    gap_before: int
    """Printed total minus datasets seen when it was last listed, minus those that were missing then (below zero where
    the total had followed them)."""
    cohort: int = 1
    """How many were missing in the run that first missed it, but for those that had twins by then …"""
    catalogue: int = 0
    """… and how many were known before it: listed, or missing and not stated as gone."""
    nights: int = 0
    """Absences that count, also those that are not kept."""
    absences: tuple[Absence, ...] = ()
    """Those that count, oldest first."""
    title: str = ""
    office: str = ""
    page_url: str = ""
    theme: tuple[str, ...] = ()
    twin: str | None = None
    """A new dataset that looks like this one under another id; stated as new only if this one comes back."""
    twin_score: float = 0.0
    twin_back: bool = False
    """Whether the twin was stated as gone or as this one before; once this one comes back it is stated as back."""
    namesakes: int = 0
    """How many of its title and office that vanished have new ids, while it has none: which is which is unknown."""
    ended: datetime | None = None
    """When it was stated as removed or unlisted."""
    ended_by: str | None = None
    """Id of that event."""
    lost_as: tuple[str, ...] = ()
    """Month and sort under which the portal's record counts it as lost; empty: it does not."""


@dataclass(frozen=True, slots=True)
class AbsenceOutcome:
    """What became of datasets that had vanished: how many of one month, sort and length of absence."""

    month: str
    """Of their return or of the statement that they are gone, `YYYY-MM`."""
    sort: str
    """How they had vanished (`return_odds.Sort`)."""
    days: int
    """From the first absence to the return; 0: stated as gone, and not listed since."""
    count: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A subject that was found empty or filled, against what is believed of it."""

    subject: str
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which subjects the catalogue covers: `theme:…` for the 14 themes, `key:…` for the four kinds of key data."""

    manifest: str | None = None
    """The complete run's manifest that was counted; None: nothing is believed yet."""
    reading: int = 0
    """Version of the normaliser that counted."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Datasets by subject, those with none left out."""
    lacking: tuple[str, ...] = ()
    """Subjects believed empty."""
    turning: tuple[Turn, ...] = ()
    """Subjects that the last complete run showed otherwise than believed."""


@dataclass(frozen=True, slots=True)
class Habit:
    """What was learnt of one ordinary dataset by watching its updates."""

    days: tuple[str, ...] = ()
    """Latest different days (ISO) with an update, oldest first."""
    bare: int = 0
    """How often its date has advanced since anything else on it changed."""
    bare_since: str = ""
    """The run that showed the first of these."""


@dataclass(frozen=True, slots=True)
class Shift:
    """An equal offset by which dates of the catalogue moved."""

    seconds: int
    since: datetime
    """The last complete run before it showed."""
    at: datetime
    """The last run that showed it on further datasets."""
    count: int = 0
    """Datasets that showed it while no update explained it."""
    rows: int = 0
    """Datasets read meanwhile."""
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Rewriting:
    """One equal edit of a field on a large part of the catalogue."""

    field: str
    gone: str
    came: str
    at: datetime
    """The last run that showed it on further datasets."""


@dataclass(frozen=True, slots=True)
class PortalState:
    """What the next fold needs to know of one portal, besides the states of single datasets.

    Or of the part of a portal that belongs to another government: then of the datasets of that part alone.
    """

    portal: str
    """Its id, or that of the part (`events.part_id`)."""
    slug: str
    last_run: str = ""
    last_seq: int = 0
    last_at: datetime | None = None
    last_verdict: Verdict | None = None
    last_reason: str = ""
    last_complete: str = ""
    last_complete_at: datetime | None = None
    epoch: str = ""
    address: str = ""
    """Family and base URL of the epoch, for the event about its end."""
    known: str | None = None
    """Manifest of what is believed listed; datasets that are absent lie in their own states."""
    trusted: str | None = None
    """Manifest of the last complete run, without what partial ones have read since."""
    size: int = 0
    others: int = 0
    """Datasets of other governments that the last complete run listed beside them."""
    owners: Mapping[str, int] = field(default_factory=dict)
    """How many datasets the last complete run listed of which other government (adcode); empty for a part."""
    read_fields: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    """Fields that the portal has ceased to fill."""
    undated_at: datetime | None = None
    """The last complete run before the portal's dates could not be read, or the first run; None while they can."""
    gap: int = 0
    declared: int | None = None
    first_observed: datetime | None = None
    nights: int = 0
    settled: bool = False
    """Whether the city's first state is known; where dates live in details, after the first sweep of them."""
    city: City = City()
    streaks: Mapping[str, Streak] = field(default_factory=dict)
    restamps: tuple[str, ...] = ()
    """Days (ISO) that were stamped on the catalogue in bulk: no evidence of an update."""
    restamped_at: datetime | None = None
    ahead: tuple[str, ...] = ()
    """Days (ISO) that were printed before they came: when they come, they are no evidence either."""
    shifts: tuple[Shift, ...] = ()
    """Equal offsets that dates moved by of late."""
    rewritings: tuple[Rewriting, ...] = ()
    """Equal edits of a field of late: what shows one later has been told of."""
    extractor: int | None = None
    """Version of the parser that read what is known; None before the first complete run."""
    counts: Mapping[str, int] = field(default_factory=dict)
    coverage: Coverage = Coverage()
    record: tuple[AbsenceOutcome, ...] = ()
    """What became of what vanished, over the last twelve months."""
    missing: int = 0
    """Datasets that the last complete run did not list and that are not stated as gone."""
    swings: tuple[str, ...] = ()
    """Latest different days (ISO) on which many that had vanished came back."""
    learnt: str = ""
    """The run that last taught us something of a dataset's habits."""
    corrections: int = 0
    """How often it was derived anew by a correction: a diff that loaded it before must not write over that."""


_READING = (
    *("last_run", "last_seq", "last_at", "last_verdict", "last_reason", "last_complete", "last_complete_at"),
    *("epoch", "address", "known", "trusted", "read_fields", "lost", "gap", "declared", "extractor"),
    *("restamps", "ahead"),
)
"""Fields of a PortalState that say what was read of a portal, when and how, and which of its dates are no evidence."""


def part_begun(portal: PortalState, part: str, slug: str) -> PortalState:
    """What is believed of a part of a portal before the first run that lists something of it.

    That is what was known of the portal and how it was read; of the other government nothing is known yet.
    """
    return replace(PortalState(part, slug), **{name: getattr(portal, name) for name in _READING})


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of one portal: its state, and by native id the states of missing datasets and others' habits."""

    state: PortalState
    datasets: Mapping[str, DatasetState] = field(default_factory=dict)
    habits: Mapping[str, Habit] = field(default_factory=dict)
    dates: CatalogueDates = field(default_factory=CatalogueDates)
    """Of the last complete run's list."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is shown of a state, derived when the state is written."""

    state: str
    """live, slowed, stopping, stopped, resumed, down, empty, blocked, drifted, undated (its dates cannot be read), or
    none (never completely read)."""
    since: datetime | None
    """Since when it has been in this state (UTC)."""
    reach: str
    """Whether the portal can be read: ok, down, empty, blocked or drifted."""
    days_silent: int | None
    """Whole days (portal's calendar) from the newest evidence to the last complete run; None without evidence."""
    confidence: Confidence
    """Of a stop: claimed until enough nights have been observed."""
    flapping: Mapping[str, int] | None = None
    """Where the catalogue flaps: vanished, back (both within a year) and longest_days; None where it does not."""


def portal_document(state: PortalState, summary: Summary) -> Document:
    """The portal's state as it lies in the collection `states`."""
    return to_document(state, key="portal") | {"view": to_document(summary)}


def portal_state(document: Mapping[str, Any]) -> PortalState:
    """The state from its document."""
    return from_document(PortalState, document, key="portal")


def habits_document(portal: str, habits: Mapping[str, Habit]) -> Document:
    """The habits of all datasets of a portal as one packed document of the collection `habits`."""
    rows = {name: [list(one.days), one.bare, one.bare_since] for name, one in habits.items()}
    return {"_id": portal, "packed": pack(canonical(rows))}


def habits_of(document: Mapping[str, Any] | None) -> dict[str, Habit]:
    """The habits from their document; none without one."""
    rows = read_canonical(unpack(document["packed"])) if document else {}
    return {name: Habit(tuple(days), bare, since) for name, (days, bare, since) in rows.items()}


def dataset_document(portal: str, state: DatasetState) -> Document:
    """A dataset's state as it lies in the collection `dataset_states`."""
    return {"portal": portal} | to_document(state)


def dataset_state(document: Mapping[str, Any]) -> DatasetState:
    """The dataset's state from its document."""
    return from_document(DatasetState, document)
