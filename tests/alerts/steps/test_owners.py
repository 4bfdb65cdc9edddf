"""Who owns a dataset is told once: cities, and the province whose portal lists them again or is their only one."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result

from alerts.audience.filters import Filter
from alerts.cli.watching import find
from alerts.corrections.correct import regrade_run, retract
from alerts.corrections.event_log import ManualCorrection
from alerts.corrections.past import states_at
from alerts.digest.compose import Composer
from alerts.digest.render import Rendered
from alerts.engine.repository import load, prepare
from alerts.engine.runner import fold_new, parts_of, place_of
from alerts.model.policy import policy
from alerts.publish.feed_library import Library
from alerts.records.queries import portal_states
from alerts.records.state_source import StoredStates
from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.target import target_from_arguments
from opendata_spiders.items import Dataset
from opendata_spiders.register import Attributor, PortalStatus, Register
from opendata_spiders.store.content import list_fingerprint
from opendata_spiders.store.models import LookResult, Run, Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import run_of, values
from tests.alerts.digest.making import NOW
from tests.alerts.steps.conftest import Subscribe

FIRST = NOW - timedelta(days=3)
GUIYANG = {f"g{n}": {"office": "贵阳市教育局"} for n in range(8)}
ZUNYI = {f"z{n}": {"office": "遵义市教育局"} for n in range(8)}
OWN = {f"p{n}": {"office": "省教育厅"} for n in range(8)}
BAOTOU = {f"b{n}": {"office": "包头市教育局"} for n in range(8)}
Rows = Mapping[str, Mapping[str, Any]]
Read = Callable[..., Run]


@pytest.fixture
def read(store: Store, register: Register) -> Read:
    """Commit and compare one night of a portal, counted and attributed as a crawl does it."""
    prepare(store)

    def one_night(
        slug: str, rows: Rows, day: int, gone: Iterable[str] = (), register: Register = register, **more: Any
    ) -> Run:
        portal = register.get(slug)
        target = target_from_arguments(portal, "test", {})
        at = FIRST + timedelta(days=day)
        attributor = Attributor(portal, target.tenant, register.governments)
        tally = Tally(target, "test", at, {}, attributor=attributor)
        versions = [tally.take(_dataset(portal.id, slug, name, row)) for name, row in rows.items()]
        store.put_versions(filter(None, versions))
        look = dict.fromkeys(gone, LookResult.GONE)
        known = {"seen": len(rows), "declared": len(rows), "detailed": len(rows), "look": look}
        run = store.commit(run_of(portal.id, slug, at, **known | more), tally.entries.values(), views=tally.views)
        fold_new(store, place_of(register, portal.id, slug), policy())
        return run

    return one_night


def _dataset(portal: str, slug: str, name: str, row: Mapping[str, Any]) -> Dataset:
    raw = values(name, row)
    return Dataset(
        portal=portal, slug=slug, id=name, raw=raw, row=raw, list_fp=list_fingerprint(raw), page_url="", detailed=True
    )


def without(rows: Rows, *names: str) -> Rows:
    return {name: row for name, row in rows.items() if name not in names}


def stated(store: Store) -> Counter[tuple[str, str, str | None]]:
    found = store.db["events"].find({}, {"kind": 1, "slug": 1, "dataset": 1})
    return Counter((one["kind"], one["slug"], one["dataset"]) for one in found)


def lose_datasets(read: Read, order: tuple[str, ...]) -> None:
    """Three nights: each city loses one dataset, the province these two and two of its own."""
    province, lost = {**OWN, **GUIYANG, **ZUNYI}, ("g1", "z1", "p1", "p2")
    shown = {"guizhou": province, "guiyang": GUIYANG, "zunyi": ZUNYI}
    for day in range(3):
        for slug in order:
            rows = without(shown[slug], *lost) if day else shown[slug]
            read(slug, rows, day, [name for name in lost if day and name in shown[slug]])


@pytest.mark.parametrize("order", [("guizhou", "guiyang", "zunyi"), ("zunyi", "guiyang", "guizhou")])
def test_what_two_cities_lose_is_told_once(
    store: Store, register: Register, read: Read, subscribe: Subscribe, order: tuple[str, ...]
) -> None:
    lose_datasets(read, order)
    assert stated(store) == {
        ("dataset.removed", "guiyang", "g1"): 1,
        ("dataset.removed", "zunyi", "z1"): 1,
        ("dataset.removed", "guizhou", "p1"): 1,
        ("dataset.removed", "guizhou", "p2"): 1,
    }
    readers = subscribe("""
