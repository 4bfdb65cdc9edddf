"""What is believed of one portal between two folds, as plain data and as documents of MongoDB."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from alerts.model.events import Confidence
from opendata_spiders.store.content import canonical, pack, read_canonical, storable, unpack
from opendata_spiders.store.models import Entry, LookResult, Verdict

Document = dict[str, Any]


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
    kind: str
    """claimed (the portal's date), content (we saw a change), new (a dataset) or observed (no date could be read: when
    we first looked, or saw that it had become another one)."""
    dataset: str
    run: str


@dataclass(frozen=True, slots=True)
class City:
    """Where the city stands, and what has been gathered towards its next state."""

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
    """A dataset that is not simply listed; a tombstone once it is removed or unlisted."""

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
    """Everything the next fold needs to know about one portal besides its exceptional datasets."""

    portal: str
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


@dataclass(frozen=True, slots=True)
class Memory:
    """What is believed of one portal: its state, its exceptional datasets and others' habits, both by native id."""

    state: PortalState
    datasets: Mapping[str, DatasetState] = field(default_factory=dict)
    habits: Mapping[str, Habit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Summary:
    """What people are shown of a state, worked out once when it is written."""

    state: str
    since: datetime | None
    reach: str
    days_silent: int | None
    confidence: Confidence
    flapping: Mapping[str, int] | None = None
    """The portal's record where its catalogue flaps: how many vanished, came back, and how late at most."""


def portal_document(state: PortalState, summary: Summary) -> Document:
    """The portal's state as it lies in the collection `states`."""
    document = asdict(state)
    document["_id"] = document.pop("portal")
    document["view"] = asdict(summary)
    return document_of(document)


def portal_state(document: Mapping[str, Any]) -> PortalState:
    """The state from its document."""
    values = _known(PortalState, {**document, "portal": document["_id"]})
    verdict = values["last_verdict"]
    values |= {
        "last_verdict": None if verdict is None else Verdict(verdict),
        "city": _city(values["city"]),
        "coverage": _coverage(values.get("coverage", {})),
        "shifts": tuple(Shift(**_known(Shift, one)) for one in values.get("shifts", ())),
        "rewritings": tuple(Rewriting(**_known(Rewriting, one)) for one in values.get("rewritings", ())),
        "record": tuple(AbsenceOutcome(**_known(AbsenceOutcome, one)) for one in values.get("record", ())),
        "streaks": {name: Streak(**_known(Streak, streak)) for name, streak in values["streaks"].items()},
    }
    return PortalState(**values)


def _city(document: Mapping[str, Any]) -> City:
    values = _known(City, document)
    evidence = values["evidence"]
    return City(
        **values
        | {
            "phase": Phase(values["phase"]),
            "evidence": None if evidence is None else Evidence(**_known(Evidence, evidence)),
        }
    )


def _coverage(document: Mapping[str, Any]) -> Coverage:
    values = _known(Coverage, document)
    turning = tuple(Turn(**_known(Turn, turn)) for turn in values.pop("turning", ()))
    return Coverage(**values, turning=turning)


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
    return document_of({"portal": portal, **asdict(state)})


def dataset_state(document: Mapping[str, Any]) -> DatasetState:
    """The dataset's state from its document."""
    values = _known(DatasetState, document)
    absences = (Absence(**_known(Absence, absence)) for absence in values["absences"])
    return DatasetState(
        **values
        | {
            "status": DatasetStatus(values["status"]),
            "entry": Entry(**_known(Entry, values["entry"])),
            "absences": tuple(replace(absence, look=LookResult(absence.look)) for absence in absences),
        }
    )


def _known(kind: type[Any], document: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in fields(kind)}
    return {name: _revived(value) for name, value in document.items() if name in names}


def _revived(value: Any) -> Any:
    """Lists become tuples again and times aware, as the plain data has them."""
    if isinstance(value, list):
        return tuple(_revived(one) for one in value)
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def document_of(values: Mapping[str, Any]) -> Document:
    """The values as a document that the database can hold, whatever a portal wrote into them."""
    return {name: storable(plain(value)) for name, value in values.items()}


def plain(value: Any) -> Any:
    """The same value with enums as text and tuples as lists, for the database and for JSON."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value
