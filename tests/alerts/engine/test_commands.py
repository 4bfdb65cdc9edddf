"""The commands as people, cron and checks call them."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.model.kinds import events_page, kinds
from alerts.model.policy import policy
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store
from tests.commands import run_module

DOCS = Path(__file__).parents[3] / "docs"
HOSTILE = "公交\x1b[31m线路\x9b31m\u202e[bold]x[/bold]"
Alerts = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def alerts(store_config: StoreConfig) -> Alerts:
    """Run `python -m alerts …` on the test's database."""
    environment = {**os.environ, "MONGODB_URI": str(store_config.uri), "MONGODB_DATABASE": store_config.database}

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run_module("alerts", *arguments, env={**environment, "COLUMNS": "200", **more})

    return run


@pytest.fixture
def read(store: Store, tell: Any) -> list[str]:
    """Three nights of a portal outside the register; the ids of its runs."""
    nights = [{"set": {"n": {"title": HOSTILE}}, "hide": ["b"], "look": {"b": "gone"}}, {"look": {"b": "gone"}}]
    story = tell({"start": {"a": {"updated": "D-300"}, "b": {}}, "run": {"slug": "nowhere"}, "nights": nights})
    store.put_versions(story.shelf.known_versions.values())
    runs = [store.commit(replace(r, manifest=None), story.shelf.entries(r.manifest).values()) for r in story.runs]
    return [run.id for run in runs]


@pytest.mark.usefixtures("read")
def test_diff_prints_what_it_stated_and_only_once(alerts: Alerts) -> None:
    first = alerts("diff", "nowhere", "--json")
    assert (first.returncode, first.stderr) == (0, "")
    events = json.loads(first.stdout)
    assert [(one["kind"], one["dataset"], one["slug"]) for one in events] == [
        ("dataset.new", "n", "nowhere"),
        ("dataset.removed", "b", "nowhere"),
        ("coverage.gained", None, "nowhere"),
        ("coverage.gained", None, "nowhere"),
    ]
    assert json.loads(alerts("diff", "--json").stdout) == []
    assert json.loads(alerts("events", "--json").stdout) == events
    assert json.loads(alerts("events", "--portal", "nowhere", "--since", "2026-01-03", "--json").stdout) == events[1:]


@pytest.mark.usefixtures("read")
def test_portal_text_never_commands_the_terminal(alerts: Alerts) -> None:
    shown = [alerts("diff"), alerts("events"), alerts("events", "--json")]
    for result in shown:
        assert result.returncode == 0
        assert not {"\x1b", "\x9b", "\u202e"}.intersection(result.stdout)
    assert "[bold]x[/bold]" in shown[1].stdout
    assert json.loads(shown[2].stdout)[0]["title"] == HOSTILE


def test_any_two_runs_are_compared_without_writing(alerts: Alerts, read: list[str], store: Store) -> None:
    result = alerts("diff", "--from", read[0], "--to", read[1], "--json")
    assert [(one["kind"], one["dataset"], one["confidence"]) for one in json.loads(result.stdout)] == [
        ("dataset.new", "n", "confirmed"),
        ("dataset.removed", "b", "probable"),
    ]
    back = json.loads(alerts("diff", "--from", read[1], "--to", read[0], "--json").stdout)
    assert [(one["kind"], one["dataset"]) for one in back] == [("dataset.new", "b"), ("dataset.removed", "n")]
    assert store.db["events"].count_documents({}) == store.db["states"].count_documents({}) == 0


@pytest.mark.usefixtures("read")
def test_states_and_runs(alerts: Alerts) -> None:
    alerts("diff")
    (state,) = json.loads(alerts("states", "--json").stdout)
    assert (state["slug"], state["state"], state["last_verdict"], state["nights_observed"]) == (
        "nowhere",
        "live",
        "complete",
        3,
    )
    assert state["counts"]["known"] == 2
    assert state["counts"]["removed"] == 1
    runs = json.loads(alerts("runs", "--portal", "nowhere", "--json").stdout)
    assert [(one["seq"], one["verdict"], one["seen"]) for one in runs] == [(n, "complete", 2) for n in (1, 2, 3)]
    assert "nowhere" in alerts("states").stdout
    assert "complete as told" in alerts("runs").stdout


@pytest.mark.usefixtures("store")
def test_mistakes_are_told_in_one_sentence(alerts: Alerts) -> None:
    wrong = [
        alerts("diff", "guiyan"),
        alerts("states", "--portal", "nonsense"),
        alerts("events", "--since", "yesterday"),
        alerts("diff", "--from", "x"),
        alerts("diff", "--from", "x", "--to", "y"),
    ]
    assert [(result.returncode, result.stdout) for result in wrong] == [(2, "")] * len(wrong)
    assert "did you mean guiyang?" in wrong[0].stderr
    assert all("Traceback" not in result.stderr for result in wrong)


def test_one_broken_portal_does_not_silence_the_others(alerts: Alerts, read: list[str], store: Store) -> None:
    store.db["runs"].insert_one(
        {
            **(store.db["runs"].find_one({"_id": read[0]}) or {}),
            "_id": "x",
            "portal": "x",
            "slug": "x",
            "manifest": "gone",
        }
    )
    result = alerts("diff", "--json")
    assert result.returncode == 1
    assert [one["slug"] for one in json.loads(result.stdout)] == ["nowhere"] * 4
    assert "portal x failed alone, the rest goes on: Manifest gone is missing" in result.stderr
    assert "failed alone: portal x (the log says why); whatever else was read was compared" in result.stderr


def test_no_database_is_one_sentence(alerts: Alerts) -> None:
    result = alerts("diff", MONGODB_URI="mongodb://user:secret@127.0.0.1:9/")
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.strip().splitlines()) == 1
    assert "secret" not in result.stderr


@pytest.mark.usefixtures("store")
def test_nothing_to_do(alerts: Alerts) -> None:
    result = alerts("diff")
    assert (result.returncode, result.stdout) == (0, "No run since the last diff.\n")


def test_the_page_of_events_is_up_to_date() -> None:
    assert (DOCS / "events.md").read_text("utf-8") == events_page(), (
        "python -m alerts kinds --markdown > docs/events.md"
    )


def test_the_table_of_kinds_is_whole() -> None:
    for kind in kinds().values():
        assert kind.zh
        assert kind.en
        assert kind.criterion
        assert bool(kind.rule) is bool(kind.evidence) is kind.is_stated


def test_the_policy_is_read() -> None:
    assert (policy().stopped_days, policy().stopping_ahead, policy().bulk_limit(1000)) == (243, (30, 14, 3), 20)
