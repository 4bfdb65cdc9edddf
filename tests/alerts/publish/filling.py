"""Events and states as the diff leaves them, for the tests of pages, feeds and outbox."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts.engine.repository import event_document, prepare
from alerts.model.events import Confidence, Event
from alerts.model.states import City, PortalState, Summary, portal_document
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.store import Store

HOSTILE = '<script>alert(1)</script>" onload=x ]]> &amp; \u202e\x00\x1b[31m\ufffe @all [a](javascript:x) 数据'


def put_events(store: Store, *events: Event) -> list[Event]:
    """With the next seqs, under their own ids."""
    prepare(store)
    last = store.db["events"].find_one(sort=[("seq", -1)])
    numbered = [replace(one, seq=n) for n, one in enumerate(events, start=(last["seq"] if last else 0) + 1)]
    if numbered:
        store.db["events"].insert_many([event_document(one) for one in numbered])
    return numbered


def put_city(
    store: Store, portal: str, slug: str, state: str, at: datetime, *, silent: int | None = None, **counts: int
) -> None:
    known: Mapping[str, int] = {"known": 10, **counts}
    memory = PortalState(
        portal, slug, last_run=f"{slug}-1", last_seq=1, last_at=at, last_verdict=Verdict.COMPLETE, last_complete_at=at,
        first_observed=at, nights=1, city=City(), counts=known,
    )  # fmt: skip
    document = portal_document(memory, Summary(state, at, "ok", silent, Confidence.CLAIMED))
    store.db["states"].replace_one({"_id": portal}, document, upsert=True)


def a_run(run_id: str, portal: str, slug: str, at: datetime, **more: Any) -> Run:
    values = {"verdict": Verdict.COMPLETE, "reason": "512 of 512", "declared": 512, "seen": 510}
    return Run(
        id=run_id, portal=portal, slug=slug, family="guizhou_api", epoch="e", seq=0, at=at, started=at, finished=at,
        **(values | more),
    )  # fmt: skip
