"""Writing digests: once each, together with the cursor, whatever else goes on."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from alerts.delivery import outbox
from alerts.digest.write import DigestSession, Written
from alerts.model.events import Severity
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store
from tests.alerts.digest.making import NOW, event
from tests.alerts.steps.conftest import quiet_now

SECRET = "s3cr3tT0ken99"
ONE = f"""
subscribers:
  - name: desk
    urls: ['wecombot://{SECRET}', 'json://user:{SECRET}@127.0.0.1:9/{SECRET}']
    filter: {{cities: [guiyang]}}
"""
DeskAt = Callable[..., DigestSession]


def rows(store: Store) -> list[dict]:
    return list(store.db["deliveries"].find(sort=[("created_at", 1), ("index", 1)]))


def test_a_new_subscriber_gets_the_state_of_play_then_only_changes(
    store: Store, subscribe, state, desk: DeskAt
) -> None:
    state(event("city.stopped"))
    [reader] = subscribe(ONE)
    first = desk().write(reader)
    assert first.digest
    assert (first.digest.kind, first.deliveries) == ("first", 2)
    assert desk().write(reader).reason == "not due yet"
    assert desk(1).write(reader).reason == "nothing to say"
    state(event("dataset.removed", dataset="d", title="公交"))
    second = desk(2).write(reader)
    assert second.digest
    assert second.digest.subject == "贵阳下架 1 个数据集"
    assert desk(2.1).write(reader).digest is None
    assert len(rows(store)) == 4


def test_events_come_once_each_however_often_it_is_called(subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    desk().write(reader)
    told: list[str] = []
    stated: list[str] = []
    for day in range(1, 8):
        stated += [
            one.id for one in state(*(event("dataset.removed", dataset=f"{day}-{n}", title="x") for n in range(3)))
        ]
        for hour in (0, 0.1, 0.2):
            written = desk(day + hour).write(reader)
            told += written.digest.events if written.digest else ()
    assert sorted(told) == sorted(stated)


def test_two_at_once_write_one_digest(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    desk().write(reader)
    state(event("city.stopped"))
    barrier, results = threading.Barrier(6), []

    def write() -> None:
        barrier.wait()
        results.append(desk(1).write(reader))

    threads = [threading.Thread(target=write) for _ in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(one.digest is not None for one in results) == 1
    assert len([row for row in rows(store) if row["kind"] == "changes"]) == 2


def test_no_secret_is_in_the_database(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    desk().write(reader)
    for name in store.db.list_collection_names():
        for document in store.db[name].find():
            assert SECRET not in json.dumps(document, default=repr, ensure_ascii=False)


def test_deliveries_hold_what_each_service_takes(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(
        "subscribers:\n  - name: desk\n    rhythm: {every: instant}\n    urls: ['wecombot://abcdef', 'dingtalk://abcdef', "
        "'mailto://h.cn?from=w@h.cn&to=a@b.cn,c@d.cn', 'json://127.0.0.1:9/']\n"
    )
    desk().write(reader)
    slugs = ["guiyang", "jinan", "dezhou", "zunyi", "weihai", "binzhou"]
    state(
        *(
            event("dataset.removed", slug, f"{slug}{n}", title=f"{slug} 数据集 {n}", office="市场监管局")
            for slug in slugs
            for n in range(5)
        )
    )
    written = desk(1).write(reader)
    assert written.deliveries == 5
    wecom, dingtalk, mail, other_mail, webhook = (row for row in rows(store) if row["kind"] == "changes")
    assert len(wecom["pieces"]) > 1
    assert all(len((one["title"] + "\n" + one["body"]).encode()) <= 2048 for one in wecom["pieces"])
    assert wecom["pieces"][1]["title"].startswith("(2/")
    assert dingtalk["format"] == "markdown"
    assert (mail["format"], mail["ref"] == other_mail["ref"]) == ("html", False)
    assert mail["pieces"][0]["body"].startswith("<!doctype html>")
    assert "数据集 4" in mail["text"]
    assert len(webhook["pieces"]) == 1
    assert len({row["_id"] for row in rows(store)}) == len(rows(store))


def test_the_heartbeat_comes_after_a_quiet_month_and_can_be_left_out(subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    [silent] = subscribe(ONE.replace("desk", "silent") + "    heartbeat: false\n")
    for one in (reader, silent):
        desk().write(one)
        for day in range(1, 28):
            assert desk(day).write(one).digest is None
    beat = desk(28).write(reader)
    assert beat.digest
    assert beat.digest.kind == "heartbeat"
    assert desk(29).write(reader).digest is None
    assert desk(28).write(silent).digest is None


def test_a_muted_subscriber_hears_everything_afterwards_in_one_digest(subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    desk().write(reader)
    until = (NOW + timedelta(days=5)).isoformat()
    [muted] = subscribe(ONE + f"    muted_until: {until}\n")
    stated = []
    for day in range(1, 5):
        stated += state(event("dataset.removed", dataset=f"{day}", title="x"))
        assert desk(day).write(muted).reason == "muted"
    written = desk(5).write(muted)
    assert written.digest
    assert written.digest.events == tuple(one.id for one in stated)


def test_quiet_hours_hold_a_delivery_and_do_not_drop_it(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE + f"    {quiet_now()}\n")
    desk().write(reader)
    assert all(row["next_at"] > real_now() for row in rows(store))
    assert outbox.claim(store, now=real_now()) is None
    assert outbox.claim(store, now=real_now() + timedelta(days=1)) is not None


def test_a_weekly_reader_is_told_on_the_day(subscribe, state, desk: DeskAt) -> None:
    # NOW is a Tuesday, 08:00 in Shanghai
    [reader] = subscribe(ONE + "    rhythm: {every: weekly, weekday: wednesday, at: '08:00'}\n")
    desk().write(reader)
    state(event("city.stopped"))
    reasons: list[Written] = [desk(day).write(reader) for day in (0.9, 1, 2, 7.9, 8)]
    assert [one.digest is not None for one in reasons] == [False, True, False, False, False]
    assert [one.reason for one in reasons][-1] == "nothing to say"


def test_quiet_events_alone_are_no_digest_and_do_not_come_later(subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    desk().write(reader)
    state(event("dataset.updated", dataset="d", severity=Severity.QUIET))
    assert desk(1).write(reader).reason == "nothing to say"
    state(event("city.stopped"))
    written = desk(2).write(reader)
    assert written.digest
    assert len(written.digest.events) == 1


def test_a_preview_changes_nothing(store: Store, subscribe, state, desk: DeskAt) -> None:
    state(event("city.stopped", at=NOW - timedelta(days=3)))
    [reader] = subscribe(ONE)
    digest, _ = desk().compose(reader, None)
    assert digest
    replayed = desk().replay(reader, NOW - timedelta(days=30))
    assert replayed
    assert replayed.subject == "贵阳停更"
    assert desk(-4).replay(reader, NOW - timedelta(days=30)) is None
    assert outbox.cursor(store, "desk") is None
    assert rows(store) == []


@pytest.mark.parametrize("given", [None, "a key of my own"])
def test_the_key_of_the_hashes_stays_the_same(store: Store, given: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if given:
        monkeypatch.setenv("OUTBOX_KEY", given)
    assert outbox.key(store) == outbox.key(store)
    assert len(outbox.key(store)) >= 15


def test_a_format_that_does_not_fit_a_service_is_the_services_own(store: Store, subscribe, state, desk: DeskAt) -> None:
    for wanted, forms in (("html", ["text", "html"]), ("markdown", ["markdown", "html"]), ("text", ["text", "text"])):
        [reader] = subscribe(
            f"subscribers:\n  - name: {wanted}\n    format: {wanted}\n"
            "    urls: ['wecombot://abcdef', 'mailto://h.cn?from=w@h.cn&to=a@b.cn']\n"
        )
        desk().write(reader)
        found = store.db["deliveries"].find({"subscriber": wanted}, sort=[("index", 1)])
        assert [row["format"] for row in found] == forms
