"""Watched datasets: single datasets that a subscriber follows, also under new ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pymongo.client_session import ClientSession

from alerts.model.events import Event
from opendata_spiders import normalise
from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.store import Store

Key = tuple[str, str]
"""Id of a portal and native id of a dataset."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One dataset that one subscriber follows."""

    subscriber: str
    portal: str
    dataset: str
    title: str
    """The last known title, by which, with the office, it is found again after a migration."""
    office: str
    at: datetime
    was: tuple[str, ...] = ()
    """Its former native ids, oldest first."""

    @property
    def key(self) -> Key:
        return self.portal, self.dataset


def watches(store: Store, subscriber: str | None = None) -> list[Watch]:
    """The watches of a subscriber or of all, by subscriber, portal and dataset."""
    query = {} if subscriber is None else {"subscriber": subscriber}
    found = store.db["watches"].find(query).sort([("subscriber", 1), ("portal", 1), ("dataset", 1)])
    return [from_document(Watch, document) for document in found]


def add(store: Store, watch: Watch) -> bool:
    """Add a watch; False if it exists already."""
    found = store.db["watches"].update_one(_same(watch), {"$setOnInsert": to_document(watch)}, upsert=True)
    return found.upserted_id is not None


def remove(store: Store, subscriber: str, key: Key) -> bool:
    """Delete a watch; False if there was none."""
    same = {"subscriber": subscriber, "portal": key[0], "dataset": key[1]}
    return store.db["watches"].delete_one(same).deleted_count == 1


def _same(watch: Watch) -> dict[str, str]:
    return {"subscriber": watch.subscriber, "portal": watch.portal, "dataset": watch.dataset}


def followed(store: Store, known: Sequence[Watch], events: Iterable[Event]) -> list[Watch]:
    """The watches after these events: under the new id of a dataset that got one."""
    now = list(known)
    for event in sorted(events, key=lambda one: one.seq):
        if event.kind == "dataset.rekeyed" and event.dataset:
            old = (event.portal, str(event.evidence.get("old_id")))
            now = [_under(one, event.dataset) if one.key == old else one for one in now]
        if event.kind == "platform.moved":
            now = [_moved(store, one) if one.portal == event.portal else one for one in now]
    return now


def _under(watch: Watch, dataset: str) -> Watch:
    return replace(watch, dataset=dataset, was=(*watch.was, watch.dataset))


def _moved(store: Store, watch: Watch) -> Watch:
    """After a migration: under the id of the only listed dataset of its title and office, unless its own is listed."""
    listed = {"portal": watch.portal, "listed": True}
    if store.db["datasets"].find_one({**listed, "id": watch.dataset}, {"_id": 1}):
        return watch
    wanted = normalise.second_key(watch.title, watch.office)
    rows = store.db["datasets"].find(listed, {"id": 1, "title": 1, "office": 1})
    same = [
        row["id"] for row in rows if normalise.second_key(row.get("title") or "", row.get("office") or "") == wanted
    ]
    return _under(watch, same[0]) if len(same) == 1 else watch


def rewrite(store: Store, before: Sequence[Watch], after: Sequence[Watch], session: ClientSession) -> None:
    """Store watches whose dataset has a new id."""
    for old, new in zip(before, after, strict=True):
        if old.key == new.key:
            continue
        store.db["watches"].delete_one(_same(old), session=session)
        store.db["watches"].replace_one(_same(new), to_document(new), upsert=True, session=session)
