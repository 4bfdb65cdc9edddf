"""A crawl killed at any moment of its night: what was acknowledged stays, what was not counts for nothing."""

import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Verdict

MOMENTS = 10

CRAWL = """
import sys
from datetime import UTC, datetime
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.content import version_id
from opendata_spiders.store.models import Entry, Run, Verdict, Version
from opendata_spiders.store.views import PackedViews

with open_store(StoreConfig(uri=sys.argv[1], database=sys.argv[2]), env={}) as store:
    print("open", flush=True)
    for night in range(int(sys.argv[3])):
        now = datetime.now(UTC)
        with store.begin("p", "guiyang", at=now) as lease:
            contents = {f"d{n}": {"title": f"{n} of {lease.run_id}"} for n in range(300)}
            ids = {name: version_id("p", name, content) for name, content in contents.items()}
            store.put_versions(Version(ids[n], "p", n, "f", contents[n], first_run=lease.run_id) for n in contents)
            run = Run(lease.run_id, "p", "guiyang", "f", "e", 0, now, now, now, Verdict.COMPLETE, "all", seen=300)
            views = PackedViews("p", "guiyang", ({"id": n} for n in contents))
            entries = [Entry(name, "fp", ids[name]) for name in contents]
            stored = store.commit(run, entries, counters={"d1": {"views": "1"}}, views=views)
            print(stored.id, flush=True)
"""


@pytest.fixture
def store_config(fresh_config: StoreConfig) -> StoreConfig:
    """A database of its own: what a killed process leaves behind must not hold up another test."""
    return fresh_config


def crawl(config: StoreConfig, nights: int) -> "subprocess.Popen[str]":
    arguments = [sys.executable, "-c", CRAWL, str(config.uri), config.database, str(nights)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def test_a_crawl_killed_at_many_moments(store: Store, store_config: StoreConfig) -> None:
    acknowledged: list[str] = []
    for moment in range(MOMENTS):
        with crawl(store_config, 1000) as process:
            assert process.stdout.readline() == "open\n"
            time.sleep(0.017 * moment)
            process.kill()
            acknowledged += process.stdout.read().split()
    with crawl(store_config, 1) as process:
        acknowledged += process.stdout.read().split()[1:]

    runs = list(store.runs("p"))
    assert [run.seq for run in runs] == list(range(1, len(runs) + 1))
    complete = [run for run in runs if run.verdict is Verdict.COMPLETE]
    assert set(acknowledged) <= {run.id for run in complete}
    assert all(run.reason.startswith("abandoned") for run in runs if run not in complete)
    assert len(runs) <= len(acknowledged) + MOMENTS
    for run in complete:
        entries = store.entries(run.manifest)
        assert len(entries) == 300
        assert len(store.versions(entry.version for entry in entries.values())) == 300
    assert store.db.leases.count_documents({}) == 0
    assert store.db.datasets.count_documents({"changed_run": runs[-1].id}) == 300
    assert runs[-1].at <= datetime.now(UTC)
