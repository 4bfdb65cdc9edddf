"""The commands as cron calls them, each a process of its own: also killed in the middle."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from opendata_spiders.store.clock import real_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.store import Store
from tests.alerts.delivery.receivers import Hook, MailBox, mail_server, slowly, web_server
from tests.alerts.digest.making import event
from tests.commands import run_module

SECRET = "s3cr3tT0ken99"
Alerts = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(store_config: StoreConfig, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "MONGODB_URI": str(store_config.uri),
        "MONGODB_DATABASE": store_config.database,
        "SUBSCRIBERS": str(tmp_path / "subscribers.yaml"),
        "PYTHONWARNINGS": "ignore",
    }


@pytest.fixture
def alerts(environment: dict[str, str]) -> Alerts:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return run_module("alerts", *words, env=environment)

    return run


@pytest.fixture
def hook() -> Iterator[tuple[Hook, int]]:
    receiver = Hook()
    with web_server(receiver) as port:
        yield receiver, port


def people(environment: dict[str, str], text: str) -> None:
    Path(environment["SUBSCRIBERS"]).write_text(text, "utf-8")


def now_due(store: Store) -> None:
    store.db["deliveries"].update_many({"state": "waiting"}, {"$set": {"next_at": real_now()}})


def test_digest_and_send_from_the_command_line(alerts: Alerts, environment, hook, state, store: Store) -> None:
    receiver, port = hook
    people(environment, f"subscribers:\n  - name: desk\n    urls: ['json://u:{SECRET}@127.0.0.1:{port}/{SECRET}']\n")
    preview = alerts("digest", "--preview")
    assert preview.returncode == 0, preview.stderr
    assert preview.stdout.startswith("现状：")
    assert store.db["deliveries"].count_documents({}) == 0
    written = alerts("digest")
    assert "desk: 现状：" in written.stdout
    assert "In the outbox: 1" in written.stdout
    assert "not due yet" in alerts("digest", "--subscriber", "desk").stdout
    sent = alerts("send", "--json")
    assert sent.returncode == 0, sent.stderr
    document = json.loads(sent.stdout)
    assert [one["result"] for one in document["sent"]] == ["confirmed"]
    assert document["waiting"] == 0
    again = alerts("send")
    assert again.returncode == 0
    assert "Sent: 0" in again.stdout
    assert len(receiver.requests) == 1
    assert SECRET not in "".join(one.stdout + one.stderr for one in (preview, written, sent, again))


def test_a_failure_is_exit_status_one_and_one_masked_line(alerts: Alerts, environment, hook, state) -> None:
    receiver, port = hook
    receiver.answer = lambda request: (500, SECRET.encode())
    people(environment, f"subscribers:\n  - name: desk\n    urls: ['json://127.0.0.1:{port}/{SECRET}']\n")
    alerts("digest")
    sent = alerts("send")
    assert sent.returncode == 1
    assert f"failed  desk #1 json://127.0.0.1:{port}/…: " in sent.stdout
    assert SECRET not in sent.stdout + sent.stderr


def test_a_wrong_file_or_name_is_one_sentence(alerts: Alerts, environment, state) -> None:
    people(environment, f"subscribers:\n  - name: desk\n    urls: ['nosuch://{SECRET}']\n")
    for words in (("digest",), ("send",), ("subscribe", "check"), ("subscribe", "--check", environment["SUBSCRIBERS"])):
        refused = alerts(*words)
        assert refused.returncode == 1
        assert "subscriber 'desk': urls: address 1 (nosuch://…)" in refused.stderr
        assert SECRET not in refused.stderr
        assert "Traceback" not in refused.stderr
    people(environment, "subscribers:\n  - name: desk\n    urls: ['json://127.0.0.1']\n")
    unknown = alerts("digest", "--subscriber", "dest")
    assert unknown.returncode == 2
    assert "did you mean 'desk'?" in unknown.stderr


def test_nobody_subscribed_is_nothing_to_do(alerts: Alerts, environment, state, tmp_path: Path) -> None:
    del environment["SUBSCRIBERS"]
    for words in (("digest",), ("send",)):
        done = run_module("alerts", *words, env=environment, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "Nobody is subscribed" in done.stderr


def test_a_check_of_nothing_is_not_all_right(alerts: Alerts, environment, tmp_path: Path) -> None:
    missing = alerts("subscribe", "check", str(tmp_path / "nosuch.yaml"))
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "there is no such file" in missing.stderr
    people(environment, "subscribers: []\n")
    empty = alerts("subscribe", "check")
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "names no subscriber" in empty.stderr
    del environment["SUBSCRIBERS"]
    none = run_module("alerts", "subscribe", "check", env=environment, cwd=tmp_path / "..")
    assert (none.returncode, none.stdout) == (1, "")
    assert "Nobody is subscribed: there is no subscribers.yaml" in none.stderr


def test_what_cannot_be_confirmed_is_said_to_be_sent(alerts: Alerts, environment, state, store: Store) -> None:
    people(environment, "subscribers:\n  - name: desk\n    urls: ['rsyslog://127.0.0.1:9']\n")
    checked = alerts("subscribe", "check", "--send-test")
    assert checked.returncode == 0, checked.stderr
    assert "this service confirms nothing" in checked.stdout
    assert "sent, unconfirmable  desk #1" in checked.stdout
    assert alerts("digest").returncode == 0
    sent = alerts("send")
    assert sent.returncode == 0
    assert "sent  desk #1 rsyslog://…: this service confirms nothing" in sent.stdout
    assert "confirmed  " not in sent.stdout + checked.stdout
    assert store.db["deliveries"].find_one()["state"] == "sent"


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o644, True), (0o640, True)])
def test_a_file_with_keys_that_others_can_read_is_one_line(
    alerts: Alerts, environment, mode: int, *, warned: bool
) -> None:
    people(environment, f"subscribers:\n  - name: desk\n    urls: ['wecombot://{SECRET}{SECRET}']\n")
    Path(environment["SUBSCRIBERS"]).chmod(mode)
    checked = alerts("subscribe", "check")
    assert checked.returncode == 0
    assert ("chmod 600" in checked.stderr) == warned
    assert len(checked.stderr.splitlines()) == warned


def test_check_shows_what_is_subscribed_and_tests_the_addresses(alerts: Alerts, environment, hook) -> None:
    receiver, port = hook
    people(
        environment,
        f"subscribers:\n  - name: desk\n    filter: {{cities: [贵阳]}}\n    urls: ['json://127.0.0.1:{port}/{SECRET}']\n",
    )
    checked = alerts("subscribe", "check", "--send-test")
    assert checked.returncode == 0, checked.stderr
    assert "follows Guiyang, every day at 08:00" in checked.stdout
    assert f"#1 Webhook (JSON): json://127.0.0.1:{port}/…" in checked.stdout
    assert "confirmed  desk #1" in checked.stdout
    assert receiver.requests[0].json["title"] == "开放数据夜巡：测试消息"
    receiver.answer = lambda request: (404, b"")
    assert alerts("subscribe", "check", "--send-test").returncode == 1


def test_hostile_titles_do_nothing_to_a_terminal(alerts: Alerts, environment, state, store: Store) -> None:
    people(
        environment, "subscribers:\n  - name: desk\n    rhythm: {every: instant}\n    urls: ['json://127.0.0.1:9/']\n"
    )
    alerts("digest")
    state(event("dataset.removed", dataset="d", title="\x1b[2J\x1b]0;x\x07公交\r\n\u202e\x9b31m"))
    shown = alerts("digest", "--preview")
    assert "公交" in shown.stdout
    assert not [c for c in shown.stdout if (ord(c) < 32 and c != "\n") or c in "\x7f\x9b\u202e"]


@pytest.mark.parametrize("moment", ["before the answer", "after the answer"])
def test_killed_in_mid_delivery_nothing_is_lost_and_a_repeat_is_recognisable(
    alerts: Alerts, environment, hook, state, store: Store, moment: str
) -> None:
    """Killed while a receiver works: it may have taken the message, so it gets it again under the same id."""
    receiver, port = hook
    names = [f"r{n}" for n in range(6)]
    people(
        environment,
        "subscribers:\n"
        + "".join(f"  - name: {name}\n    urls: ['json://127.0.0.1:{port}/{name}']\n" for name in names),
    )
    alerts("digest")
    receiver.answer = slowly(2 if moment == "before the answer" else 0, (200, b""))
    process = subprocess.Popen(
        [sys.executable, "-m", "alerts", "send"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert receiver.taken.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    receiver.answer = lambda request: (200, b"")
    rerun = alerts("send")
    assert rerun.returncode == 0, rerun.stdout
    assert store.db["deliveries"].count_documents({"state": "confirmed"}) == len(names)
    keys = [request.headers["Idempotency-Key"] for request in receiver.requests]
    assert len(set(keys)) == len(names), "each message arrived, each under one id"
    assert alerts("send").returncode == 0
    assert len([request.headers["Idempotency-Key"] for request in receiver.requests]) == len(keys)


def test_a_mail_sender_killed_between_two_mails_sends_no_mail_twice(
    alerts: Alerts, environment, state, store: Store
) -> None:
    """Killed when the first mails are in and recorded: the rerun sends only the others."""
    box = MailBox(delay=0.4)
    with mail_server(box) as port:
        everybody = ",".join(f"p{n}@x.cn" for n in range(12))
        address = f"mailto://127.0.0.1:{port}?mode=insecure&from=w@x.cn&to={everybody}"
        people(environment, f"subscribers:\n  - name: desk\n    urls: ['{address}']\n")
        alerts("digest")
        process = subprocess.Popen(
            [sys.executable, "-m", "alerts", "send"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while store.db["deliveries"].count_documents({"state": "confirmed"}) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        confirmed = {row["_id"] for row in store.db["deliveries"].find({"state": "confirmed"})}
        assert 2 <= len(confirmed) < 12
        time.sleep(1)
        assert alerts("send").returncode == 0
    ids = [mail["Message-ID"].strip("<>").partition("@")[0] for mail in box.mails]
    assert len(set(ids)) == 12
    assert all(ids.count(one) == 1 for one in confirmed)
    assert len(ids) <= 12 + 4, "at most what the four workers had in hand came again, under its old id"


@pytest.mark.slow
def test_a_receiver_that_drips_for_ever_does_not_hold_the_command(alerts: Alerts, environment, state) -> None:
    """Each byte resets a read time-out; only the limit on the whole message ends it, and the process with it."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        thread = threading.Thread(target=drip, args=(server, stop), daemon=True)
        thread.start()
        people(environment, f"subscribers:\n  - name: desk\n    urls: ['json://127.0.0.1:{port}/']\n")
        alerts("digest")
        begun = time.monotonic()
        sent = alerts("send")
        stop.set()
        thread.join()
    assert sent.returncode == 1
    assert "failed  desk" in sent.stdout
    assert time.monotonic() - begun < 80


def drip(server: socket.socket, stop: threading.Event) -> None:
    connection, _ = server.accept()
    with connection, contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not stop.wait(1):
            connection.sendall(b"x")