subscribers:
  - {name: country, urls: ['json://127.0.0.1:9/a'], language: en}
  - {name: city, urls: ['json://127.0.0.1:9/b'], language: en, filter: {cities: [贵阳]}}
""")
    country, city = (_digest(store, register, reader) for reader in readers)
    assert "4 datasets removed in 3 cities" in country
    assert "g1" in city
    assert not {"Zunyi", "Guizhou"}.intersection(city.split())


def _digest(store: Store, register: Register, reader: Any) -> str:
    digest = Composer(store, register, NOW).replay(reader, FIRST)
    assert digest is not None
    return f"{digest.subject}\n{Rendered(digest).text}"


def test_where_only_the_province_is_read_its_cities_are_told_by_their_names(
    store: Store, register: Register, read: Read, subscribe: Subscribe
) -> None:
    shown = {**OWN, **BAOTOU}
    read("neimenggu", shown, 0)
    for day in (1, 2):
        read("neimenggu", without(shown, "b1", "p1"), day, ["b1", "p1"])
    place = register.place("150200")
    assert stated(store) == {("dataset.removed", place, "b1"): 1, ("dataset.removed", "neimenggu", "p1"): 1}
    views = {view.slug: view for view in portal_states(StoredStates(store))}
    assert {slug: view.counts["known"] for slug, view in views.items()} == {place: 7, "neimenggu": 7}
    past = portal_states(states_at(store, register, FIRST + timedelta(days=1)))
    assert {view.slug: (view.counts["known"], view.counts["pending"]) for view in past} == {
        place: (7, 1), "neimenggu": (7, 1),
    }  # fmt: skip
    reader, everybody = subscribe("""
subscribers:
  - {name: city, urls: ['json://127.0.0.1:9/b'], language: en, filter: {cities: [包头]}}
  - {name: country, urls: ['json://127.0.0.1:9/a'], language: en}
