"""Queries over events, states and runs, for digests, pages and commands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from alerts.model.events import Event, owner_of, portal_of
from alerts.model.states import DatasetState, DatasetStatus, Evidence, Summary, bucket_id, bucket_states
from alerts.records.isolation import apart, failed
from alerts.records.state_source import States
from opendata_spiders.store.codec import from_document
from opendata_spiders.store.errors import DocumentError
from opendata_spiders.store.manifests import bucket
from opendata_spiders.store.models import ImportedFrom, Run, Verdict
from opendata_spiders.store.store import Store

Document = Mapping[str, Any]

_APART = (DatasetStatus.PENDING, DatasetStatus.REMOVED, DatasetStatus.UNLISTED)
NEWS = {"imported": None}
"""The query for events that rest on our own readings; the others are history, shown on pages alone."""
RETRACTED = "event.retracted"
"""The kind of event that retracts another one."""


@dataclass(frozen=True, slots=True)
class ClockSet:
    """A shift of many dates by one offset: no update of any dataset."""

    seconds: int
    datasets: int
    """Datasets that showed the offset without an update that explains it."""
    read: int
    """Datasets read in the same runs."""
    at: datetime
    """Time of the last run that showed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CityView(Summary):
    """One portal after the last folded run: the summary of its state, and the data that it is derived from."""

    portal: str
    slug: str
    city: str
    """The city's state by its updates, even if its portal cannot be read at present: live … stopped, or none."""
    evidence: Evidence | None
    last_run: str
    last_at: datetime | None
    last_verdict: Verdict | None
    last_reason: str
    last_complete_at: datetime | None
    first_observed: datetime | None
    nights_observed: int
    """Distinct days with a complete run."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """known, detailed, fresh, due, overdue, delinquent, realtime, no_promise, no_date, pending, removed, unlisted."""
    clock_set: tuple[ClockSet, ...] = ()
    """Shifts of the last two months."""
    imported: ImportedFrom | None = None
    """The last snapshot of its imported history …"""
    imported_until: datetime | None = None
    """… and when it was taken; None for a portal without one."""

    @property
    def only_imported(self) -> bool:
        """Whether what is believed of it rests on imported history alone: no reading of ours was complete yet."""
        return self.imported_until is not None and self.first_observed is None


def rounds_of(event: Event) -> tuple[str, ...]:
    """Ids of the rounds of file checks that an event rests on; none for an event that rests on runs."""
    found = event.evidence.get("rounds")
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def readable(documents: Iterable[Document], unread: list[Document] | None = None) -> Iterator[Event]:
    """The events of these documents; one that cannot be decoded fails alone, and is added to `unread`."""
    for document in documents:
        try:
            event = from_document(Event, document)
        except DocumentError as error:
            failed("event", str(document["_id"]), error)
            if unread is not None:
                unread.append(document)
        else:
            yield event


def events_after(
    store: Store, seq: int, limit: int | None = None, *, unread: list[Document] | None = None
) -> list[Event]:
    """Events with a larger seq, in order of writing, retracted ones marked; at most `limit` (None: all).

    Documents that cannot be decoded are added to `unread`.
    """
    return _found(store, {"seq": {"$gt": seq}}, limit or 0, unread)


def events_named(store: Store, ids: Iterable[str], *, unread: list[Document] | None = None) -> list[Event]:
    """The events with these ids, in order of writing, retracted ones marked."""
    return _found(store, {"_id": {"$in": list(ids)}}, 0, unread)


def find_event(store: Store, name: str) -> Event | None:
    """The event with this id, marked if it was retracted; None if there is none."""
    document = store.db["events"].find_one({"_id": name})
    return None if document is None else Withdrawals(store).mark(from_document(Event, document))


def _found(store: Store, query: Document, limit: int = 0, unread: list[Document] | None = None) -> list[Event]:
    cursor = store.db["events"].find(query).sort("seq", 1).limit(limit)
    return list(map(Withdrawals(store).mark, readable(cursor, unread)))


class Withdrawals:
    """Which events were retracted, by which event and when."""

    def __init__(self, store: Store) -> None:
        fields = {"evidence.retracted": 1, "at": 1, "seq": 1}
        self._by = {
            found["evidence"]["retracted"]: found
            for found in store.db["events"].find({"evidence.retracted": {"$exists": True}, "kind": RETRACTED}, fields)
        }

    def mark(self, event: Event) -> Event:
        """The event with the id of its retraction filled in, if it has one."""
        return replace(event, retracted=self._by[event.id]["_id"]) if event.id in self._by else event

    def at(self, event_id: str) -> datetime | None:
        """Time of the event's retraction; None while it is valid."""
        return self._by[event_id]["at"] if event_id in self._by else None

    def after(self, seq: int) -> list[str]:
        """Ids of the events whose retraction has a larger seq."""
        return [name for name, found in self._by.items() if found["seq"] > seq]


