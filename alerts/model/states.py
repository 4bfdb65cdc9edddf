"""The state of one portal that is kept from run to run, as dataclasses and as documents of MongoDB."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from alerts.model.events import Confidence
from alerts.model.habits import Habit
from opendata_spiders.store.codec import changed_fields_json, from_document, to_document
from opendata_spiders.store.content import canonical, pack, read_canonical, unpack
from opendata_spiders.store.models import Entry, ImportedFrom, LookResult, Verdict
from opendata_spiders.store.writing import Document


class Phase(StrEnum):
    """States of a city by its updates."""

    NONE = "none"
    LIVE = "live"
    SLOWED = "slowed"
    STOPPING = "stopping"
    STOPPED = "stopped"
    RESUMED = "resumed"


QUIET = (Phase.SLOWED, Phase.STOPPING, Phase.STOPPED)
"""Phases of a city that has had no update for long."""


class DatasetStatus(StrEnum):
    """Why a dataset has a state of its own; listed datasets have none."""

    PENDING = "pending"
    """Absent, but not often enough to be stated as gone."""
    HELD = "held"
    """Absent together with so many others that a third complete run must confirm it."""
    REMOVED = "removed"
    UNLISTED = "unlisted"
    LEFT = "left"
    """Listed before a migration of the portal and not since; no event states it."""


WAITING = (DatasetStatus.PENDING, DatasetStatus.HELD)
"""Statuses of datasets that may be listed again: nothing is stated of them yet."""
ENDED = (DatasetStatus.REMOVED, DatasetStatus.UNLISTED)
"""Statuses of datasets that were stated as gone."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The newest evidence of an update on the portal."""

    date: datetime
    """Time of the update (UTC): the portal's own date, or the time of the run that showed the change."""
    kind: str
    """claimed (the portal's date), content (a dataset changed), new (a dataset was added), or observed (no date can be
    read: `date` is the time of the first run, or of the run in which an unreadable date had changed)."""
    dataset: str
    run: str


@dataclass(frozen=True, slots=True)
class City:
    """The state of a city, and what counts towards its next state."""

    phase: Phase = Phase.NONE
    since: datetime | None = None
    evidence: Evidence | None = None
    announced: int | None = None
    """The shortest notice of a stop that was already stated, in days."""
    swept: int = 0
    """Detail pages read since the time without updates became long enough for a stop."""
    confirmed: tuple[str, ...] = ()
    """Datasets seen to change since the stop."""
    new: int = 0
    """New datasets since the stop."""
    first_sign: datetime | None = None
    """Time of the first run that showed one of these."""
    faking: bool = False
    days: tuple[str, ...] = ()
    """Latest distinct days (ISO) with an update, from which the city's median gap is taken."""


@dataclass(frozen=True, slots=True)
class Streak:
    """Consecutive runs with a property in common."""

    run: str
    """The first of them, which identifies the episode."""
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
    """Printed total minus datasets seen: listed rows that the run may have missed (0 when no total is printed)."""


@dataclass(frozen=True, slots=True)
class DatasetState:
    """A dataset that is missing, or was stated as removed or unlisted."""

    dataset: str
    status: DatasetStatus
    entry: Entry
    """As last seen."""
    last_seen: datetime
    gap_before: int
    """Printed total minus datasets seen when it was last listed, minus the datasets missing at that time (negative
    where the total did not include them any more)."""
    cohort: int = 1
    """How many datasets without a twin were missing in the run that first missed it …"""
    catalogue: int = 0
    """… and how many were known before that run: listed, or missing and not stated as gone."""
    nights: int = 0
    """Number of absences that count, including those not kept in `absences`."""
    absences: tuple[Absence, ...] = ()
    """Absences that count, oldest first."""
    title: str = ""
    office: str = ""
    page_url: str = ""
    theme: tuple[str, ...] = ()
    twin: str | None = None
    """Id of a new dataset that looks like this one under another id; stated as new only if this one returns."""
    twin_score: float = 0.0
    twin_back: bool = False
    """Whether the id of the twin was itself stated as gone before; if this dataset returns, the twin is stated as
    listed again."""
    namesakes: int = 0
    """How many vanished datasets with its title and office have new ids while it has none: which of them is unknown."""
    warned: bool = False
    """Whether its watchers were told that it may be gone."""
    ended: datetime | None = None
    """Time at which it was stated as removed or unlisted."""
    ended_by: str | None = None
    """Id of that event."""
    transferred: bool = False
    """Whether it was stated that its title stands in the national register as a product of authorised operation."""
    lost_as: tuple[str, ...] = ()
    """Month and `return_odds.Sort` under which the portal's record counts it as lost; empty: not counted."""


