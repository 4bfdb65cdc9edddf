"""Any day's figures can be worked out again from the stored runs, and equal what was printed that day."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from subprocess import CompletedProcess

import pytest

from alerts.corrections.past import states_at
from alerts.scoreboard.board import board
from alerts.scoreboard.definitions import definitions
from alerts.scoreboard.former import FORMER
from alerts.scoreboard.gather import gather
from alerts.scoreboard.history import printed
from alerts.text.jsonable import jsonable
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, REGISTER, put
from tests.commands import run_module

DAY = timedelta(days=1)
Alerts = Callable[..., "CompletedProcess[str]"]


def day(number: int) -> str:
    """The date in China of a night."""
    return f"{(AT + number * DAY).astimezone(SHANGHAI):%Y-%m-%d}"


@pytest.fixture
def alerts(store: Store, store_config: StoreConfig) -> Alerts:
    store.db["meta"].update_one({"_id": "store"}, {"$set": {"mode": "replay"}})
    environment = {**os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database}

    def run(at: datetime, *arguments: str) -> CompletedProcess[str]:
        made = environment | {"WATCH_NOW": at.isoformat(), "COLUMNS": "220"}
        done = run_module("alerts", "scoreboard", *arguments, env=made)
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_a_past_day_is_worked_out_as_it_was_printed(store: Store, alerts: Alerts) -> None:
    """Datasets come, change and go, a portal is read for the first time, another one no more."""
    bus, tax = {"title": "公交线路", "frequency": "每日"}, {"title": "纳税信用", "theme": "财税金融"}
    nights = [
        {"guiyang": {"a": bus, "b": None, "c": tax}, "anshun": {"a": None}},
        {"guiyang": {"a": bus, "c": tax | {"updated": "2026-11-24"}}, "anshun": {"a": None}},
        {"guiyang": {"a": bus, "c": tax, "d": {"title": "气象站"}}, "zunyi": {"z": tax}},
        {"guiyang": {"a": bus}, "zunyi": {"z": tax, "y": bus}},
    ]
    for number, night in enumerate(nights):
        for slug, rows in night.items():
            put(store, slug, rows, AT + number * DAY)
        alerts(AT + number * DAY, "--keep")
    shown = {number: printed(store, day(number)) for number in range(len(nights))}
    for number, then in shown.items():
        assert then
        at = AT + number * DAY
        assert then.at == at
        again = board(gather(store, REGISTER, at, states_at(store, REGISTER, at)), then.versions)
        assert jsonable(again) == then.board
    seen = [then.figures["datasets_seen"]["low"] for then in shown.values() if then]
    assert seen == [4, 3, 5, 4], "the days differ"
    said = alerts(AT + 9 * DAY, "--as-of", day(1)).stdout
    assert f"The same figures were kept on {day(1)}." in said


def test_a_difference_is_named(store: Store, alerts: Alerts) -> None:
    put(store, "guiyang", {"a": None})
    alerts(AT, "--keep")
    first = day(0)
    store.db["scoreboards"].update_one({"_id": first}, {"$set": {"figures.datasets_seen.low": 7}})
    assert f"Printed otherwise on {first}: datasets_seen" in alerts(AT + 2 * DAY, "--as-of", first).stdout
    document = json.loads(alerts(AT + 2 * DAY, "--as-of", first, "--json").stdout)
    assert document["printed_then"] == {"kept": True, "differing": ["datasets_seen"]}
    assert "Nothing was kept" in alerts(AT + 4 * DAY, "--as-of", day(1)).stdout


def test_a_formula_of_that_day_is_used(store: Store) -> None:
    """Version 1 of a share was of the portals read alone; version 2 is of all, and one portal read says little."""
    put(store, "guiyang", {"a": None})
    found = replace(gather(store, REGISTER, AT), empty=frozenset({REGISTER.get("anshun").id}))
    now, then = (board(found, versions)["figures"]["portals_empty"] for versions in ({}, {"portals_empty": 1}))
    assert (then["version"], then["low"], then["high"], then["total"]) == (1, 0.5, 0.5, 2)
    assert (now["version"], now["numerator"], now["low"] < 0.01, now["high"] > 0.9) == (2, 1, True, True)


def test_only_versions_before_the_present_one_are_former() -> None:
    assert all(version < definitions()[code].version for code, version in FORMER)