def tellable(events: Iterable[Event], told: int) -> list[Event]:
    """The events to report to a reader who has received everything up to the seq `told`.

    Left out are retracted events, retractions of events that the reader has never received, and imported history.
    """
    listed = (event for event in events if not event.retracted and not event.imported)
    return [event for event in listed if event.kind != RETRACTED or event.evidence.get("of_seq", 0) <= told]


def events_where(
    store: Store,
    *,
    portals: Iterable[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Event]:
    """Yield events of the portals with these ids or of all, in order of writing, retracted ones marked.

    `since` and `until` limit the time of their runs: at or after the one, before the other.
    """
    query: dict[str, Any] = {}
    if portals is not None:
        query["portal"] = {"$in": list(portals)}
    if since is not None or until is not None:
        query["at"] = {name: at for name, at in (("$gte", since), ("$lt", until)) if at is not None}
    return map(Withdrawals(store).mark, readable(store.db["events"].find(query).sort("seq", 1)))


def newest_of(store: Store, datasets: Iterable[tuple[str, str]], count: int) -> list[Event]:
    """The last news of these datasets (portal and native id), quiet events included, newest first."""
    each = [{"portal": portal, "dataset": dataset} for portal, dataset in datasets]
    found = store.db["events"].find({"$or": each, **NEWS}).sort("seq", -1).limit(count) if each else ()
    return list(readable(found))


def newest_seq(store: Store) -> int:
    """The seq of the last event written, 0 if none: where a new subscriber's cursor starts."""
    document = store.db["events"].find_one(sort=[("seq", -1)], projection=["seq"])
    return 0 if document is None else int(document["seq"])


def of_part(part: str) -> dict[str, Any]:
    """The query for the events of a portal itself, or of one part of it (`events.part_id`)."""
    return {"portal": portal_of(part), "owner": owner_of(part) or {"$in": ["", None]}}


def portal_states(states: States, portals: Iterable[str] | None = None) -> list[CityView]:
    """The state of every portal with a folded run, or of those with the given ids, sorted by slug."""
    wanted, missing = None if portals is None else set(portals), states.missing()
    views = []
    for document in states.documents():
        if wanted is None or document["_id"] in wanted:
            with apart("portal", str(document.get("slug") or document["_id"])):
                views.append(city_view(document, missing.get(document["_id"], {})))
    return sorted(views, key=lambda view: view.slug)


def missing_datasets(store: Store, part: str) -> Iterator[DatasetState]:
    """The missing and gone datasets of a portal itself, or of a part of it (`events.part_id`)."""
    for found in store.db["missing_datasets"].find({"portal": part}):
        yield from bucket_states(found)


def missing_dataset(store: Store, part: str, dataset: str) -> DatasetState | None:
    """The state of one dataset of a portal or part; None while it is listed, or if it was never seen there."""
    found = store.db["missing_datasets"].find_one({"_id": bucket_id(part, bucket(dataset))})
    return next((one for one in bucket_states(found) if one.dataset == dataset), None)


def city_view(document: Document, statuses: Mapping[str, int]) -> CityView:
    """One document of the collection `states` as a view; `statuses`: number of missing datasets by status."""
    city, shifts = document["city"], document.get("shifts", ())
    derived = {
        "city": city["phase"],
        "evidence": city["evidence"],
        "nights_observed": document["nights"],
        "counts": {**document["counts"], **{name: statuses.get(name, 0) for name in _APART}},
        "clock_set": [{**one, "datasets": one["count"], "read": one["rows"]} for one in shifts if one["stated"]],
    }
    return from_document(CityView, {**document, **document["view"], **derived}, key="portal")


def last_runs(store: Store, portals: Iterable[str], since: datetime, until: datetime | None = None) -> dict[str, Run]:
    """The last own run of each of these portals from `since` to `until`, by portal id, with its current verdict."""
    wanted = set(portals)
    return {
        run.portal: run
        for run in store.graded_runs(None, since=since)
        if run.portal in wanted and run.imported is None and (until is None or run.at <= until)
    }
