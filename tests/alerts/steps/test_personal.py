"""Watches, mutes, head starts and replays over a real store: each thing told exactly once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.audience import watches
from alerts.audience.remarks import Remark, RemarkKind, holding, put
from alerts.audience.watches import Watch
from alerts.cli.subscribers import with_mutes
from alerts.cli.watching import find
from alerts.delivery import outbox
from alerts.digest.head_start import head_start
from alerts.digest.replay import replayed
from alerts.digest.write import DigestSession
from alerts.engine.repository import prepare
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store
from tests.alerts.digest.making import NOW, ago, event

ONE = """
subscribers:
  - name: desk
    urls: ['json://127.0.0.1:9/']
    language: en
    filter: {cities: [guiyang]}
    rhythm: {every: weekly, weekday: tuesday}
"""
JINAN = "370100.1"
DeskAt = Callable[..., DigestSession]


def dataset(store: Store, name: str, **more: object) -> None:
    values = {"id": name, "portal": JINAN, "slug": "jinan", "title": "公交站点", "office": "交通局", "listed": True}
    store.db["datasets"].insert_one({"_id": f"{JINAN}:{name}", "page_url": "", **values, **more})


def watch(store: Store, name: str = "a1") -> None:
    prepare(store)
    assert watches.add(store, Watch("desk", JINAN, name, "公交站点", "交通局", NOW))


def jinan(kind: str, name: str, **more: object):
    return event(kind, "jinan", name, portal=JINAN, title="公交站点", **more)


@pytest.mark.parametrize("tail", ["/jinan/catalog/a%2F1?x=2", "/d?id=a/1#top", "/#/dataset?catalogId=a/1", "/x/a/1"])
def test_a_pasted_page_is_found(tail: str, store: Store, register: Register) -> None:
    dataset(store, "a/1")
    for pasted in (register.portals["jinan"].base_url + tail, "jinan:a/1"):
        found = find(store, register, pasted)
        assert (found.portal, found.dataset, found.failure) == (JINAN, "a/1", "")


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("data.jinan", "no address"),
        ("http://[bad", "no address"),
        ("http://nowhere.example/x", "no portal of the register is at nowhere.example"),
        ("guiyang:zzz", "has not been read yet"),
        ("jinan:zzz", "no dataset with an id of this address is known of jinan"),
    ],
)
def test_what_cannot_be_found_says_why(pasted: str, why: str, store: Store, register: Register) -> None:
    dataset(store, "a1")
    assert why in find(store, register, pasted).failure


def test_a_watched_dataset_is_told_at_once_and_outside_the_filter(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    desk().write(reader)
    watch(store)
    state(jinan("dataset.updated", "other"))
    assert desk(1).write(reader).reason == "not due yet"
    state(jinan("dataset.updated", "a1"))
    written = desk(2).write(reader)
    assert written.digest
    assert written.digest.subject == "Jinan, “公交站点”: an update"
    assert desk(2.1).write(reader).reason == "not due yet"


def test_an_early_word_goes_to_the_watcher_alone(store: Store, subscribe, state, desk: DeskAt) -> None:
    readers = subscribe(ONE + """
  - {name: neighbour, urls: ['json://127.0.0.1:9/b'], language: en, filter: {cities: [jinan]}}
  - {name: chief, urls: ['json://127.0.0.1:9/c'], language: en, role: operator}
""")  # fmt: skip
    for reader in readers:
        desk().write(reader)
    watch(store)
    state(jinan("dataset.possibly_gone", "a1"))
    mine, neighbour, chief = (desk(2).write(reader) for reader in readers)
    assert mine.digest
    assert mine.digest.subject == "Jinan, “公交站点”: a dataset that may be gone"
    assert "may be gone or only overlooked" in str(mine.digest.sections)
    assert neighbour.digest is None
    assert chief.digest is None
    state(jinan("dataset.listed_again", "a1"), jinan("dataset.updated", "b1"))
    mine, neighbour, _ = (desk(3).write(reader) for reader in readers)
    assert mine.digest
    assert "it was not gone" in str(mine.digest.sections)
    assert neighbour.digest is None or "listed after all" not in str(neighbour.digest)


def test_a_watch_follows_a_new_id_and_a_move(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    desk().write(reader)
    watch(store)
    state(jinan("dataset.rekeyed", "b2", evidence={"old_id": "a1"}), jinan("dataset.updated", "b2"))
    told = desk(1).write(reader)
    assert told.digest
    assert len(told.digest.events) == 2
    assert [(one.dataset, one.was) for one in watches.watches(store)] == [("b2", ("a1",))]
    dataset(store, "c3")
    dataset(store, "b2", listed=False)
    state(event("platform.moved", "jinan", portal=JINAN))
    desk(8).write(reader)
    assert [(one.dataset, one.was) for one in watches.watches(store)] == [("c3", ("a1", "b2"))]
    state(jinan("dataset.removed", "c3"))
    assert desk(9).write(reader).digest


def test_a_preview_moves_no_watch(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    desk().write(reader)
    watch(store)
    state(jinan("dataset.rekeyed", "b2", evidence={"old_id": "a1"}))
    assert desk(1).compose(reader, outbox.cursor(store, "desk"))[0]
    assert [one.dataset for one in watches.watches(store)] == ["a1"]


def test_a_mute_by_command_holds_and_ends(store: Store, subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    prepare(store)
    put(store, [Remark(RemarkKind.MUTE, "desk", NOW, NOW + timedelta(days=10))])
    [muted] = with_mutes(store, [reader], NOW)
    assert desk(1).write(muted).reason == "muted"
    assert desk(11).write(muted).digest
    put(store, [Remark(RemarkKind.MUTE, "desk", NOW + timedelta(days=1), ended=True)])
    assert with_mutes(store, [reader], NOW + timedelta(days=2)) == [reader]


def test_the_newest_remark_holds_and_none_is_lost(store: Store) -> None:
    prepare(store)
    for day, text in enumerate(["first", "second"]):
        put(store, [Remark(RemarkKind.NOTE, "p", ago(2 - day), text=text, by="Li")])
    assert holding(store, RemarkKind.NOTE, NOW)["p"].text == "second"
    assert holding(store, RemarkKind.NOTE, ago(1.5))["p"].text == "first"
    assert holding(store, RemarkKind.NOTE, NOW, ["q"]) == {}
    assert store.db["remarks"].count_documents({}) == 2


OFFICER = (
    ONE.replace("weekly, weekday: tuesday", "daily")
    + """
  - name: bureau
    urls: ['json://127.0.0.1:9/b']
    role: officer
    head_start: true
    filter: {cities: [guiyang]}
