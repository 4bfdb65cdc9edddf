"""The command as people, cron and pages call it."""

import json
import os
import subprocess
from collections.abc import Callable

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, put
from tests.commands import run_module

Alerts = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def alerts(store: Store, store_config: StoreConfig) -> Alerts:
    """Run `python -m alerts …` on the night of AT, in a database of replayed nights."""
    store.db["meta"].update_one({"_id": "store"}, {"$set": {"mode": "replay"}})
    environment = {**os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database}
    environment |= {"WATCH_NOW": AT.isoformat(), "COLUMNS": "220"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_module("alerts", "scoreboard", *arguments, env=environment)

    return run


def test_tables_for_people(store: Store, alerts: Alerts) -> None:
    put(store, "guiyang", {"a": None, "b": {"title": "公交线路"}})
    put(store, "anshun", {"a": {"updated": None, "published": None}}, declared=None)
    put(store, "hongkong", {"a": None})
    shown = alerts()
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = {line.strip().split("  ")[0]: line for line in reversed(shown.stdout.splitlines())}
    assert "154 of 364" in lines["governments of which nothing is known"]
    assert "register" in lines["governments of which nothing is known"]
    assert "(observed 0 of 4)" in shown.stdout
    assert "0.0% to 48.6%" in lines["governments that share nothing"]
    assert "29.4% (107 of 364), 2025-07" in lines["governments that share nothing"]
    assert " ".join(lines["datasets seen"].split()[3:]) == "at least 3 2 of 209 207 observed – 3"
    assert lines["anshun"].split()[1:7] == ["2026-11-24", "unknown", "1", "0", "1", "unknown"]
    assert "not the rank of any published study" in shown.stdout
    assert "Keeps at it, 2022Q4 to 2026Q3" in shown.stdout
    assert "claimed, survivors only" in shown.stdout
    assert "Not ranked: anshun, unknown: freshness" in shown.stdout
    assert "in no figure: hongkong" in shown.stdout


def test_one_document_with_stable_keys_and_a_daily_series(store: Store, alerts: Alerts) -> None:
    put(store, "guiyang", {"a": None})
    first = alerts("--json", "--keep")
    assert (first.returncode, first.stderr) == (
        0,
        "The figures of 2026-11-24 are kept; --history shows the daily series.\n",
    )
    document = json.loads(first.stdout)
    assert set(document) == {
        "scoreboard",
        "date",
        "at",
        "last_reading",
        "governments",
        "figures",
        "kinds",
        "places",
        "portals",
        "national",
        "rank",
        "perseverance",
        "backcast",
        "outside",
    }
    assert set(document["figures"]["datasets_seen"]) >= {
        "value", "numerator", "denominator", "unknown", "kind", "basis", "version", "zh", "en", "definition", "differs",
        "total", "low", "high", "confidence", "cases", "says", "studies",
    }  # fmt: skip
    assert alerts("--json").stdout == first.stdout
    (day,) = json.loads(alerts("--history", "--json").stdout)
    assert (day["date"], day["figures"]["datasets_seen"]["value"]) == ("2026-11-24", 1)
    assert "2026-11-24" in alerts("--history").stdout
    wrong = alerts("--history", "--keep")
    assert (wrong.returncode, "Traceback" in wrong.stderr) == (2, False)
