"""A thousand deliveries to real receivers that fail in every way, by senders that are killed: none lost, none doubled.

A receiver that takes a message and then reports failure gets it again: nobody but it can know better. Such repeats bear
the id of the first, are counted apart, and are no fault of ours; nor are those after a sender was killed in mid-delivery.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from alerts.delivery import outbox
from alerts.digest.write import DigestSession
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.store import Store
from tests.alerts.delivery.receivers import Hook, MailBox, Request, mail_server, web_server

READERS = 520
KILLS = 6


@pytest.fixture
def store_config(fresh_config: StoreConfig) -> StoreConfig:
    """A database of its own: what a killed process leaves behind must not hold up another test."""
    return fresh_config


@dataclass
class Faulty:
    """Answers as a bad day does; says yes to a message at most in its own books, and keeps those books."""

    seed: int
    taken: list[str] = field(default_factory=list)
    """Ids of messages it said yes to, or took and then broke off before it could say so."""
    half: list[str] = field(default_factory=list)
    """Of those: taken without an answer that arrived."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def answer(self, request: Request) -> tuple[int, bytes]:
        key = request.headers["Idempotency-Key"]
        with self.lock:
            fate = self.chance.random()
        if fate < 0.12:
            return 503, b"later"
        if fate < 0.18:
            return 400, b"{}"
        if fate < 0.22:
            time.sleep(0.2)
        with self.lock:
            self.taken.append(key)
            if 0.22 <= fate < 0.25:
                self.half.append(key)
                return 500, b"took it, and said no"
        return 200, b"{}"


class Moody(MailBox):
    """A mail server that turns every eighth mail away at the first try."""

    def __init__(self, *, strict: bool) -> None:
        super().__init__(strict=strict)
        self._count = 0

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        self._count += 1
        if self._count % 8 == 0:
            return "451 try again later"
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def environment(store_config: StoreConfig, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "MONGODB_URI": str(store_config.uri),
        "MONGODB_DATABASE": store_config.database,
        "SUBSCRIBERS": str(tmp_path / "subscribers.yaml"),
        "PYTHONWARNINGS": "ignore",
    }


def sender(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "alerts", "send"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def made_due(store: Store) -> None:
    store.db["deliveries"].update_many({"state": "waiting", "lease": None}, {"$set": {"next_at": real_now()}})


def unsure(store: Store) -> set[str]:
    """Deliveries whose outcome nobody can know: a sender died with them in hand."""
    return {one["_id"] for one in store.db["deliveries"].find({"state": "waiting", "lease": {"$ne": None}})}


def at_work(store: Store, more: int) -> None:
    """Come back when so many further deliveries are confirmed: whoever sends them has others in hand then."""
    deadline = time.monotonic() + 120
    goal = store.db["deliveries"].count_documents({"state": "confirmed"}) + more
    while store.db["deliveries"].count_documents({"state": "confirmed"}) < goal and time.monotonic() < deadline:
        time.sleep(0.01)


def addresses(hook: int, strict: int, lenient: int) -> Iterator[str]:
    for number in range(READERS):
        port = (strict, lenient)[number % 2]
        yield (
            f"  - name: reader-{number}\n    language: {('zh', 'en')[number % 2]}\n    urls:\n"
            f"      - json://127.0.0.1:{hook}/{number}\n"
            f"      - mailto://127.0.0.1:{port}?mode=insecure&from=watch@x.cn&to=r{number}@x.cn\n"
        )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_deliveries_through_faults_and_kills(
    store: Store, subscribe, state, desk, environment, capsys
) -> None:
    faulty, strict, lenient = Faulty(4), Moody(strict=True), Moody(strict=False)
    with ExitStack() as stack:
        hook = stack.enter_context(web_server(Hook(answer=faulty.answer)))
        ports = [stack.enter_context(mail_server(box)) for box in (strict, lenient)]
        text = "subscribers:\n" + "".join(addresses(hook, *ports))
        Path(environment["SUBSCRIBERS"]).write_text(text, "utf-8")
        people = subscribe(text)
        one_desk: DigestSession = desk()
        written = list(one_desk.write_all(people))
        total = sum(one.deliveries for one in written)
        assert total == 2 * READERS
        unknown: set[str] = set()
        chance, began, rounds = random.Random(9), time.monotonic(), 0
        while outbox.waiting(store) and rounds < 60:
            pair = [sender(environment), sender(environment)]
            if rounds < KILLS:
                at_work(store, chance.randint(5, 60))
                pair[rounds % 2].kill()
                pair[rounds % 2].wait()
                unknown |= unsure(store)
                pair[1 - rounds % 2].kill()
            [one.wait(timeout=420) for one in pair]
            unknown |= unsure(store) if rounds < KILLS else set()
            made_due(store)
            rounds += 1
    posts, mails = Counter(faulty.taken), Counter(address for box in (strict, lenient) for address in box.recipients)
    ids = {
        one["_id"]: one
        for one in store.db["deliveries"].find({}, {"subscriber": 1, "index": 1, "state": 1, "attempts.result": 1})
    }
    mailed = {
        f"r{one['subscriber'].removeprefix('reader-')}@x.cn": key for key, one in ids.items() if one["index"] == 2
    }
    twice = {key for key, count in posts.items() if count > 1}
    twice |= {mailed[address] for address, count in mails.items() if count > 1}
    denied = twice & set(faulty.half)
    figures = {
        "deliveries": total,
        "confirmed": sum(one["state"] == "confirmed" for one in ids.values()),
        "tries": sum(len(one["attempts"]) for one in ids.values()),
        "senders killed": 2 * KILLS,
        "in hand when a sender was killed": len(unknown),
        "taken by a receiver that then reported failure": len(faulty.half),
        "lost": total - len(posts) - len(mails),
        "arrived twice, under one message id": len(twice),
        "… because the receiver took it and reported failure": len(denied),
        "… because a sender was killed before it could hear the answer": len((twice & unknown) - denied),
        "… by our own fault": len(twice - denied - unknown),
        "rounds of two senders": rounds,
        "seconds": round(time.monotonic() - began),
    }
    with capsys.disabled():
        print("\n" + json.dumps(figures, indent=1, ensure_ascii=False))
    assert figures["confirmed"] == total
    assert figures["lost"] == 0
    assert figures["… by our own fault"] == 0
    assert len({mail["Message-ID"] for box in (strict, lenient) for mail in box.mails}) == READERS, (
        "a repeat has the same id"
    )