"""
)


def test_readers_hear_of_late_datasets_a_day_after_the_officer_once(subscribe, state, desk: DeskAt) -> None:
    both = subscribe(OFFICER)

    def at(day: float) -> DigestSession:
        return replace(desk(day), first=head_start(both))

    for one in both:
        at(0).write(one)
    moment = NOW + timedelta(days=0.8)
    late, gone = state(
        event("dataset.overdue", dataset="d", title="x", at=moment),
        event("dataset.removed", dataset="e", title="y", at=moment),
    )
    told: dict[str, list[set[str]]] = {}
    for one in both:
        written = [at(day).write(one).digest for day in (1, 2, 3, 4)]
        told[one.name] = [set(digest.events) for digest in written if digest]
    assert told == {"bureau": [{late.id, gone.id}], "desk": [{gone.id}, {late.id}]}


def test_a_replay_tells_what_was_sent_day_by_day_and_changes_nothing(
    store: Store, subscribe, state, desk: DeskAt
) -> None:
    [reader] = subscribe(ONE.replace("weekly, weekday: tuesday", "daily"))
    desk(-10).write(reader)
    sent = []
    for day in range(-9, 1):
        if day % 3 == 0:
            state(event("dataset.removed", dataset=f"d{day}", title="x", at=NOW + timedelta(days=day - 0.2)))
        written = desk(day).write(reader)
        sent += [written.digest.subject] if written.digest else []
    before = {name: list(store.db[name].find()) for name in store.db.list_collection_names()}
    shown = list(replayed(desk(0), reader, NOW - timedelta(days=10)))
    assert [one.digest.subject for one in shown] == sent
    assert [one.at for one in shown] == [NOW + timedelta(days=day) for day in (-9, -6, -3, 0)]
    assert before == {name: list(store.db[name].find()) for name in store.db.list_collection_names()}


def test_a_replay_keeps_the_rhythm(subscribe, state, desk: DeskAt) -> None:
    [reader] = subscribe(ONE)
    state(*(event("dataset.removed", dataset=f"d{n}", title="x", at=ago(n)) for n in range(1, 28)))
    shown = list(replayed(desk(0), reader, NOW - timedelta(days=28)))
    assert len(shown) == 4
    assert sum(len(one.digest.events) for one in shown) == 27


def test_researchers_hear_once_a_month_unless_they_say_otherwise(subscribe) -> None:
    [one] = subscribe(ONE.replace("    rhythm: {every: weekly, weekday: tuesday}", "    role: researcher"))
    assert one.rhythm.every == "monthly"
    [other] = subscribe(ONE + "    role: researcher\n")
    assert other.rhythm.every == "weekly"


def test_filters_by_department_and_key_data(subscribe) -> None:
    [one] = subscribe(ONE.replace("cities: [guiyang]", "offices: [交通], key_data: [交通]"))
    bus, tax = (
        event("dataset.removed", dataset="d", title=title, office="市交通运输局") for title in ("公交站点", "纳税信息")
    )
    assert one.scope.takes(bus, "reader")
    assert not one.scope.takes(tax, "reader")
    assert not one.scope.takes(replace(bus, office="市民政局"), "reader")
    assert one.scope.takes(event("city.stopped"), "reader")


def test_readers_who_watch_the_same_dataset_need_not_have_watched_it_under_the_same_id(
    store: Store, subscribe, state, desk: Callable[[float], DigestSession]
) -> None:
    """Only who watched it under its old id hears what happened to that one."""
    prepare(store)
    one = "  - name: {0}\n    urls: ['json://127.0.0.1:9/{0}']\n    filter: {{cities: [guiyang]}}\n"
    readers = subscribe("subscribers:\n" + "".join(one.format(name) for name in ("early", "late")))
    for name, was in (("early", ("old",)), ("late", ())):
        assert watches.add(store, Watch(name, JINAN, "new", "公交站点", "交通局", NOW, was))
    list(desk(0).write_all(readers))
    [renamed] = state(jinan("dataset.renamed", "old", evidence={"before": "公交", "after": "公交站点"}))
    told = {one.subscriber: one.digest.events if one.digest else () for one in desk(1).write_all(readers)}
    assert told == {"early": (renamed.id,), "late": ()}
