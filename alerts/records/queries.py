"""What the diff has written, read back as plain data: for digests, pages and commands."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from alerts.model.events import Confidence, Event, Severity
from alerts.records.isolation import apart, failed
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store

Document = Mapping[str, Any]

RETRACTED = "event.retracted"
"""The kind of event that takes another one back."""


@dataclass(frozen=True, slots=True)
class UpdateSign:
    """The newest sign of an update on a whole portal."""

    date: datetime
    """The update itself (UTC): the portal's own date, or when we saw the change."""
    kind: str
    """claimed (the portal's date), content (we saw a change), new (a new dataset), or observed: no date could
    be read, and this is when we first looked, or saw that it had changed."""
    dataset: str
    run: str


@dataclass(frozen=True, slots=True)
class ClockSet:
    """Dates that all moved by one equal offset: no update of any dataset."""

    seconds: int
    datasets: int
    """Of so many it was certain."""
    read: int
    """Of so many read."""
    at: datetime
    """The last run that showed it."""


@dataclass(frozen=True, slots=True)
class CityView:
    """Where one portal stands after the last folded run."""

    portal: str
    slug: str
    state: str
    """live, slowed, stopping, stopped, resumed, down, empty, blocked, drifted, undated (its dates cannot be read), or
    none (never completely read)."""
    since: datetime | None
    """Since when it has been in this state (UTC)."""
    city: str
    """The city's own state whether or not we can read its portal tonight: live … stopped, or none."""
    reach: str
    """Whether we can read it: ok, down, empty, blocked or drifted."""
    days_silent: int | None
    """Whole days (portal's calendar) from the newest evidence to the last complete run; None without evidence."""
    evidence: UpdateSign | None
    confidence: Confidence
    """Of a stop: claimed until enough nights have been observed."""
    last_run: str
    last_at: datetime | None
    last_verdict: Verdict | None
    last_reason: str
    last_complete_at: datetime | None
    first_observed: datetime | None
    nights_observed: int
    """Different dates with a complete run."""
    flapping: Mapping[str, int] | None = None
    """Where the catalogue flaps: vanished, back (both within a year) and longest_days; None where it does not."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """known, detailed, fresh, due, overdue, delinquent, realtime, no_promise, no_date, pending, removed, unlisted."""
    clock_set: tuple[ClockSet, ...] = ()
    """Of the last two months."""


@dataclass(frozen=True, slots=True)
class RunsSummary:
    """What was checked of one portal in a stretch of time: one coverage line."""

    portal: str
    slug: str
    runs: int
    complete: int
    last_at: datetime | None
    last_verdict: Verdict | None
    last_reason: str
    declared: int | None
    seen: int
    detailed: int

    @property
    def reliable(self) -> bool:
        """Whether the last reading was whole: an earlier one says nothing about a night on which we were shut out."""
        return self.last_verdict is Verdict.COMPLETE


def event_from(document: Document) -> Event:
    """An event as it lies in the collection `events`, as plain data."""
    return Event(
        id=document["_id"],
        kind=document["kind"],
        portal=document["portal"],
        slug=document["slug"],
        dataset=document["dataset"],
        run=document["run"],
        at=utc(document["at"]),
        severity=Severity(document["severity"]),
        confidence=Confidence(document["confidence"]),
        title=document["title"],
        office=document["office"],
        page_url=document["page_url"],
        since=utc_or_none(document["since"]),
        rule=document["rule"],
        evidence=document["evidence"],
        seq=document["seq"],
    )


def utc(moment: datetime) -> datetime:
    """The moment aware in UTC; the database keeps UTC without saying so."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def utc_or_none(moment: datetime | None) -> datetime | None:
    return None if moment is None else utc(moment)


def rounds_of(event: Event) -> tuple[str, ...]:
    """Ids of the rounds of looks at files that it rests on; none of one that the portal's lists state."""
    found = event.evidence.get("rounds")
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def readable(documents: Iterable[Document], unread: list[Document] | None = None) -> Iterator[Event]:
    """The events of these documents; one that cannot be read fails alone, and is added to `unread`."""
    for document in documents:
        try:
            event = event_from(document)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            failed("event", str(document["_id"]), error)
            if unread is not None:
                unread.append(document)
        else:
            yield event


def events_after(
    store: Store, seq: int, limit: int | None = None, *, unread: list[Document] | None = None
) -> list[Event]:
    """Events with a larger seq, in order of writing, each marked if it was taken back; at most `limit` (None: all).

    Documents that hold no event are added to `unread`.
    """
    cursor = store.db["events"].find({"seq": {"$gt": seq}}).sort("seq", 1)
    return _marked(store, readable(cursor.limit(limit or 0), unread))


def events_named(store: Store, ids: Iterable[str], *, unread: list[Document] | None = None) -> list[Event]:
    """The events of these ids, in order of writing, each marked if it was taken back."""
    cursor = store.db["events"].find({"_id": {"$in": list(ids)}}).sort("seq", 1)
    return _marked(store, readable(cursor, unread))


