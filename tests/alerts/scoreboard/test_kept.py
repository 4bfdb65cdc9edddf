"""What is kept from one scoreboard to the next changes no figure: each is what it is when everything is worked out anew."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from alerts.audit.facts import DatasetFacts
from alerts.corrections.correct import retract
from alerts.corrections.event_log import ManualCorrection
from alerts.corrections.past import states_at
from alerts.engine.runner import fold_new, place_of
from alerts.model.policy import policy
from alerts.records.state_source import States
from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from alerts.text.jsonable import jsonable
from opendata_spiders.store.content import canonical, pack, read_canonical, unpack
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, REGISTER, commit, put

CACHES = ("dataset_facts", "seen_updates")
NIGHTS = (0, 1, 2, 3, 9, 10, 38, 39, 40)
"""Days between which promises are broken, dates that lay ahead arrive, and a portal is read no longer."""
MOVES = 5
"""The night in which a portal moves: its ids and its software are others."""
READ_OTHERWISE = {
    2: {"guiyang": Verdict.PARTIAL},
    3: dict.fromkeys(("ningxia", "guiyang", "yinchuan"), Verdict.FAILED),
    **{place: {"yinchuan": Verdict.BLOCKED} for place in (4, 5, 6)},
}
"""Nights on which a reading does not end complete; for a month the city has no reading that counts."""
LATER = timedelta(hours=3)
OWNERS = {"ningxia": ("", "", "640100", "640400"), "guiyang": ("",), "yinchuan": ("",)}
"""Of a province that lists again what its cities list: its own datasets, those of a city that has a portal, and those of
one that has none."""
Rows = dict[str, dict[str, Any]]


def told(store: Store, at: datetime, states: States | None = None) -> Any:
    return jsonable(board(gather(store, REGISTER, at + LATER, states)))


def held(store: Store) -> dict[str, list[Any]]:
    return {name: list(store.db[name].find().sort("_id", 1)) for name in CACHES}


def anew(store: Store, at: datetime, states: States | None = None) -> Any:
    """The scoreboard without anything kept; what is kept is put back."""
    kept = held(store)
    for name in CACHES:
        store.db[name].delete_many({})
    made = told(store, at, states)
    for name, documents in kept.items():
        store.db[name].delete_many({})
        if documents:
            store.db[name].insert_many(documents)
    return made


def lives(draw: Random, slug: str, at: datetime, rows: Rows, number: Iterator[int]) -> None:
    """Let a few things happen on a portal."""
    day = f"{at:%Y-%m-%d}"
    changes: list[dict[str, Any]] = [
        {"updated": day}, {"updated": f"{at + timedelta(days=5):%Y-%m-%d}"}, {"updated": "3天前"}, {"updated": f"{at:%Y-%m}"},
        {"updated": "不详"}, {"title": f"公交线路{day}"}, {"title": "公交线路"}, {"detailed": True}, {"contact_phone": None},
        {"office": None}, {"open_type": "不予开放"}, {"theme": "财税金融"}, {"rows": "12"}, {"frequency": "实时"},
    ]  # fmt: skip
    for name in draw.sample(sorted(rows), min(3, len(rows))):
        rows[name] = rows[name] | draw.choice(changes)
    for _ in range(draw.randrange(3)):
        rows[f"{slug}{next(number)}"] = {
            "frequency": draw.choice(["每日", "每周", "每月", "每年", "不定期"]),
            "title": f"{draw.choice([2021, 2022, 2023, 2024, 2025])}年{draw.choice(['医院', '企业登记'])}名录",
            "updated": day,
            "detailed": draw.random() < 0.8,
            "owner": draw.choice(OWNERS[slug]),
        }
    if draw.random() < 0.5:
        rows.pop(draw.choice(sorted(rows)))


def read(store: Store, slug: str, at: datetime, rows: Rows, **more: Any) -> None:
    portal = commit(store, slug, rows, at, **more)
    fold_new(store, place_of(REGISTER, portal.id, slug), policy())


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
def test_every_scoreboard_is_the_one_that_is_worked_out_anew(store: Store, seed: int) -> None:
    draw, number = Random(seed), iter(range(10_000))
    listed: dict[str, Rows] = {
        slug: {f"{slug}{next(number)}": {"owner": owner} for owner in owners * 3} for slug, owners in OWNERS.items()
    }
    for place, day in enumerate(NIGHTS):
        at = AT + timedelta(days=day)
        if place == MOVES:
            listed["guiyang"] = {f"new-{name}": row for name, row in listed["guiyang"].items()}
        for slug, rows in listed.items():
            lives(draw, slug, at, rows, number)
            if slug in READ_OTHERWISE.get(place, {}):
                read(store, slug, at, dict(list(rows.items())[:-2]), verdict=READ_OTHERWISE[place][slug])
            else:
                moved = {"epoch": "e2", "family": "other"} if place >= MOVES and slug == "guiyang" else {}
                read(store, slug, at, rows, **moved)
        if place == 7:
            event = store.db["events"].find_one({"kind": "dataset.new", "portal": "640000.1"}, sort=[("seq", -1)])
            assert event
            retract(store, place_of(REGISTER, "640000.1", "ningxia"), event["_id"], ManualCorrection("wrong", at))
        assert told(store, at) == anew(store, at), day
    kept = held(store)
    assert all(kept.values())
    for day in (NIGHTS[1], NIGHTS[5]):
        at = AT + timedelta(days=day)
        then = states_at(store, REGISTER, at + LATER)
        assert told(store, at, then) == anew(store, at, then)
    assert held(store) == kept, "a look at a past day leaves what is kept as it is"


def altered(store: Store) -> None:
    """Write into what is kept that all datasets are closed."""
    for one in store.db["dataset_facts"].find():
        chunks, facts, lines = read_canonical(unpack(one["packed"]))
        closed = [[*DatasetFacts(*row)._replace(is_closed=True)] for row in facts]
        packed = pack(canonical([chunks, closed, lines]))
        store.db["dataset_facts"].update_one({"_id": one["_id"]}, {"$set": {"packed": packed}})


def effective(store: Store, at: datetime) -> int:
    (portal,) = told(store, at)["portals"]
    return int(portal["effective"])


def test_only_what_changed_is_read_again(store: Store) -> None:
    rows: Rows = {f"d{n}": {} for n in range(9)}
    put(store, "guiyang", rows)
    assert effective(store, AT) == 9
    altered(store)
    assert effective(store, AT) == 0
    rows["d3"] = {"updated": "2026-11-01"}
    put(store, "guiyang", rows, AT + timedelta(days=1))
    assert effective(store, AT + timedelta(days=1)) == 1


def test_what_was_read_otherwise_is_read_again(store: Store) -> None:
    rows: Rows = {f"d{n}": {} for n in range(9)}
    put(store, "guiyang", rows)
    assert effective(store, AT) == 9
    altered(store)
    store.db["dataset_facts"].update_many({}, {"$set": {"made_from": "other definitions"}})
    assert effective(store, AT) == 9


def test_a_date_that_a_later_night_reads_otherwise_is_read_every_night(store: Store) -> None:
    put(store, "guiyang", {"past": {}, "ahead": {"updated": "2026-12-05"}, "distance": {"updated": "3天前"}})
    assert effective(store, AT) == 3
    altered(store)
    assert effective(store, AT) == 2


def test_chunks_that_were_thinned_out_are_no_ground_to_stand_on(store: Store) -> None:
    rows: Rows = {f"d{n}": {} for n in range(9)}
    portal = put(store, "guiyang", rows)
    assert effective(store, AT) == 9
    state = store.db["states"].find_one({"_id": portal.id})
    assert state
    old = set(store.manifest(state["known"]).chunks.values())
    rows |= {f"d{n}": {"updated": "2026-11-01"} for n in range(9)}
    put(store, "guiyang", rows, AT + timedelta(days=1))
    store.db["chunks"].delete_many({"_id": {"$in": [*old]}, "base": None})
    assert effective(store, AT + timedelta(days=1)) == 9


def test_updates_that_were_counted_are_not_counted_again(store: Store) -> None:
    put(store, "guiyang", {"a": {}}, AT - timedelta(days=120))
    put(store, "guiyang", {"a": {}, "b": {}}, AT - timedelta(days=119))
    put(store, "guiyang", {"a": {}, "b": {}})
    seen = told(store, AT)["perseverance"]["rows"][0]["quarters_updated"]
    store.db["events"].delete_many({"kind": "dataset.new"})
    again = told(store, AT)["perseverance"]["rows"][0]["quarters_updated"]
    assert (seen, again) == (1, 1)
    assert anew(store, AT)["perseverance"]["rows"][0]["quarters_updated"] == 0
