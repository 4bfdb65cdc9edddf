"""What an event's page shows, as plain data."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from alerts.model.events import Event
from alerts.model.kinds import kinds
from alerts.model.places import PortalName
from alerts.publish.evidence_rows import EvidenceRow, rows, when
from alerts.records.queries import rounds_of
from alerts.text.labels import Both, label
from alerts.text.links import event_path
from alerts.text.sanitising import clean, inert, inert_url
from alerts.text.statements import Statement, place_name, told
from opendata_spiders.store.file_checks import FileCheck, FileRound, by_ids
from opendata_spiders.store.models import Run
from opendata_spiders.store.store import Store

_LOOKS = 60
_HEADER_CHARS = 600
_ABSENT = "absent"
"""Evidence that names the readings a dataset was missing from."""


@dataclass(frozen=True, slots=True)
class ComparedReading:
    """One of the readings an event compares."""

    id: str
    at: str
    verdict: str
    declared: int | None
    seen: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """One look at one file that an event rests on."""

    at: str
    file: str
    said: str
    """Outcome, reason and HTTP status."""
    content: str
    """Bytes, rows and hash, as far as known."""
    columns: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """One event, with everything its page says."""

    event: Event
    told: Statement
    place: Both
    evidence: tuple[EvidenceRow, ...]
    readings: tuple[ComparedReading, ...]
    link: str
    """The portal's page of the dataset; empty where it is none of the portal's own."""
    criterion: str
    home: str = ""
    """The portal's first page."""
    looks: tuple[Look, ...] = ()

    @property
    def path(self) -> str:
        return event_path(self.event.id)

    @property
    def confidence(self) -> Both:
        return label(f"confidence.{self.event.confidence.value}")

    @property
    def severity(self) -> Both:
        return label(f"severity.{self.event.severity.value}")

    @property
    def stated(self) -> str:
        return when(self.event.at)

    @property
    def since(self) -> str:
        return when(self.event.since)

    @property
    def title(self) -> str:
        return inert(clean(self.event.title))

    @property
    def office(self) -> str:
        return inert(clean(self.event.office))

    @property
    def dataset(self) -> str:
        return inert(clean(self.event.dataset or ""))


@dataclass
class Clerk:
    """Makes pages; remembers what many of them share."""

    store: Store
    places: Mapping[str, PortalName]

    @cached_property
    def _runs(self) -> dict[str, Run | None]:
        return {}

    def page(self, event: Event) -> EventPage:
        """The page of one event."""
        place = self.places.get(event.slug)
        kind = kinds().get(event.kind)
        return EventPage(
            event=event,
            told=told(event, self.places),
            place=place_name(event.slug, self.places),
            evidence=rows(event.evidence),
            readings=() if rounds_of(event) else tuple(self._readings(event)),
            looks=tuple(self._looks(event)),
            link=inert_url(event.page_url, place.host if place else ""),
            criterion=kind.criterion if kind else "",
            home=inert_url(place.home, place.host) if place else "",
        )

    def _readings(self, event: Event) -> Iterator[ComparedReading]:
        """Every reading it names, before them the last complete one that still listed what is gone."""
        names = _run_ids(event)
        absent = _absent_from(event)
        first = self._run(absent[0]) if absent else None
        before = self.store.trusted_before(first) if first else None
        if before and before.run.id not in names:
            yield self._row(before.run)
        yield from map(self._reading, names)

    def _reading(self, run_id: str) -> ComparedReading:
        run = self._run(run_id)
        if run is None:
            return ComparedReading(inert(clean(run_id)), "", "", None, None)
        return self._row(run)

    @staticmethod
    def _row(run: Run) -> ComparedReading:
        return ComparedReading(run.id, when(run.at), str(label(f"verdict.{run.verdict.value}")), run.declared, run.seen)

    def _looks(self, event: Event) -> Iterator[Look]:
        """The looks at the event's dataset, or at all where it is the host's; at most so many as a page can hold."""
        rounds = by_ids(self.store.db, rounds_of(event)) if rounds_of(event) else ()
        checks = ((looked, check) for looked in rounds for check in looked.checks)
        wanted = (pair for pair in checks if event.dataset in (None, pair[1].dataset))
        return (_look(*pair) for pair in islice(wanted, _LOOKS))

    def _run(self, run_id: str) -> Run | None:
        if run_id not in self._runs:
            self._runs[run_id] = self.store.run(run_id)
        return self._runs[run_id]


def _look(looked: FileRound, check: FileCheck) -> Look:
    numbers = {"bytes": check.size, "rows": check.rows, "hash": check.content_hash or None}
    words = (str(label(f"outcome.{check.outcome.value}")), check.why, str(check.status or ""))
    return Look(
        when(looked.at),
        inert(clean(check.name or check.file)),
        " ".join(inert(clean(word)) for word in words if word),
        ", ".join(f"{label(f'look.{name}')} {value}" for name, value in numbers.items() if value is not None),
        inert(clean(" | ".join(check.columns), _HEADER_CHARS)),
    )


def _run_ids(event: Event) -> list[str]:
    """Every reading the event names, in the order of its evidence, its own last if it is not among them."""
    named = [str(run) for run in _items(event.evidence.get("runs"))]
    return list(dict.fromkeys([*named, *_absent_from(event), event.run]))


def _absent_from(event: Event) -> list[str]:
    """The readings that did not list what is gone."""
    rows = [one for one in _items(event.evidence.get(_ABSENT)) if isinstance(one, Mapping)]
    return [str(one["run"]) for one in rows if "run" in one]


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()
