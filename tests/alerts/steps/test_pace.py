"""Nobody is sent more than they take: over pieces, deliveries, threads and senders; and who asks for rest gets it."""

import threading
import time
from datetime import timedelta

import pytest

from alerts.delivery import outbox
from alerts.delivery.courier import Courier
from alerts.delivery.pace import PATIENCE, Pace
from alerts.engine.repository import prepare
from alerts.model.services import service
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store
from tests.alerts.delivery.receivers import Hook, Request, web_server


@pytest.fixture
def pace(store: Store) -> Pace:
    prepare(store)
    return Pace(store)


def test_turns_of_a_target_are_a_pause_apart_and_far_ones_are_not_taken(pace: Pace) -> None:
    now = real_now()
    turns = [pace.turn("a", 2, now=now) for _ in range(3)]
    assert turns == [now, now + timedelta(seconds=2), now + timedelta(seconds=4)]
    far = pace.turn("a", 2, now=now)
    assert far == pace.turn("a", 2, now=now) > now + PATIENCE
    assert pace.turn("b", 2, now=now) == now
    later = now + timedelta(seconds=60)
    assert pace.turn("a", 2, now=later) == later


def test_a_target_that_asked_for_rest_has_it_whatever_its_pause(pace: Pace) -> None:
    now = real_now()
    for name, pause in (("a", 0.0), ("b", 3.0)):
        pace.block(name, now + timedelta(seconds=90))
        assert pace.turn(name, pause, now=now) >= now + timedelta(seconds=90)
        assert pace.turn(name, pause, now=now + timedelta(seconds=91)) == now + timedelta(seconds=91)
    pace.block("a", now)
    assert pace.turn("a", 0, now=now) >= now + timedelta(seconds=90), "an earlier end does not shorten it"


@pytest.mark.parametrize(
    ("schema", "most", "seconds"),
    [
        ("wecombot", 20, 60),
        ("dingtalk", 20, 60),
        ("feishu", 100, 60),
        ("feishu", 5, 1),
        ("lark", 100, 60),
        ("tgram", 1, 1),
        ("slack", 1, 1),
    ],
)
def test_the_table_keeps_within_what_each_service_takes(schema: str, most: int, seconds: float) -> None:
    assert service(schema).pause * most >= seconds


def timed(hook: Hook, times: list[float]) -> None:
    def answer(request: Request) -> tuple[int, bytes]:
        times.append(time.monotonic())
        return 200, b'{"code": 0}'

    hook.answer = answer


def ahead(times: list[float], pause: float) -> float:
    """Seconds by which some message came before its turn, counted from the first one.

    A message that goes out too early is ahead by a whole pause; one that a busy machine delivers late, the first among
    them, by the delay at most.
    """
    return max(turn * pause - (at - times[0]) for turn, at in enumerate(times))


def test_two_senders_and_many_subscribers_keep_one_targets_pace(
    store: Store, subscribe, state, desk, services: Hook
) -> None:
    times: list[float] = []
    timed(services, times)
    readers = subscribe(
        "subscribers:\n" + "".join(f"  - name: r{n}\n    urls: ['feishu://a1b2c3d4e5f6a7b8']\n" for n in range(9))
    )
    list(desk().write_all(readers))
    senders = [threading.Thread(target=Courier.of(store, readers).send_all) for _ in range(2)]
    [one.start() for one in senders]
    [one.join() for one in senders]
    assert outbox.waiting(store) == 0
    assert len(times) == 9
    assert ahead(times, service("feishu").pause) < 0.5


def test_a_long_message_does_not_go_faster(store: Store, subscribe, state, desk, services: Hook) -> None:
    times: list[float] = []
    timed(services, times)
    [reader] = subscribe("subscribers:\n  - name: r\n    urls: ['feishu://a1b2c3d4e5f6a7b8']\n")
    desk().write(reader)
    pieces = [{"title": f"({n}/3)", "body": "x", "sent": False} for n in range(3)]
    store.db["deliveries"].update_one({}, {"$set": {"pieces": pieces}})
    Courier.of(store, [reader]).send_all()
    assert ahead(times, service("feishu").pause) < 0.5


def test_who_says_come_back_later_is_asked_again_then_and_not_before(store: Store, subscribe, state, desk) -> None:
    times: list[float] = []
    hook = Hook()

    def answer(request: Request) -> tuple[int, bytes]:
        times.append(time.monotonic())
        return (429 if len(times) == 1 else 200), b""

    hook.answer = answer
    hook.headers = {"Retry-After": "3"}
    with web_server(hook) as port:
        text = "".join(
            f"  - name: r{n}\n    urls: ['nightwatch+http://127.0.0.1:{port}/a?secret=0123456789abcdef']\n"
            for n in range(4)
        )
        readers = subscribe("subscribers:\n" + text)
        list(desk().write_all(readers))
        sent = Courier.of(store, readers).send_all()
    assert sorted(one.result for one in sent).count("confirmed") == 4
    assert outbox.waiting(store) == 0
    refused = times[0]
    later = [moment - refused for moment in times if moment - refused > 2.5]
    assert len(later) >= 1, "the refused one came again within the same call"
    assert all(moment - refused < 1 or moment - refused > 2.8 for moment in times)
