"""What is over is forgotten after its time; what is still needed never."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta

from alerts.delivery import outbox
from alerts.delivery.outbox import Delivery, Piece
from alerts.delivery.pace import Pace
from alerts.delivery.retention import prune, retention
from alerts.digest.write import DigestSession
from alerts.engine.repository import prepare
from alerts.records.enclosures import Attachment, events_kept, file_kept
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store
from tests.alerts.digest.making import NOW, event

DeskAt = Callable[..., DigestSession]
TABLE = Attachment("a.csv", b"1")
LIST = tuple(f"e{n}" for n in range(150))


def later(name: str, days: float = 0.1):
    return real_now() + timedelta(days=getattr(retention(), name)) + timedelta(days=days)


def counts(store: Store) -> dict[str, int]:
    return {name: store.db[name].count_documents({}) for name in ("deliveries", "told", "attachments")}


def put(store: Store, name: str, *, until=None) -> Delivery:
    prepare(store)
    one = Delivery(
        name,
        "desk",
        1,
        "ref",
        "E-mail",
        "changes",
        "s",
        "zh",
        "html",
        (Piece("s", "b"),),
        events=LIST,
        attachment=TABLE,
    )
    outbox.add(store, [one], now=until or real_now())
    return one


def finish(store: Store, name: str) -> None:
    claimed = outbox.claim(store, now=real_now() + timedelta(seconds=1))
    assert claimed
    assert claimed.id == name
    outbox.close(store, claimed, outbox.DeliveryState.CONFIRMED, now=real_now())


def pruned(store: Store, now) -> dict[str, int]:
    return prune(store, now=now, domain=now)


def test_what_is_over_goes_after_its_time_and_not_before(store: Store) -> None:
    put(store, "d1")
    finish(store, "d1")
    assert sum(pruned(store, later("attachments", -1)).values()) == 0
    assert pruned(store, later("attachments"))["attachments"] == 1
    assert counts(store) == {"deliveries": 1, "told": 1, "attachments": 0}
    assert sum(pruned(store, later("deliveries", -1)).values()) == 0
    assert pruned(store, later("told")) == {"deliveries": 1, "told": 1, "attachments": 0, "pace": 0, "silences": 0}


def test_what_still_waits_is_kept_with_all_that_belongs_to_it(store: Store) -> None:
    put(store, "d1", until=real_now() + timedelta(days=2000))
    assert sum(pruned(store, later("told", 900)).values()) == 0
    waiting = outbox.claim(store, now=real_now() + timedelta(days=2001))
    assert waiting
    assert file_kept(store, waiting.file) == TABLE
    assert events_kept(store, waiting.told) == LIST


def test_what_a_new_delivery_names_again_starts_anew(store: Store) -> None:
    put(store, "d1")
    finish(store, "d1")
    for name in ("told", "attachments"):
        store.db[name].update_many({}, {"$set": {"at": real_now() - timedelta(days=2000)}})
    put(store, "d2")
    finish(store, "d2")
    assert sum(pruned(store, real_now()).values()) == 0
    assert counts(store) == {"deliveries": 2, "told": 1, "attachments": 1}


def test_a_turn_that_is_past_is_forgotten_and_one_to_come_is_not(store: Store) -> None:
    pace, now = Pace(store), real_now()
    pace.turn("old", 3.2, now=now)
    pace.block("new", now + timedelta(days=2))
    assert pruned(store, later("pace"))["pace"] == 1
    assert pace.turn("old", 3.2, now=now) == now
    assert pace.turn("new", 3.2, now=now) > now


def test_a_silence_is_remembered_as_long_as_it_could_be_told_again(store: Store) -> None:
    store.db["silences"].insert_one({"_id": "desk", "keys": ["guiyang 2023-01-01", "jinan 2026-09-01", "dezhou"]})
    assert pruned(store, NOW)["silences"] == 1
    assert store.db["silences"].find_one()["keys"] == ["jinan 2026-09-01", "dezhou"]


def test_nothing_comes_twice_after_everything_old_is_gone(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(
        "subscribers:\n  - name: desk\n    urls: ['json://127.0.0.1:9/']\n    filter: {cities: [guiyang]}\n"
    )
    desk().write(reader)
    state(*(event("dataset.removed", dataset=f"d{n}", title="x") for n in range(150)))
    told = desk(1).write(reader)
    assert told.digest
    store.db["deliveries"].update_many({}, {"$set": {"state": "confirmed", "ended_at": real_now()}})
    found = pruned(store, later("told"))
    assert (found["deliveries"], found["told"]) == (2, 1)
    assert desk(2).write(reader).reason == "nothing to say"


def test_send_prunes(store: Store, alerts, subscribe) -> None:
    subscribe("subscribers:\n  - name: desk\n    urls: ['json://127.0.0.1:9/']\n")
    prepare(store)
    past = real_now() - timedelta(days=500)
    document = asdict(replace(put(store, "old"), attachment=None)) | {
        "_id": "old",
        "state": "confirmed",
        "ended_at": past,
    }
    store.db["deliveries"].replace_one({"_id": "old"}, document)
    done = alerts("send")
    assert done.exit_code == 0, done.output
    assert store.db["deliveries"].count_documents({}) == 0
