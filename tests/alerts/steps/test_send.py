"""Sending to real receivers: what is confirmed is never sent again, what fails is, and nobody waits for anybody."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from alerts.audience.subscribers import Subscriber
from alerts.delivery import courier, outbox, pace
from alerts.delivery.courier import Courier, Sent
from alerts.delivery.outbox import DeliveryState
from alerts.delivery.retries import GIVE_UP_AFTER, next_try
from alerts.digest.notice import notify_operators
from alerts.digest.write import DigestSession
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store
from tests.alerts.delivery.receivers import Hook, MailBox, Request, mail_server, slowly, web_server
from tests.alerts.steps.conftest import quiet_now

DeskAt = Callable[..., DigestSession]


def results(sent: list[Sent]) -> list[str]:
    return sorted(one.result for one in sent)


def now_due(store: Store) -> None:
    """As if the time of the next try had come."""
    store.db["deliveries"].update_many({"state": "waiting"}, {"$set": {"next_at": real_now()}})


def send(store: Store, subscribers: list[Subscriber]) -> list[Sent]:
    return Courier.of(store, subscribers).send_all()


def webhook(name: str, port: int, path: str = "", more: str = "") -> str:
    return f"  - name: {name}\n    language: en\n    urls: ['json://127.0.0.1:{port}/{path}']\n{more}"


def keys(hook: Hook) -> list[str]:
    return [request.headers["Idempotency-Key"] for request in hook.requests]


def test_what_is_confirmed_is_never_sent_again(store: Store, subscribe, state, desk: DeskAt) -> None:
    hook = Hook()
    with web_server(hook) as port:
        readers = subscribe("subscribers:\n" + webhook("desk", port))
        desk().write(readers[0])
        assert results(send(store, readers)) == ["confirmed"]
        now_due(store)
        assert send(store, readers) == []
    assert len(hook.requests) == 1
    assert hook.requests[0].json["title"].startswith("State of play")
    assert store.db["deliveries"].find_one()["attempts"][0]["result"] == "confirmed"


def test_a_failing_target_is_tried_again_with_the_same_id_and_blocks_nobody(
    store: Store, subscribe, state, desk: DeskAt
) -> None:
    good, bad = Hook(), Hook(answer=lambda request: (503, b""))
    with ExitStack() as stack:
        ports = [stack.enter_context(web_server(hook)) for hook in (bad, good, good)]
        readers = subscribe("subscribers:\n" + "".join(webhook(f"r{n}", port) for n, port in enumerate(ports)))
        for reader in readers:
            desk().write(reader)
        assert results(send(store, readers)) == ["confirmed", "confirmed", "failed"]
        assert send(store, readers) == [], "the next try has its time"
        now_due(store)
        assert results(send(store, readers)) == ["failed"]
        bad.answer = lambda request: (200, b"")
        now_due(store)
        assert results(send(store, readers)) == ["confirmed"]
    assert len(good.requests) == 2
    assert len(set(keys(bad))) == 1
    kept = store.db["deliveries"].find_one({"subscriber": "r0"})
    assert [one["result"] for one in kept["attempts"]] == ["failed", "failed", "confirmed"]
    assert "503" in kept["attempts"][0]["error"]


def test_one_refused_recipient_never_makes_the_others_get_it_twice(
    store: Store, subscribe, state, desk: DeskAt
) -> None:
    box = MailBox(refused=frozenset({"b@x.cn"}), strict=True)
    with mail_server(box) as port:
        readers = subscribe(
            f"subscribers:\n  - name: desk\n    urls: ['mailto://127.0.0.1:{port}?mode=insecure&from=w@x.cn&to=a@x.cn,b@x.cn,c@x.cn']\n"
        )
        desk().write(readers[0])
        assert results(send(store, readers)) == ["confirmed", "confirmed", "failed"]
        for _ in range(3):
            now_due(store)
            assert results(send(store, readers)) == ["failed"]
        box.refused = frozenset()
        now_due(store)
        assert results(send(store, readers)) == ["confirmed"]
    assert sorted(box.recipients) == ["a@x.cn", "b@x.cn", "c@x.cn"]
    assert len({mail["Message-ID"] for mail in box.mails}) == 3


def test_half_a_long_message_is_not_sent_again(store: Store, subscribe, state, desk: DeskAt) -> None:
    refuse_from = [2]

    def answer(request: Request) -> tuple[int, bytes]:
        return (200 if len(hook.requests) < refuse_from[0] else 500), b""

    hook = Hook(answer=answer)
    with web_server(hook) as port:
        readers = subscribe("subscribers:\n" + webhook("desk", port))
        desk().write(readers[0])
        pieces = [{"title": f"({n}/4)", "body": f"part {n}", "sent": False} for n in range(1, 5)]
        store.db["deliveries"].update_one({}, {"$set": {"pieces": pieces}})
        assert results(send(store, readers)) == ["failed"]
        refuse_from[0] = 99
        now_due(store)
        assert results(send(store, readers)) == ["confirmed"]
    assert [request.json["message"] for request in hook.requests] == ["part 1", "part 2", "part 2", "part 3", "part 4"]
    assert len(set(keys(hook))) == 4


def test_a_target_that_left_the_file_is_cancelled_with_the_reason(store: Store, subscribe, state, desk: DeskAt) -> None:
    hook = Hook()
    with web_server(hook) as port:
        readers = subscribe("subscribers:\n" + webhook("desk", port, "a") + webhook("other", port, "b"))
        for reader in readers:
            desk().write(reader)
        fewer = subscribe("subscribers:\n" + webhook("desk", port, "moved"))
        sent = send(store, fewer)
    assert results(sent) == ["cancelled", "cancelled"]
    assert hook.requests == []
    assert {row["state"] for row in store.db["deliveries"].find()} == {"cancelled"}
    assert "no longer in the subscribers file" in store.db["deliveries"].find_one()["attempts"][0]["error"]


def test_two_senders_at_once_send_everything_once(store: Store, subscribe, state, desk: DeskAt) -> None:
    hook = Hook(answer=slowly(0.05, (200, b"")))
    with web_server(hook) as port:
        readers = subscribe("subscribers:\n" + "".join(webhook(f"r{n}", port) for n in range(24)))
        for reader in readers:
            desk().write(reader)
        threads = [threading.Thread(target=send, args=(store, readers)) for _ in range(3)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    assert len(keys(hook)) == 24
    assert len(set(keys(hook))) == 24
    assert outbox.waiting(store) == 0


def test_a_slow_target_holds_up_nobody(store: Store, subscribe, state, desk: DeskAt) -> None:
    slow, quick = Hook(answer=slowly(4, (200, b""))), Hook()
    with web_server(slow) as slow_port, web_server(quick) as port:
        readers = subscribe(
            "subscribers:\n" + webhook("a", slow_port, "?rto=2") + webhook("b", port) + webhook("c", port)
        )
        for reader in readers:
            desk().write(reader)
        thread = threading.Thread(target=send, args=(store, readers))
        begun = time.monotonic()
        thread.start()
        while len(quick.requests) < 2 and time.monotonic() - begun < 10:
            time.sleep(0.02)
        assert time.monotonic() - begun < 2
        thread.join()
    assert store.db["deliveries"].count_documents({"state": "confirmed"}) == 2


def test_a_claim_that_was_taken_over_sends_no_more(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe("subscribers:\n" + webhook("desk", 9))
    desk().write(reader)
    mine = outbox.claim(store, now=real_now())
    assert mine
    assert outbox.claim(store, now=real_now()) is None
    later = real_now() + outbox.LEASE + timedelta(seconds=1)
    other = outbox.claim(store, now=later)
    assert other
    assert not outbox.keep(store, mine, now=later)
    assert outbox.keep(store, other, now=later)
    outbox.close(store, mine, outbox.DeliveryState.CONFIRMED, now=later)
    assert store.db["deliveries"].find_one()["state"] == "waiting"
    assert outbox.free_abandoned(store) == 0, "its sender, this process, lives"


def test_what_fails_for_days_is_given_up_and_operators_are_told(store: Store, subscribe, state, desk: DeskAt) -> None:
    bad, operators = Hook(answer=lambda request: (500, b"")), Hook()
    with web_server(bad) as bad_port, web_server(operators) as port:
        readers = subscribe(
            "subscribers:\n"
            + webhook("desk", bad_port, "s3cr3tpath")
            + webhook("watch", port, more="    role: operator\n")
        )
        desk().write(readers[0])
        store.db["deliveries"].update_many({}, {"$set": {"first_at": real_now() - GIVE_UP_AFTER}})
        sent = send(store, readers)
        assert results(sent) == ["dead"]
        assert notify_operators(store, readers, sent) == 1
        assert notify_operators(store, readers, sent) == 0
        assert results(send(store, readers)) == ["confirmed"]
    [told] = operators.requests
    assert told.json["title"] == "Undeliverable: gave up on 1 message"
    assert "“desk”" in told.json["message"]
    assert "500" in told.json["message"]
    assert "s3cr3tpath" not in told.json["message"]
    assert store.db["deliveries"].count_documents({"state": DeliveryState.DEAD.value}) == 1


def test_a_notice_that_dies_makes_no_further_notice(store: Store, subscribe, state, desk: DeskAt) -> None:
    bad = Hook(answer=lambda request: (500, b""))
    with web_server(bad) as port:
        readers = subscribe("subscribers:\n" + webhook("watch", port, more="    role: operator\n"))
        desk().write(readers[0])
        long_ago = {"$set": {"first_at": real_now() - GIVE_UP_AFTER, "kind": "notice"}}
        store.db["deliveries"].update_many({}, long_ago)
        sent = send(store, readers)
    assert results(sent) == ["dead"]
    assert notify_operators(store, readers, sent) == 0


@pytest.mark.parametrize("hold", [quiet_now(), "muted_until: 2099-01-01"], ids=["quiet", "muted"])
def test_quiet_hours_or_a_mute_that_began_since_put_a_delivery_off(
    store: Store, subscribe, state, desk: DeskAt, hold: str
) -> None:
    hook = Hook()
    with web_server(hook) as port:
        plain = subscribe("subscribers:\n" + webhook("desk", port))
        desk().write(plain[0])
        quiet = subscribe("subscribers:\n" + webhook("desk", port, more=f"    {hold}\n"))
        assert results(send(store, quiet)) == ["postponed"]
        assert send(store, plain) == []
        now_due(store)
        assert results(send(store, plain)) == ["confirmed"]
    assert len(hook.requests) == 1


def test_quiet_hours_in_the_hour_that_is_repeated_end_ahead(
    store: Store, subscribe, state, desk: DeskAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)  # 01:10 in New York for the second time
    for module in (courier, outbox, pace):
        monkeypatch.setattr(module, "real_now", lambda: now)
    quiet = "    rhythm: {timezone: America/New_York}\n    quiet: {from: '23:00', to: '01:30'}\n"
    readers = subscribe("subscribers:\n" + webhook("desk", 9, more=quiet))
    desk().write(readers[0])
    store.db["deliveries"].update_many({}, {"$set": {"next_at": now, "first_at": now}})
    assert results(send(store, readers)) == ["postponed"]
    assert store.db["deliveries"].find_one()["next_at"] == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 2), (2, 10), (3, 30), (4, 120), (5, 360), (9, 360)])
def test_tries_come_at_widening_intervals(attempts: int, minutes: int) -> None:
    now = real_now()
    assert next_try(attempts, now, now) == now + timedelta(minutes=minutes)
    assert next_try(attempts, now - GIVE_UP_AFTER, now) is None
