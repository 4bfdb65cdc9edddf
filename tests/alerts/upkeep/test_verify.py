"""One sentence for each thing that is wrong with a database, and none for a whole one."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from alerts.records.citations import Citation, Sighting, put_excerpt
from alerts.upkeep.verify import verify
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.content import pack, version_id
from opendata_spiders.store.models import Entry, Version
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import run_of

PLACE = PortalRef("p-1", "somewhere")


@pytest.fixture
def whole(store: Store) -> Store:
    prepare(store)
    entries = []
    for number in range(3):
        dataset, content = f"d{number}", {"title": f"道路{number}"}
        name = version_id(PLACE.id, dataset, content)
        store.put_versions([Version(name, PLACE.id, dataset, "test", content)])
        entries.append(Entry(dataset, "fp", name))
    run = store.commit(run_of(PLACE.id, PLACE.slug, real_now(), seen=3, declared=3), entries)
    fold_new(store, PLACE, policy())
    put_excerpt(store, PLACE.id, run.id, {"d0": Citation(after=Sighting(run.id, entries[0]))})
    return store


def first(store: Store, name: str) -> Any:
    return store.db[name].find_one(sort=[("_id", 1)])


def cut(store: Store, name: str, field: str) -> None:
    found = first(store, name)
    store.db[name].update_one({"_id": found["_id"]}, {"$set": {field: found[field][:-3]}})


def other_content(store: Store) -> None:
    kept = list(store.db.versions.find().sort("_id", 1))
    store.db.versions.update_one({"_id": kept[0]["_id"]}, {"$set": {"content": kept[1]["content"]}})


DAMAGES: dict[str, tuple[Callable[[Store], object], str]] = {
    "manifest": (lambda store: store.db.manifests.delete_many({}), "is missing from the store; restore"),
    "chunk": (lambda store: store.db.chunks.delete_one({"_id": first(store, "chunks")["_id"]}), "chunks are missing"),
    "cut chunk": (lambda store: cut(store, "chunks", "blob"), "cannot be read"),
    "version": (lambda store: store.db.versions.delete_one({"_id": first(store, "versions")["_id"]}), "is not stored"),
    "cut version": (lambda store: cut(store, "versions", "content"), "cannot be read"),
    "another version": (other_content, "its content does not have this hash"),
    "chunk without JSON": (
        lambda store: store.db.chunks.update_one({"_id": first(store, "chunks")["_id"]}, {"$set": {"blob": pack(b"x")}}),
        "chunks .* cannot be read",
    ),
    "excerpt": (lambda store: cut(store, "excerpts", "blob"), "excerpts .* cannot be read"),
    "count of an excerpt": (lambda store: store.db.excerpts.update_many({}, {"$set": {"n": 2}}), "says 2 datasets and holds 1"),
    "version of an excerpt": (lambda store: store.db.versions.delete_many({}), "the excerpt .* names it and it is not"),
    "count": (lambda store: store.db.manifests.update_many({}, {"$set": {"n": 7}}), "says 7 entries .* hold 3"),
    "state": (lambda store: store.db.states.update_many({}, {"$set": {"last_run": "gone"}}), "last run gone is not stored"),
    "event": (
        lambda store: store.db.events.insert_one(
            {"_id": "e", "seq": 1, "run": "gone", "kind": "dataset.new", "portal": "p-1", "evidence": {}}
        ),
        "reading gone of p-1 is not stored",
    ),
}  # fmt: skip


def test_a_whole_database_has_no_defect(whole: Store) -> None:
    done = verify(whole)
    assert done.defects == []
    assert (done.counts["manifests"], done.counts["versions"], done.counts["states"]) == (1, 3, 1)
    assert (done.counts["chunks"], done.counts["excerpts"]) == (3, 1)


@pytest.mark.parametrize(("damage", "said"), DAMAGES.values(), ids=list(DAMAGES))
def test_each_defect_is_named(whole: Store, damage: Callable[[Store], object], said: str) -> None:
    damage(whole)
    found = "\n".join(map(str, verify(whole).defects))
    assert re.search(said, found), found
