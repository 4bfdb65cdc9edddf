"""Nights of a single-page portal: how its list is read must stay as it was, and robots.txt holds for the page's scripts."""

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.models import Run, Verdict
from tests.commands import run_module
from tests.replica.single_page import portals
from tests.replica.single_page.serving import Asked, Served, SinglePage, serving
from tests.replica.single_page.truth import Known

pytestmark = pytest.mark.slow


def crawled(
    portal: SinglePage, config: StoreConfig, folder: Path, night: int, *args: str, robots: str = ""
) -> tuple[Run, str, Served]:
    """One night's crawl: its run, what it printed, and what the portal was asked."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env = {**kept, "MONGODB_URI": config.uri, "MONGODB_DATABASE": config.database, "DATA_DIR": str(folder),
           "PYTHONUTF8": "1", "WATCH_NOW": f"2026-11-{night}T18:15:00+00:00"}  # fmt: skip
    with serving(portal, 36, robots=robots) as served:
        given = ("-a", "slug=jinchuan", "-a", f"base_url={served.url}", *args)
        done = run_module("scrapy", "crawl", "rendered", *given, env=env, timeout=120)
    with open_store(config, env={}) as store:
        runs = [run for run in store.runs(None) if run.slug == "jinchuan"]
    return runs[-1], done.stdout + done.stderr, served


def with_other_ids(known: Sequence[Known], asked: Asked) -> Any:
    """The portal's ids lie under another key, and are others."""
    answer = portals.answer_pinyin(known, asked)
    for one in answer["data"]["jlList"]:
        one["xxzyid"] = f"n{one.pop('mlbh')}"
    return answer


def test_a_list_whose_ids_lie_elsewhere_is_no_list_of_removals(store_config: StoreConfig, tmp_path: Path) -> None:
    first, printed, _ = crawled(portals.PINYIN, store_config, tmp_path, 20)
    assert (first.verdict, first.seen) == (Verdict.COMPLETE, 36), first.reason
    assert (first.recognised["rows"], first.recognised["id"], first.recognised["frequency"]) == (
        "data.jlList",
        "mlbh",
        "gxpl",
    )
    assert "id mlbh" in printed
    moved = replace(portals.PINYIN, answer=with_other_ids)
    second, _, _ = crawled(moved, store_config, tmp_path, 21)
    assert second.verdict is Verdict.DRIFTED
    assert "id would be read from xxzyid and was read from mlbh" in second.reason
    assert "reading=2" in second.reason
    third, _, _ = crawled(moved, store_config, tmp_path, 22, "-a", "tenant=reading=2")
    assert (third.verdict, third.recognised["id"]) == (Verdict.COMPLETE, "xxzyid"), third.reason
    assert third.epoch != first.epoch


def test_what_robots_txt_forbids_is_not_asked_for_by_the_pages_scripts_either(
    store_config: StoreConfig, tmp_path: Path
) -> None:
    run, _, served = crawled(portals.PINYIN, store_config, tmp_path, 20, robots="User-agent: *\nDisallow: /api/\n")
    assert run.verdict is Verdict.BLOCKED
    assert "robots.txt asks us not to read /api/ml/cx" in run.reason
    assert not any("/api/" in one for one in served.asked)


def test_the_delay_holds_between_pages_that_the_browser_turns(store_config: StoreConfig, tmp_path: Path) -> None:
    slow = ("-s", 'DOWNLOAD_SLOTS={"127.0.0.1": {"delay": 1.5, "concurrency": 1}}')
    run, _, served = crawled(portals.ENCRYPTED, store_config, tmp_path, 20, *slow)
    assert (run.verdict, run.seen) == (Verdict.COMPLETE, 36), run.reason
    turned = [when for what, when in zip(served.asked, served.times, strict=True) if what == "POST /api/gw"]
    assert len(turned) == 3
    assert all(after - before >= 1.5 for before, after in pairwise(turned))