@dataclass(frozen=True, slots=True)
class AbsenceOutcome:
    """Number of vanished datasets with the same month, sort and length of absence that returned, or never did."""

    month: str
    """Month (`YYYY-MM`) of their return, or of the statement that they are gone."""
    sort: str
    """How they had vanished (`return_odds.Sort`)."""
    days: int
    """Days from the first absence to the return; 0: stated as gone and not listed since."""
    count: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A subject that a run found empty although it is believed covered, or covered although it is believed empty."""

    subject: str
    run: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which subjects the catalogue covers: `theme:…` for the 14 themes, `key:…` for the four kinds of key data."""

    manifest: str | None = None
    """The complete run's manifest that was counted; None: nothing was counted yet."""
    reading: int = 0
    """Version of the normaliser that the counts were made with."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Number of datasets by subject, without subjects that have none."""
    lacking: tuple[str, ...] = ()
    """Subjects without a dataset, as confirmed by two runs."""
    turning: tuple[Turn, ...] = ()
    """Subjects for which the last complete run contradicts `lacking`."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One offset by which many dates of the catalogue moved."""

    seconds: int
    since: datetime
    """Time of the last complete run before the shift."""
    at: datetime
    """Time of the last run that showed it on further datasets."""
    count: int = 0
    """Datasets that showed the offset without an update that explains it."""
    rows: int = 0
    """Datasets read in the same runs."""
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Rewriting:
    """The same edit of one field on a large part of the catalogue."""

    field: str
    gone: str
    came: str
    at: datetime
    """Time of the last run that showed it on further datasets."""


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
    """Family and base URL of the epoch, for the event that states a migration."""
    known: str | None = None
    """Manifest of what is believed to be listed; missing datasets have a `DatasetState` instead."""
    trusted: str | None = None
    """Manifest of the last complete run, without what later partial runs have read."""
    size: int = 0
    others: int = 0
    """Datasets of other governments that the last complete run listed beside them."""
    owners: Mapping[str, int] = field(default_factory=dict)
    """How many datasets the last complete run listed of which other government (adcode); empty for a part."""
    read_fields: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    """Fields that the portal no longer fills."""
    undated_at: datetime | None = None
    """Time of the last complete run before the portal's dates became unreadable, or of the first run; None while they
    can be read."""
    gap: int = 0
    declared: int | None = None
    first_observed: datetime | None = None
    nights: int = 0
    settled: bool = False
    """Whether the city's first state is known; where dates are on detail pages, after all of those were read once."""
    city: City = City()
    streaks: Mapping[str, Streak] = field(default_factory=dict)
    restamps: tuple[str, ...] = ()
    """Days (ISO) on which dates were set in bulk: no evidence of an update."""
    restamped_at: datetime | None = None
    ahead: tuple[str, ...] = ()
    """Days (ISO) that were printed while they were in the future: no evidence of an update either."""
    shifts: tuple[Shift, ...] = ()
    """Recent offsets by which many dates moved."""
    rewritings: tuple[Rewriting, ...] = ()
    """Recent bulk edits of a field: datasets that show one later are not reported again."""
    extractor: int | None = None
    """Version of the parser that read `known`; None before the first complete run."""
    counts: Mapping[str, int] = field(default_factory=dict)
    coverage: Coverage = Coverage()
    record: tuple[AbsenceOutcome, ...] = ()
    """What became of vanished datasets, over the last twelve months."""
    missing: int = 0
    """Number of datasets that the last complete run did not list and that are not stated as gone."""
    swings: tuple[str, ...] = ()
    """Latest distinct days (ISO) on which many vanished datasets returned."""
    learnt: str = ""
    """The last run that changed a habit."""
    imported: ImportedFrom | None = None
    """The snapshot of the last imported run …"""
    imported_until: datetime | None = None
    """… and when it was taken; None for a portal without imported history."""
    corrections: int = 0
    """How often a correction has derived it anew: a diff that loaded an older state must not overwrite that."""