""")
    assert f"1 of {len(register.crawlable())} portals" in _digest(store, register, everybody)
    text = _digest(store, register, reader)
    assert ("Baotou" in text, "b1" in text, "Inner Mongolia" in text) == (True, True, False)
    first, _ = Composer(store, register, NOW).compose(reader, None)
    assert first is not None
    state = f"{first.subject}\n{Rendered(first).text}"
    assert ("Baotou has not stopped" in state, "Fully read: 1 portal." in state) == (True, True)
    assert "nothing about" not in state
    feeds = {feed.file: feed for feed in Library(store, register).feeds()}
    assert [len(feeds[f"city-{slug}"].entries) for slug in (place, "neimenggu")] == [1, 1]


def test_that_the_province_is_out_of_reach_is_told_of_the_province(store: Store, read: Read) -> None:
    read("neimenggu", {**OWN, **BAOTOU}, 0)
    for day in range(1, 4):
        read("neimenggu", {}, day, verdict=Verdict.UNREACHABLE, manifest=None, declared=None)
    assert set(stated(store)) == {("platform.down", "neimenggu", None)}


def test_a_city_that_comes_to_its_province_brings_new_datasets(store: Store, register: Register, read: Read) -> None:
    read("neimenggu", OWN, 0)
    read("neimenggu", {**OWN, **dict(list(BAOTOU.items())[:2])}, 1)
    assert set(stated(store)) == {("dataset.new", register.place("150200"), name) for name in ("b0", "b1")}


def test_a_database_from_before_owners_were_known_goes_on_in_silence(
    store: Store, register: Register, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {**OWN, **BAOTOU}
    with monkeypatch.context() as patch:
        patch.setattr(Attributor, "of", lambda self, _office: replace(_stays, owner=""))
        read("neimenggu", shown, 0)
    read("neimenggu", shown, 1)
    read("neimenggu", without(shown, "b1"), 2, ["b1"])
    read("neimenggu", without(shown, "b1"), 3, ["b1"])
    assert stated(store) == {("dataset.removed", register.place("150200"), "b1"): 1}


_stays = Attributor().of("")


def test_what_another_division_tells_is_counted_anew_in_silence(store: Store, register: Register, read: Read) -> None:
    guizhou, guiyang = register.get("guizhou"), register.get("guiyang")
    shown = {**OWN, **GUIYANG, **ZUNYI}
    alone = Register(register.governments, {**register.portals, "guizhou": replace(guizhou, relists=False)})
    unread = Register(
        register.governments, {**register.portals, "guiyang": replace(guiyang, status=PortalStatus.RETIRED)}
    )
    for day, (book, known) in enumerate((
        (alone, {"guizhou": 24}),
        (register, {"guizhou": 8}),
        (unread, {"guizhou": 8, "guiyang": 8}),
    )):  # fmt: skip
        read("guizhou", shown, day, register=book)
        assert {view.slug: view.counts["known"] for view in portal_states(StoredStates(store))} == known
    assert stated(store) == {}
    read("guizhou", without(shown, "g1", "z1", "p1"), 3, ["g1", "z1", "p1"], register=unread)
    read("guizhou", without(shown, "g1", "z1", "p1"), 4, ["g1", "z1", "p1"], register=unread)
    assert stated(store) == {("dataset.removed", "guiyang", "g1"): 1, ("dataset.removed", "guizhou", "p1"): 1}


def test_what_is_attributed_anew_is_counted_with_its_owner(
    store: Store, register: Register, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {**OWN, **BAOTOU}
    with monkeypatch.context() as patch:
        patch.setattr(Attributor, "of", lambda self, _office: replace(_stays, owner=""))
        read("neimenggu", shown, 0)
    assert {view.slug: view.counts["known"] for view in portal_states(StoredStates(store))} == {"neimenggu": 16}
    read("neimenggu", shown, 1)
    counted = {view.slug: view.counts["known"] for view in portal_states(StoredStates(store))}
    assert counted == {"neimenggu": 8, register.place("150200"): 8}
    assert load(store, "150000.1").state.owners == {"150200": 8}


def test_the_scoreboard_counts_by_owner(store: Store, register: Register, read: Read) -> None:
    read("neimenggu", {**OWN, **BAOTOU, "key": {"title": "企业登记信息", "office": "包头市市场监督管理局"}}, 0)
    found = board(gather(store, register, FIRST))
    shown = {one["slug"]: (one["government"], one["seen"], one["claimed"]) for one in found["portals"]}
    assert shown == {register.place("150200"): ("150200", 9, None), "neimenggu": ("150000", 8, 17)}
    figures = found["figures"]
    assert (figures["datasets_seen"]["value"], figures["datasets_claimed"]["value"]) == (17, 17)
    assert figures["portals_read"]["numerator"] == 1
    key = {one["adcode"]: one["key"]["business"] for one in found["places"] if one["key"]}
    assert key == {"150200": 1, "150000": 0}


def test_the_scoreboard_counts_a_relisted_dataset_for_its_city(store: Store, register: Register, read: Read) -> None:
    renamed = {name: {**row, "title": f"{name}（新名）"} for name, row in GUIYANG.items()}
    read("guizhou", {**OWN, **renamed, **ZUNYI}, 0)
    read("guiyang", GUIYANG, 0)
    figures = board(gather(store, register, FIRST))["figures"]
    # Zunyi has a portal, but nobody has read it lately: its datasets count where they were seen.
    assert (figures["datasets_seen"]["value"], figures["datasets_seen"]["listed_twice"]) == (24, 8)
    assert figures["datasets_claimed"]["value"] == 24


def test_corrections_reach_the_part_of_a_portal(store: Store, register: Register, read: Read) -> None:
    shown = {**OWN, **BAOTOU}
    read("neimenggu", shown, 0)
    runs = [read("neimenggu", without(shown, "b1", "p1"), day, ["b1", "p1"]) for day in (1, 2)]
    whole = place_of(register, "150000.1", "neimenggu")
    [part] = parts_of(store, whole)
    event = store.db["events"].find_one({"dataset": "b1"})
    assert event is not None
    done = retract(store, part, event["_id"], ManualCorrection("was there", NOW))
    assert [(one.kind, one.slug, one.owner) for one in done.events] == [("event.retracted", part.slug, "150200")]
    done = regrade_run(store, whole, runs[1], Verdict.FAILED, ManualCorrection("half read", NOW))
    assert [(one.kind, one.dataset) for one in done.events] == [("event.retracted", "p1")]
    assert regrade_run(store, whole, runs[1], Verdict.FAILED, ManualCorrection("half read", NOW)).events == ()


def test_the_rule_that_decided_is_kept(store: Store, read: Read) -> None:
    read("guizhou", {**OWN, **GUIYANG}, 0)
    read("guiyang", GUIYANG, 0)
    kept = {one["_id"]: (one["owner"], one["owner_rule"]) for one in store.db["datasets"].find({})}
    assert kept["520000.1:g1"] == ("520100", "office")
    assert kept["520000.1:p1"] == ("520000", "portal")
    assert kept["520100.1:g1"] == ("520100", "tenant")


def test_a_relisted_dataset_is_watched_on_its_citys_portal(store: Store, register: Register, read: Read) -> None:
    read("guizhou", {**OWN, **GUIYANG}, 0)
    refused = find(store, register, "guizhou:g1")
    assert (refused.dataset, "guiyang" in refused.failure) == ("", True)
    assert find(store, register, "guizhou:p1").dataset == "p1"
    read("guiyang", GUIYANG, 0)
    assert find(store, register, "guiyang:g1").portal == "520100.1"


def test_how_a_watched_dataset_of_a_part_stands(
    store: Store, read: Read, subscribe: Subscribe, alerts: Callable[..., Result]
) -> None:
    shown = {**OWN, **BAOTOU}
    read("neimenggu", shown, 0)
    for day in (1, 2):
        read("neimenggu", without(shown, "b1"), day, ["b1"])
    subscribe("subscribers: [{name: city, urls: ['json://127.0.0.1:9/b']}]")
    done = alerts("subscribe", "add", "--subscriber", "city", "--watch", "neimenggu:b1", "--json")
    assert [(one["dataset"], one["state"]) for one in json.loads(done.stdout)] == [("neimenggu:b1", "removed")]


def test_overdue_lists_hold_each_dataset_once_under_its_owner(store: Store, register: Register, read: Read) -> None:
    late = {"frequency": "每周", "updated": "2026-01-05"}
    city = {"g1": {**GUIYANG["g1"], **late}}
    read("guizhou", {"p1": {**OWN["p1"], **late}, **city}, 0)
    read("guiyang", city, 0)
    read("neimenggu", {"b1": {**BAOTOU["b1"], **late}, "p1": OWN["p1"]}, 0)
    cache = Composer(store, register, NOW).cache
    rows = {(one.slug, one.city, one.dataset) for one in cache.overdue(Filter(), NOW)}
    place = register.place("150200")
    assert rows == {("guizhou", "贵州", "p1"), ("guiyang", "贵阳", "g1"), (place, "包头", "b1")}
