"""What fails alone: an event, a reader, a target, a portal, a page; the rest of the night goes out, and operators hear."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from click.testing import Result

from alerts.audience.subscribers import Subscriber
from alerts.delivery import outbox
from alerts.delivery.courier import Courier
from alerts.digest import compose as composing
from alerts.digest import deliveries as delivering
from alerts.digest import write as writing
from alerts.digest.write import DigestSession
from alerts.engine.repository import prepare, put_events
from alerts.model.events import Event
from alerts.records.isolation import apart, attempts, faults, record
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.store import Store
from tests.alerts.delivery.receivers import Hook, web_server
from tests.alerts.digest.making import NOW, event

Alerts = Callable[..., Result]
DeskAt = Callable[..., DigestSession]
ODD = [{"absent": ["x"]}, {"runs": 5}, {"last_seen": "9999-12-31T23:59:59-12:00"}, {"of_severity": "loud"}]
"""Evidence no rule states and that no phrasing survives."""


def reader(name: str, city: str, port: int = 9, more: str = "") -> str:
    return (
        f"  - name: {name}\n    language: en\n    urls: ['json://127.0.0.1:{port}/{name}']\n"
        f"    filter: {{cities: [{city}]}}\n{more}"
    )


FILE = (
    "subscribers:\n"
    + reader("south", "guiyang")
    + reader("north", "jinan")
    + reader("all", "guiyang, jinan", more="    role: operator\n")
)


@pytest.fixture
def store(store_config: StoreConfig):  # type: ignore[no-untyped-def]
    """A database of replayed nights, so that nights can pass."""
    with open_store(store_config, env=on(0)) as opened:
        prepare(opened)
        yield opened


@pytest.fixture
def state(store: Store) -> Callable[..., list[Event]]:
    """State events as the diff does, the store numbering them."""
    counted = count(1)

    def put(*events: Event) -> list[Event]:
        named = tuple(replace(one, id=f"e{next(counted)}") for one in events)
        return store.transact(lambda session: put_events(store, named, session))

    return put


def on(day: float) -> dict[str, str]:
    return {"WATCH_NOW": (NOW + timedelta(days=day)).isoformat()}


def told(result: Result) -> dict[str, list[str]]:
    return {row["subscriber"]: row["events"] for row in json.loads(result.stdout)}


def pages(folder: Path) -> set[str]:
    return {path.name for path in (folder / "site/zh/events").iterdir()}


@pytest.mark.parametrize("evidence", ODD, ids=lambda one: next(iter(one)))
def test_an_event_that_cannot_be_told_waits_and_everything_else_goes_out(
    store: Store, subscribe, state, alerts: Alerts, evidence: dict
) -> None:
    subscribe(FILE)
    assert alerts("digest", **on(0)).exit_code == 0
    bad, good, far = state(
        event("dataset.removed", dataset="a", title="x", evidence=evidence),
        event("dataset.removed", dataset="b", title="y"),
        event("dataset.removed", "jinan", dataset="c", title="z"),
    )
    first = alerts("digest", "--json", **on(1))
    assert first.exit_code == 1
    assert f"event {bad.id}" in first.stderr
    found = told(first)
    assert (found["south"], found["north"]) == ([good.id], [far.id])
    assert set(found["all"]) >= {good.id, far.id}
    second = alerts("digest", "--json", **on(2))
    assert second.exit_code == 1, "it is tried again, and said again"
    assert told(second)["south"] == []
    store.db["events"].update_one({"_id": bad.id}, {"$set": {"evidence": {"runs": ["guiyang-1"]}}})
    third = alerts("digest", "--json", **on(3))
    assert third.exit_code == 0
    assert (told(third)["south"], told(third)["north"]) == ([bad.id], [])
    assert bad.id in told(third)["all"]
    assert faults(store, NOW) == []
    assert outbox.cursors(store, ["south"])["south"].aside == ()


@pytest.mark.parametrize("change", [{"severity": "loud"}, {"confidence": 5}, {"at": "yesterday"}, {"evidence": None}])
def test_an_event_that_cannot_even_be_read_waits_too(
    store: Store, subscribe, state, alerts: Alerts, change: dict
) -> None:
    subscribe(FILE)
    alerts("digest", **on(0))
    bad, good = (state(event("dataset.removed", dataset=name, title=name))[0] for name in "ab")
    kept = store.db["events"].find_one({"_id": bad.id})
    store.db["events"].update_one({"_id": bad.id}, {"$set": change})
    first = alerts("digest", "--json", **on(1))
    assert (first.exit_code, told(first)["south"]) == (1, [good.id])
    assert kept
    store.db["events"].replace_one({"_id": bad.id}, kept)
    assert told(alerts("digest", "--json", **on(2)))["south"] == [bad.id]


def test_operators_hear_of_it_the_same_night_once_and_when_it_is_over(
    store: Store, subscribe, state, alerts: Alerts
) -> None:
    subscribe(FILE)
    alerts("digest", **on(0))
    [bad] = state(event("dataset.removed", dataset="a", title="x", evidence=ODD[0]))
    alerts("digest", **on(1))
    texts = [row["text"] or row["pieces"][0]["body"] for row in store.db["deliveries"].find({"subscriber": "all"})]
    assert any("An error on our side in “digest”" in text and bad.id in text for text in texts)
    alerts("digest", **on(2))
    assert store.db["events"].count_documents({"kind": "ops.fault"}) == 1
    assert "1 open: ops.fault" in alerts("health", **on(2)).stdout
    store.db["events"].update_one({"_id": bad.id}, {"$set": {"evidence": {}}})
    alerts("digest", **on(3))
    assert store.db["events"].count_documents({"kind": "ops.ended", "evidence.of": "ops.fault"}) == 1


def test_a_reader_whose_digest_fails_keeps_the_cursor_and_loses_nothing(
    store: Store, subscribe, state, alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(FILE)
    alerts("digest", **on(0))
    [near] = state(event("dataset.removed", dataset="a", title="x"))
    [far] = state(event("dataset.removed", "jinan", dataset="c", title="z"))
    build = composing.build_heard

    def fails(one: Subscriber, *rest: object) -> object:
        if one.name == "south":
            raise ValueError("no such filter")
        return build(one, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(composing, "build_heard", fails)
        broken.setattr(writing, "build_heartbeat", fails)
        first = alerts("digest", "--json", **on(1))
    assert first.exit_code == 1
    assert "reader south" in first.stderr
    assert (told(first)["south"], told(first)["north"]) == ([], [far.id])
    assert outbox.cursors(store, ["south"])["south"].seq == 0
    assert [one.part for one in faults(store, NOW)] == ["reader south"]
    assert told(alerts("digest", "--json", **on(2)))["south"] == [near.id]
    assert faults(store, NOW) == []


def test_a_target_whose_form_cannot_be_made_gets_plain_text(
    store: Store, subscribe, state, desk: DeskAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    [one] = subscribe(
        "subscribers:\n  - name: desk\n    language: en\n    urls: ['wecombot://0123456789abcdef', 'json://127.0.0.1:9/']\n"
    )
    room = delivering.room

    def fails(target, subject: str) -> int:  # type: ignore[no-untyped-def]
        if target.schema == "wecombot":
            raise KeyError("limit")
        return room(target, subject)

    monkeypatch.setattr(delivering, "room", fails)
    with attempts() as made:
        assert desk().write(one).deliveries == 2
    assert list(made.failed) == [("target", "desk #1")]
    plain, other = store.db["deliveries"].find(sort=[("index", 1)])
    assert "\n".join(piece["body"] for piece in plain["pieces"]).split() == other["pieces"][0]["body"].split()


def test_a_portal_whose_state_cannot_be_read_is_unread_and_no_digest_fails(
    store: Store, subscribe, state, alerts: Alerts
) -> None:
    subscribe(FILE)
    store.db["states"].insert_one({"_id": "520100.1", "slug": "guiyang", "view": "nonsense"})
    first = alerts("digest", "--json", **on(0))
    assert first.exit_code == 1
    assert "portal guiyang" in first.stderr
    assert {row["kind"] for row in json.loads(first.stdout)} == {"first"}


def test_one_delivery_that_trips_the_program_does_not_keep_the_others(
    store: Store, subscribe, state, desk: DeskAt
) -> None:
    hook = Hook()
    with web_server(hook) as port:
        readers = subscribe("subscribers:\n" + reader("south", "guiyang", port) + reader("north", "jinan", port))
        list(desk().write_all(readers))
        store.db["deliveries"].update_one({"subscriber": "south"}, {"$set": {"format": "papyrus"}})
        sent = {one.delivery.subscriber: one for one in Courier.of(store, readers).send_all()}
    assert (sent["north"].result, sent["south"].result) == ("confirmed", "failed")
    assert "a fault of this program" in sent["south"].error
    row = store.db["deliveries"].find_one({"subscriber": "south"})
    assert row
    assert (row["state"], row["lease"]) == ("waiting", None)
    assert row["next_at"] > real_now()


def test_a_page_that_cannot_be_made_is_left_out_and_made_once_it_can(
    store: Store, state, alerts: Alerts, tmp_path: Path
) -> None:
    bad, good = (state(event("dataset.removed", dataset=name, title=name, page_url=""))[0] for name in "ab")
    kept = store.db["events"].find_one({"_id": bad.id})
    assert kept
    store.db["events"].update_one({"_id": bad.id}, {"$set": {"evidence.rounds": ["torn"]}})
    store.db["file_rounds"].insert_one({"_id": "torn", "portal": bad.portal, "seq": 1})
    out = str(tmp_path / "site")
    first = alerts("site", "--out", out, **on(0))
    assert first.exit_code == 1
    assert f"page {bad.id}" in first.stderr
    assert pages(tmp_path) == {f"{good.id}.html"}
    assert bad.id not in (tmp_path / "site/zh/index.html").read_text("utf-8")
    assert bad.id not in (tmp_path / "site/zh/feeds/country.json").read_text("utf-8")
    store.db["events"].replace_one({"_id": bad.id}, kept)
    assert alerts("site", "--out", out, **on(1)).exit_code == 0
    assert faults(store, NOW) == []
    assert pages(tmp_path) == {f"{bad.id}.html", f"{good.id}.html"}


def test_a_fault_is_kept_from_its_beginning_until_the_same_part_works(store: Store) -> None:
    def night(day: int, *, works: bool, tried: bool = True) -> None:
        with attempts() as made, apart("reader", "desk") as part:
            part.tried = tried
            if not works:
                raise ValueError("odd")
        record(store, "digest", made, NOW + timedelta(days=day))

    night(0, works=False)
    night(1, works=False)
    night(2, works=True, tried=False)
    [fault] = faults(store, NOW)
    assert (fault.key, fault.since, fault.error) == ("digest reader desk", NOW, "ValueError: odd")
    night(3, works=True)
    assert faults(store, NOW) == []