_READING = (
    *("last_run", "last_seq", "last_at", "last_verdict", "last_reason", "last_complete", "last_complete_at"),
    *("epoch", "address", "known", "trusted", "read_fields", "lost", "gap", "declared", "extractor"),
    *("restamps", "ahead", "imported", "imported_until"),
)
"""Fields of a PortalState that say what was read of a portal, when and how, and which of its dates are no evidence."""


def part_begun(portal: PortalState, part: str, slug: str) -> PortalState:
    """What is believed of a part of a portal before the first run that lists something of it.

    That is what was known of the portal and how it was read; of the other government nothing is known yet.
    """
    return replace(PortalState(part, slug), **{name: getattr(portal, name) for name in _READING})


@dataclass(frozen=True, slots=True)
class Summary:
    """The part of a state that is shown to people, derived when the state is written."""

    state: str
    """live, slowed, stopping, stopped, resumed, down, empty, blocked, drifted, undated (its dates cannot be read), or
    none (never completely read)."""
    since: datetime | None
    """Start of this state (UTC)."""
    reach: str
    """Whether the portal can be read: ok, down, empty, blocked or drifted."""
    days_silent: int | None
    """Whole days (portal's calendar) from the newest evidence to the last complete run; None without evidence."""
    confidence: Confidence
    """Confidence in a stop: claimed until enough nights have been observed."""
    flapping: Mapping[str, int] | None = None
    """If datasets vanish and return repeatedly: vanished, back (both within a year), longest_days; else None."""


def portal_document(state: PortalState, summary: Summary) -> Document:
    """The portal's state as a document of the collection `states`."""
    return to_document(state, key="portal") | {"view": to_document(summary)}


def portal_state(document: Mapping[str, Any]) -> PortalState:
    """The state from its document."""
    return from_document(PortalState, document, key="portal")


def habits_document(part: str, bucket: str, habits: Mapping[str, Habit]) -> Document:
    """The habits of one bucket as a document of the collection `habits`.

    `longest` at place n: the longest own gap (days) of those with at least n gaps. With it the slow ones are found.
    """
    gaps = [(len(one.gaps), one.own_gap(1) or 0.0) for one in habits.values()]
    most = max((many for many, _ in gaps), default=0)
    rows = {name: [list(one.days), one.bare, one.bare_since] for name, one in habits.items()}
    return {
        "_id": bucket_id(part, bucket),
        "portal": part,
        "longest": [max(gap for many, gap in gaps if many >= least) for least in range(most + 1)] if gaps else [],
        "packed": pack(canonical(rows)),
    }


def habits_of(document: Mapping[str, Any] | None) -> dict[str, Habit]:
    """The habits from the document of their bucket; none without one."""
    rows = read_canonical(unpack(document["packed"])) if document else {}
    return {name: Habit(tuple(days), bare, since) for name, (days, bare, since) in rows.items()}


def bucket_document(part: str, bucket: str, states: Iterable[DatasetState]) -> Document:
    """The states of the missing datasets of one bucket as a document of the collection `missing_datasets`.

    By `statuses`, `last_ended` and `oldest_left` the buckets are found that hold what a fold asks for.
    """
    held = sorted(states, key=lambda one: one.dataset)
    return {
        "_id": bucket_id(part, bucket),
        "portal": part,
        "statuses": Counter(one.status.value for one in held),
        "last_ended": max((one.ended for one in held if one.ended), default=None),
        "oldest_left": min((one.last_seen for one in held if one.status is DatasetStatus.LEFT), default=None),
        "packed": pack(canonical([changed_fields_json(one) for one in held])),
    }


def bucket_id(part: str, bucket: str) -> str:
    """`_id` of the document that holds the bucket of a portal, or of a part of one."""
    return f"{part}#{bucket}"


def bucket_states(
    document: Mapping[str, Any] | None, statuses: Collection[DatasetStatus] | None = None
) -> list[DatasetState]:
    """The states, or those with these statuses, from the document of their bucket; none without one."""
    rows = read_canonical(unpack(document["packed"])) if document else []
    return [from_document(DatasetState, row) for row in rows if statuses is None or row["status"] in statuses]