def find_event(store: Store, name: str) -> Event | None:
    """The event with this id, marked if it was taken back; None if there is none."""
    document = store.db["events"].find_one({"_id": name})
    return None if document is None else _marked(store, [event_from(document)])[0]


def _marked(store: Store, events: Iterable[Event]) -> list[Event]:
    taken = {
        found["evidence"]["retracted"]: found["_id"]
        for found in store.db["events"].find({"evidence.retracted": {"$exists": True}}, {"evidence.retracted": 1})
    }
    return [replace(event, retracted=taken[event.id]) if event.id in taken else event for event in events]


def tellable(events: Iterable[Event], told: int) -> list[Event]:
    """What a reader who was told everything up to the seq `told` is to hear of.

    What was taken back is no news, and its correction concerns only whom it had been told to.
    """
    listed = (event for event in events if not event.retracted)
    return [event for event in listed if event.kind != RETRACTED or event.evidence.get("of_seq", 0) <= told]


def events_where(
    store: Store,
    *,
    portals: Iterable[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Event]:
    """Events of the portals with these ids or of all, in order of writing; marked.

    `since` and `until` limit the time of their runs: at or after the one, before the other.
    """
    query: dict[str, Any] = {}
    if portals is not None:
        query["portal"] = {"$in": list(portals)}
    if since is not None or until is not None:
        query["at"] = {name: at for name, at in (("$gte", since), ("$lt", until)) if at is not None}
    return _marked(store, readable(store.db["events"].find(query).sort("seq", 1)))


def newest_seq(store: Store) -> int:
    """The seq of the last event written, 0 if none: where a new subscriber's cursor starts."""
    document = store.db["events"].find_one(sort=[("seq", -1)], projection=["seq"])
    return 0 if document is None else int(document["seq"])


def portal_states(store: Store, portals: Iterable[str] | None = None) -> list[CityView]:
    """The state of every portal that was ever folded, or of those with the given ids, by slug."""
    query = {} if portals is None else {"_id": {"$in": list(portals)}}
    statuses = _statuses(store)
    views = []
    for document in store.db["states"].find(query):
        with apart("portal", str(document.get("slug") or document["_id"])):
            views.append(city_view(document, statuses[document["_id"]]))
    return sorted(views, key=lambda view: view.slug)


def _statuses(store: Store) -> Mapping[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    group = {"$group": {"_id": {"portal": "$portal", "status": "$status"}, "n": {"$sum": 1}}}
    for row in store.db["dataset_states"].aggregate([group]):
        counts[row["_id"]["portal"]][row["_id"]["status"]] = row["n"]
    return counts


def city_view(document: Document, statuses: Mapping[str, int]) -> CityView:
    """One document of the collection `states` as plain data."""
    summary = document["view"]
    evidence = document["city"]["evidence"]
    return CityView(
        portal=document["_id"],
        slug=document["slug"],
        state=summary["state"],
        since=utc_or_none(summary["since"]),
        city=document["city"]["phase"],
        reach=summary["reach"],
        days_silent=summary["days_silent"],
        evidence=None if evidence is None else _evidence(evidence),
        confidence=Confidence(summary["confidence"]),
        last_run=document["last_run"],
        last_at=utc_or_none(document["last_at"]),
        last_verdict=None if document["last_verdict"] is None else Verdict(document["last_verdict"]),
        last_reason=document["last_reason"],
        last_complete_at=utc_or_none(document["last_complete_at"]),
        first_observed=utc_or_none(document["first_observed"]),
        nights_observed=document["nights"],
        flapping=summary.get("flapping"),
        counts={**document["counts"], **{name: statuses.get(name, 0) for name in ("pending", "removed", "unlisted")}},
        clock_set=tuple(_clock_set(one) for one in document.get("shifts", ()) if one["stated"]),
    )


def _clock_set(document: Document) -> ClockSet:
    return ClockSet(document["seconds"], document["count"], document["rows"], utc(document["at"]))


def _evidence(document: Document) -> UpdateSign:
    return UpdateSign(utc(document["date"]), document["kind"], document["dataset"], document["run"])


def coverage(
    store: Store, portals: Mapping[str, str], since: datetime, until: datetime | None = None
) -> list[RunsSummary]:
    """One line for each portal (id to slug): what was read of it in that time, portals without a run included."""
    runs: dict[str, list[Run]] = defaultdict(list)
    for run in store.graded_runs(None, since=since):
        if until is None or run.at <= until:
            runs[run.portal].append(run)
    return [_summary(portal, slug, runs[portal]) for portal, slug in portals.items()]


def _summary(portal: str, slug: str, runs: list[Run]) -> RunsSummary:
    last = runs[-1] if runs else None
    return RunsSummary(
        portal=portal,
        slug=slug,
        runs=len(runs),
        complete=sum(run.verdict is Verdict.COMPLETE for run in runs),
        last_at=last.at if last else None,
        last_verdict=last.verdict if last else None,
        last_reason=last.reason if last else "",
        declared=last.declared if last else None,
        seen=last.seen if last else 0,
        detailed=last.detailed if last else 0,
    )
