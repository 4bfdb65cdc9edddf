"""The audit of what lies in a real database, and the command."""

import csv
import json
import os
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.audit.catalogue import load
from alerts.audit.portal import audit
from alerts.audit.tiers import Keys
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, REGISTER, put
from tests.commands import run_module

Alerts = Callable[..., "subprocess.CompletedProcess[str]"]
BOTH = {"title": "公交线路", "office": "市交通局"}


@pytest.fixture
def alerts(store_config: StoreConfig) -> Alerts:
    environment = {**os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run_module("alerts", *arguments, env=environment | {"COLUMNS": "200"})

    return run


def codes(store: Store, slug: str) -> list[tuple[str, str]]:
    portal = REGISTER.get(slug)
    catalogue = load(store, portal.id, portal.timezone)
    assert catalogue
    below = Keys(store, REGISTER).below(portal)
    return [(one.code, one.dataset) for one in audit(catalogue, below).findings]


def test_a_catalogue_is_what_the_diff_believes_in(store: Store) -> None:
    put(store, "guiyang", {"a": None, "b": {"frequency": None}})
    put(store, "guiyang", {"c": {"updated": None, "published": None}}, AT + timedelta(days=1), verdict=Verdict.PARTIAL)
    assert codes(store, "guiyang") == [("audit.no_promise", "b"), ("audit.no_date", "c")]
    assert load(store, "nowhere", SHANGHAI) is None


def test_dates_are_judged_against_the_reading_not_against_today(store: Store) -> None:
    put(store, "guiyang", {"a": {"updated": "2026-11-26"}})
    assert codes(store, "guiyang") == [("audit.date_future", "a")]
    put(store, "guiyang", {"a": {"updated": "2026-11-26"}}, AT + timedelta(days=5))
    assert codes(store, "guiyang") == []


def test_a_province_that_relists_is_compared_with_its_own_cities_only(store: Store) -> None:
    put(store, "guiyang", {"a": BOTH})
    put(store, "yangquan", {"a": {"title": "路网", "office": "省交通厅"}})
    put(store, "guizhou", {"x": BOTH, "y": {"title": "路网", "office": "省交通厅"}})
    assert codes(store, "guizhou") == [("audit.relisted", "x")]
    assert codes(store, "guiyang") == []


def test_which_fields_the_list_shows_is_learnt_from_datasets_without_a_detail(store: Store) -> None:
    bare = {"detailed": False, "contact_phone": None}
    put(store, "guiyang", {"a": {**bare, "frequency": None}, "b": bare, "c": None})
    assert codes(store, "guiyang") == [("audit.no_promise", "a")]


def test_a_dataset_whose_content_is_gone_from_the_store_is_not_judged(store: Store) -> None:
    portal = put(store, "guiyang", {"a": {"frequency": None}, "b": None})
    store.db["versions"].delete_one({"dataset": "a"})
    catalogue = load(store, portal.id, portal.timezone)
    assert catalogue
    done = audit(catalogue)
    assert (done.datasets, done.unread, done.findings) == (2, 1, ())


def test_the_command(store: Store, alerts: Alerts, tmp_path: Path) -> None:
    put(store, "guiyang", {"a": {"office": "=乙局", "frequency": None}, "b": {"office": "甲局", "open_type": "可开放"}})
    put(store, "yangquan", {"a": None})
    sheet = tmp_path / "finding.csv"
    made = alerts("audit", "guiyang", "--json", "--office", "--datasets", "--csv", str(sheet))
    assert (made.returncode, made.stderr) == (0, f"2 findings written to {sheet}\n")
    document = json.loads(made.stdout)
    (portal,) = document["portals"]
    assert (portal["slug"], portal["datasets"], portal["sound"], portal["unread"]) == ("guiyang", 2, 0, 0)
    assert portal["findings"]["audit.no_promise"] == {"count": 1, "judged": 2, "share": 0.5}
    assert portal["findings"]["audit.relisted"] == {"count": None, "judged": 0, "share": None}
    assert portal["offices"] == [
        {"office": "=乙局", "datasets": 1, "findings": {"audit.no_promise": 1}},
        {"office": "甲局", "datasets": 1, "findings": {"audit.open_type_unknown": 1}},
    ]
    assert [one["detail"] for one in portal["listed"]] == ["", "open_type: 可开放"]
    rows = list(csv.reader(sheet.read_text("utf-8-sig").splitlines()))
    assert [row[:2] for row in rows[1:]] == [["贵阳市政府数据开放平台", "'=乙局"], ["贵阳市政府数据开放平台", "甲局"]]
    assert rows[1][10] == "https://p.example/a"
    table = alerts("audit", "--office").stdout
    assert all(word in table for word in ("no promise", "50.0%", "unknown", "yangquan", "甲局"))
    assert alerts("audit", "--json", "--office").stdout == alerts("audit", "--json", "--office").stdout


def test_mistakes_are_told_in_one_sentence(store: Store, alerts: Alerts) -> None:
    assert "run `python -m alerts diff`" in alerts("audit").stdout
    put(store, "guiyang", {"a": None})
    wrong = [alerts("audit", "guiyan"), alerts("audit", "--datasets"), alerts("audit", "--csv", "/nowhere/x.csv")]
    assert [one.returncode for one in wrong] == [2, 2, 1]
    assert "No such file or directory" in wrong[2].stderr
    assert all("Traceback" not in one.stderr for one in wrong)
    assert "Never completely read and compared: yangquan" in alerts("audit", "guiyang", "yangquan").stdout
