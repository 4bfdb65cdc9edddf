"""Documents of alerts stay what they were: the expectations were written before there was one codec."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import bson
from bson import json_util
from bson.codec_options import CodecOptions

from alerts.audience import remarks, watches
from alerts.delivery import outbox
from alerts.engine.repository import event_document, prepare
from alerts.model.events import Event
from alerts.model.file_states import memory_document, memory_of
from alerts.model.states import DatasetState, bucket_document, bucket_states, portal_document, portal_state
from alerts.records.queries import city_view
from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.connect import Store
from opendata_spiders.store.content import pack, unpack
from tests.alerts.model import documents

AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True)
WRITTEN = json_util.loads(
    Path(__file__).with_name("documents.json").read_text("utf-8"),
    json_options=json_util.JSONOptions(tz_aware=True),
)


def kept(document: dict[str, Any]) -> dict[str, Any]:
    """As the database gives it back."""
    return bson.decode(bson.encode(document), AWARE)


def test_states_have_the_shape_of_old() -> None:
    assert kept(portal_document(documents.STATE, documents.SUMMARY)) == WRITTEN["state"]
    assert kept(portal_document(documents.BARE_STATE, documents.BARE_SUMMARY)) == WRITTEN["bare_state"]
    files = memory_document(documents.FILES)
    assert json.loads(unpack(files["packed"])) == WRITTEN["files"]


def test_old_states_are_read() -> None:
    assert portal_state(WRITTEN["state"]) == documents.STATE
    assert portal_state(WRITTEN["bare_state"]) == documents.BARE_STATE
    assert from_document(DatasetState, WRITTEN["dataset"]) == documents.DATASET, "before they were packed"
    packed = pack(json.dumps(WRITTEN["files"]).encode())
    assert memory_of("guiyang.1", {"_id": "guiyang.1", "packed": packed}) == documents.FILES


def test_states_of_missing_datasets_come_back_from_their_bucket() -> None:
    odd = replace(documents.DATASET, dataset="b", title="半个代理对 \ud800", nights=0)
    document = bucket_document("guiyang.1", "0f", [odd, documents.DATASET])
    assert (document["_id"], document["portal"]) == ("guiyang.1#0f", "guiyang.1")
    assert sum(document["statuses"].values()) == 2
    assert {one.dataset: one for one in bucket_states(kept(document))} == {
        "b": odd, documents.DATASET.dataset: documents.DATASET,
    }  # fmt: skip


def test_a_view_of_an_old_state() -> None:
    view = city_view(WRITTEN["state"], {"pending": 2})
    assert to_document(view, key="portal") == {
        "_id": "guiyang.1", "slug": "guiyang", "state": "stopped", "since": documents.AT, "reach": "ok",
        "city": "stopped", "days_silent": 30, "confidence": "claimed", "last_run": "r3", "last_at": documents.AT,
        "evidence": {"date": documents.AT, "kind": "claimed", "dataset": "d1", "run": "r1"},
        "last_verdict": "complete", "last_reason": "all 3 of 3 pages read", "last_complete_at": documents.AT,
        "first_observed": documents.STATE.first_observed, "nights_observed": 3,
        "flapping": {"vanished": 3, "back": 2, "longest_days": 9},
        "counts": {"known": 12, "overdue": 1, "pending": 2, "removed": 0, "unlisted": 0},
        "clock_set": [{"seconds": 3600, "datasets": 10, "read": 12, "at": documents.AT}],
        "imported": None, "imported_until": None,
    }  # fmt: skip


def test_events_are_those_of_old() -> None:
    assert kept(event_document(documents.EVENT)) == WRITTEN["event"]
    assert from_document(Event, WRITTEN["event"]) == documents.EVENT


def test_the_outbox_is_that_of_old(store: Store) -> None:
    prepare(store)
    step = outbox.OutboxStep(None, documents.CURSOR, [documents.DELIVERY], documents.AT)
    assert outbox.commit_all(store, [step]) == [True]

    assert store.db.cursors.find_one() == WRITTEN["cursor"]
    written = store.db.deliveries.find_one()
    assert {**written, "created_at": documents.AT} == WRITTEN["delivery"]
    assert outbox.cursor(store, "desk") == documents.CURSOR
    store.db.deliveries.replace_one({"_id": written["_id"]}, WRITTEN["delivery"])
    assert outbox.claim(store, now=documents.AT) == replace(documents.DELIVERY, first_at=documents.AT)


def test_watches_and_remarks_are_those_of_old(store: Store) -> None:
    watches.add(store, documents.WATCH)
    remarks.put(store, [documents.REMARK])
    hidden = {"_id": 0}
    assert store.db.watches.find_one({}, hidden) == WRITTEN["watch"]
    assert store.db.remarks.find_one({}, hidden) == WRITTEN["remark"]
    assert watches.watches(store) == [documents.WATCH]
    assert remarks.holding(store, documents.REMARK.kind, documents.AT) == {"guiyang.1": documents.REMARK}
