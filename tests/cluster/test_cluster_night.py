"""A night on three machines in which a worker, the broker and the primary of the database die."""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import Store, open_store
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.runs import ABANDONED
from tests.cluster.machines import ReplicaSet, Server, machines
from tests.cluster.nights import HOSTS, SLUGS, Witness, stand, world
from tests.commands import run_module
from tests.replica import Replica

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

RUN = re.compile(r"(-\d{8}T\d{6}Z)-\d+")
HELD = {"claim.pid": {"$exists": True}}
ONLY = ",".join(SLUGS)
BEFORE = "guiyang,jinan,zibo,yantai"
"""Portals that were read the night before."""


@pytest.fixture
def mongo(tmp_path: Path) -> Iterator[ReplicaSet]:
    made = ReplicaSet(tmp_path / "mongo")
    try:
        made.start()
        yield made
    finally:
        made.stop()


def test_a_night_loses_nothing_and_claims_nothing_twice(mongo: ReplicaSet, broker: Server, tmp_path: Path) -> None:
    played = world(datasets=20, seconds=0.5)
    with Replica(played) as replica:
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        env |= {"PYTHONUTF8": "1", "REGISTER_DIR": str(stand(replica, tmp_path / "register")), "MONGODB_URI": mongo.uri}

        def local(night: int, database: str, *words: str) -> None:
            replica.night = night
            more = {
                "MONGODB_DATABASE": database,
                "WATCH_NOW": played.moment(night).isoformat(),
                "DATA_DIR": str(tmp_path / "local"),
            }
            done = run_module(*words, env=env | more, timeout=170)
            assert done.returncode == 0, done.stdout + done.stderr

        local(0, "shared", "scrapy", "crawlall", "--only", BEFORE, "--hosts", "8")
        local(0, "shared", "alerts", "diff")
        copied(mongo, "shared", "twin")

        replica.night = 1
        witness = Witness(replica)
        of_all = {
            "MONGODB_DATABASE": "shared", "WATCH_NOW": played.moment(1).isoformat(),
            "CLUSTER_BROKER": broker.address,
        }  # fmt: skip
        with machines(env | of_all, tmp_path) as made, opened(mongo, "shared") as store:
            for name in ("a", "b", "c"):
                made.start(name)
            with made.running("alerts", "cluster", "night", "--only", ONLY) as night:
                wait_for(lambda: results(store) >= 2)
                made.kill(made.name_of(reading(store)))
                wait_for(lambda: results(store) >= 4)
                broker.kill()
                time.sleep(2)
                broker.start()
                wait_for(lambda: results(store) >= 6)
                mongo.kill_primary()
                wait_for(lambda: results(store) >= 8)
                mongo.start_again()
                said, _ = night.communicate(timeout=300)
                assert night.returncode == 0, said + logs(tmp_path)
            with made.running("alerts", "cluster", "diff") as compared:
                said, _ = compared.communicate(timeout=200)
                assert compared.returncode == 0, said + logs(tmp_path)
                assert "Folded" in said
                assert all(one["results"] for one in store.db.shared_work.find({"batch": {"$regex": "^fold"}}))

            runs = [run for run in store.runs(None) if run.at == played.moment(1)]
            abandoned = [run for run in runs if run.finish_reason == ABANDONED]
            whole = [run for run in runs if run.finish_reason != ABANDONED]
            assert Counter(run.slug for run in whole) == Counter(SLUGS), "each portal was read once"
            expected = {slug: "blocked" if slug == "yantai" else "complete" for slug in SLUGS}
            assert store.db.nights.find_one({"at": played.moment(1)})["verdicts"] == expected
            assert all(run.verdict is Verdict.FAILED for run in abandoned)
            assert store.db.leases.count_documents({}) == 0

            readers = witness.stretches()
            assert len(readers) == HOSTS
            assert {host: names for host, names in readers.items() if len(names) > len(set(names))} == {}
            assert {"a", "b", "c"} >= {name for names in readers.values() for name in names}
            assert_no_two_at_once(runs)

        local(1, "twin", "scrapy", "crawlall", "--only", ONLY, "--hosts", "8")
        local(1, "twin", "alerts", "diff")
        assert stated(mongo, "shared") == stated(mongo, "twin")


def opened(mongo: ReplicaSet, database: str):
    return open_store(StoreConfig(uri=mongo.uri, database=database), env={})


def copied(mongo: ReplicaSet, source: str, target: str) -> None:
    with opened(mongo, source) as store:
        for name in store.db.list_collection_names():
            if documents := list(store.db[name].find()):
                store.db.client[target][name].insert_many(documents)


def results(store: Store) -> int:
    return sum(len(one["results"]) for one in store.persist(lambda: list(store.db.shared_work.find({}))))


def reading(store: Store) -> int:
    """A process of a worker that is reading now."""
    wait_for(lambda: store.db.shared_work.find_one(HELD))
    return int(store.db.shared_work.find_one(HELD)["claim"]["pid"])


def wait_for(condition, seconds: float = 200) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing goes on"
        time.sleep(0.1)


def assert_no_two_at_once(runs) -> None:
    """An abandoned first reading names no server; what asked it was seen by the replica."""
    named = [run for run in runs if run.base_url]
    for one in named:
        for other in named:
            if one.id < other.id and one.base_url.split("/")[2] == other.base_url.split("/")[2]:
                assert one.finished <= other.started or other.finished <= one.started, (one.id, other.id)


def logs(folder: Path) -> str:
    return "\n".join(f"--- {path.parent.name}\n{path.read_text()[-3000:]}" for path in folder.glob("*/worker.log"))


def stated(mongo: ReplicaSet, database: str) -> Counter[str]:
    """What was stated, but for the numbers of runs: abandoned ones take some up."""
    with opened(mongo, database) as store:
        found = list(store.db.events.find({}, {"_id": 0, "seq": 0}))
    assert len({one["kind"] for one in found}) > 2
    return Counter(RUN.sub(r"\1", repr(sorted(one.items()))) for one in found)
