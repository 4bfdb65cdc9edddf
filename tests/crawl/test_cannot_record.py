"""What cannot be recorded is not read; what cannot be recorded any more ends in words."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from pymongo import MongoClient

from opendata_spiders.store.clock import real_now
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.models import Verdict
from tests.crawl.conftest import ROOT, Desk
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=60)


@pytest.fixture
def store_config(fresh_config: StoreConfig) -> StoreConfig:
    """A database of its own: users, and databases that are damaged."""
    return fresh_config


@pytest.fixture
def world():
    return World([GUIYANG], seed=3)


@pytest.fixture
def owner(desk: Desk):
    with MongoClient(desk.config.uri) as client:
        yield client
        client[desk.config.database].command("dropAllUsersFromDatabase")


def as_user(desk: Desk, owner: MongoClient, roles: list) -> None:
    """From here on the commands are somebody with these roles."""
    database = desk.config.database
    owner[database].command("createUser", "watch", pwd="hunter2", roles=roles)
    host = desk.config.uri.partition("@")[2].partition("/")[0]
    uri = f"mongodb://watch:hunter2@{host}/?replicaSet=opendata&authSource={database}"
    desk.config = replace(desk.config, uri=uri)


def sentence(log: str) -> str:
    """The one line a person sees."""
    assert "Traceback" not in log
    lines = [line for line in log.splitlines() if line and not line.startswith(("20", " "))]
    assert len(set(lines)) == 1, log
    return lines[0]


@pytest.mark.parametrize("night", [0, 1])
def test_a_user_who_may_only_read(desk: Desk, owner: MongoClient, night: int) -> None:
    if night:
        assert desk.crawl("guiyang", 0).status == 0
    as_user(desk, owner, [{"role": "read", "db": desk.config.database}])
    desk.replica.log.clear()
    done = desk.command("scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}", night=night)
    assert done.returncode == 1
    said = sentence(done.stderr)
    assert f"does not let this user read and write database {desk.config.database}; grant the role readWrite" in said
    assert "hunter2" not in done.stdout + done.stderr
    assert desk.replica.log.count() == 0
    for command in (["diff"], ["states"], ["runs", "--json"], ["digest"], ["send"], ["health"]):
        done = desk.command("alerts", *command, night=night)
        assert (done.returncode, "grant the role readWrite" in done.stderr) == (1, True), done.stderr


def test_a_user_who_may_write_all_but_runs(desk: Desk, owner: MongoClient) -> None:
    assert desk.crawl("guiyang", 0).status == 0
    database = desk.config.database
    may = ["find", "insert", "update", "remove", "createIndex", "createCollection", "listCollections"]
    names = [name for name in owner[database].list_collection_names() if name != "runs"]
    privileges = [{"resource": {"db": database, "collection": name}, "actions": may} for name in names]
    privileges += [
        {"resource": {"db": database, "collection": "runs"}, "actions": ["find", "createIndex"]},
        {"resource": {"db": database, "collection": ""}, "actions": ["listCollections"]},
    ]
    owner[database].command("createRole", "odd", privileges=privileges, roles=[])
    as_user(desk, owner, ["odd"])
    desk.replica.log.clear()
    crawled = desk.crawl("guiyang", 1)
    assert crawled.status == 1
    assert "not read: The MongoDB at" in crawled.log
    assert "grant the role readWrite" in crawled.log
    assert desk.replica.log.count() == 0
    owner[database].command("dropAllRolesFromDatabase")


DAMAGE: dict[str, tuple[Callable, str]] = {
    "a run of no known verdict": (
        lambda db: db.runs.update_one({}, {"$set": {"verdict": "odd"}}),
        "holds no Run (verdict: ",
    ),
    "a run without its fields": (lambda db: db.runs.update_one({}, {"$unset": {"slug": 1}}), "holds no Run (slug: "),
    "a chunk of other bytes": (lambda db: db.chunks.update_many({}, {"$set": {"blob": b"x"}}), "ZstdError"),
    "a manifest that is gone": (lambda db: db.manifests.delete_many({}), "restore the database from a backup"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_whatever_is_wrong_at_the_start_nothing_is_asked_of_the_portal(
    desk: Desk, owner: MongoClient, name: str
) -> None:
    assert desk.crawl("guiyang", 0).status == 0
    damage, says = DAMAGE[name]
    damage(owner[desk.config.database])
    desk.replica.log.clear()
    done = desk.command("scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}", night=1)
    assert done.returncode == 1, done.stderr
    assert desk.replica.log.count() == 0
    refused = [line for line in done.stderr.splitlines() if line.startswith("not read: ")]
    assert len(refused) == 1
    assert says in refused[0]
    (recorded,) = owner[desk.config.database].runs.find({"seq": 2})
    assert (recorded["verdict"], recorded["manifest"]) == ("failed", None)
    assert says in recorded["reason"]
    assert owner[desk.config.database].leases.count_documents({}) == 0


def test_evidence_that_is_missing_on_the_way_ends_the_crawl_in_words(desk: Desk, owner: MongoClient) -> None:
    assert desk.crawl("guiyang", 0).status == 0
    owner[desk.config.database].versions.delete_many({})
    crawled = desk.crawl("guiyang", 1)
    assert crawled.status == 1
    assert re.search("not read: .* versions are missing from the store; restore the database", crawled.log)
    assert (crawled.run.verdict, crawled.run.seq) == (Verdict.FAILED, 2)
    assert "restore the database from a backup" in crawled.run.reason


def test_a_database_that_says_nonsense_of_itself(desk: Desk, owner: MongoClient) -> None:
    assert desk.crawl("guiyang", 0).status == 0
    owner[desk.config.database].meta.update_one({}, {"$set": {"schema_version": "1"}})
    desk.replica.log.clear()
    done = desk.command("scrapy", "crawl", "guiyang", "-a", f"base_url={desk.replica.url('guiyang')}", night=1)
    assert done.returncode == 1
    assert "says of itself what this project never writes" in sentence(done.stderr)
    assert desk.replica.log.count() == 0
    owner[desk.config.database].meta.update_one({}, {"$set": {"schema_version": 1}})


class Running:
    """A crawl that takes its time."""

    def __init__(self, desk: Desk, night: int, *args: str) -> None:
        desk.replica.night = night
        base_url = f"base_url={desk.replica.url('guiyang')}"
        self.desk = desk
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "guiyang", "-a", base_url, *args],
            cwd=ROOT, env=desk.env(night), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def wait_for(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, "did not happen in time"
            assert self.process.poll() is None, self.process.communicate()[0]
            time.sleep(0.02)

    def log(self) -> str:
        try:
            return self.process.communicate(timeout=60)[0]
        finally:
            self.process.kill()


def test_a_lease_that_another_took_ends_the_crawl_in_words(desk: Desk, owner: MongoClient) -> None:
    desk.replica.script("guiyang", Incident(Kind.SLOW, 0, seconds=1.0))
    crawl = Running(desk, 0, "-s", "LEASE_BEAT_SECONDS=0.2", "-s", "LIST_WINDOW=1")
    leases = owner[desk.config.database].leases
    crawl.wait_for(lambda: desk.replica.log.count("guiyang", "list") > 1)
    mine = leases.find_one()
    leases.replace_one({}, mine | {"run": "another", "pid": 1, "born": "", "beat": real_now()})
    log = crawl.log()
    assert crawl.process.returncode == 1
    assert f"not read: Run {mine['run']} was declared abandoned by another process; start a new run" in log
    assert owner[desk.config.database].runs.count_documents({}) == 0
    assert leases.find_one()["run"] == "another", "the lease of the other is left alone"
    assert desk.replica.log.count("guiyang", "detail") == 0


@pytest.mark.slow
def test_a_beat_that_fails_is_told_and_tried_again(desk: Desk, owner: MongoClient) -> None:
    desk.replica.script("guiyang", Incident(Kind.SLOW, 0, seconds=0.5))
    as_user(desk, owner, [{"role": "readWrite", "db": desk.config.database}])
    crawl = Running(desk, 0, "-s", "LEASE_BEAT_SECONDS=0.1", "-s", "LIST_WINDOW=1")
    database = owner[desk.config.database]
    crawl.wait_for(lambda: desk.replica.log.count("guiyang", "list") > 1)
    database.command("updateUser", "watch", roles=[{"role": "read", "db": desk.config.database}])
    time.sleep(0.5)
    database.command("updateUser", "watch", roles=[{"role": "readWrite", "db": desk.config.database}])
    after = database.leases.find_one()["beat"]
    crawl.wait_for(lambda: database.leases.find_one()["beat"] > after)
    log = crawl.log()
    assert "the lease could not be renewed (OperationFailure): trying again" in log
    assert (crawl.process.returncode, desk.last_run("guiyang").verdict) == (0, Verdict.COMPLETE)


def test_rights_that_are_lost_on_the_way_are_the_reason_of_a_failed_crawl(desk: Desk, owner: MongoClient) -> None:
    desk.replica.script("guiyang", Incident(Kind.SLOW, 0, seconds=0.3))
    as_user(desk, owner, [{"role": "readWrite", "db": desk.config.database}])
    crawl = Running(desk, 0, "-s", "LIST_WINDOW=2")
    crawl.wait_for(lambda: desk.replica.log.count("guiyang", "list") > 1)
    owner[desk.config.database].command("updateUser", "watch", roles=[{"role": "read", "db": desk.config.database}])
    log = crawl.log()
    assert crawl.process.returncode == 1
    assert "not read: The MongoDB at" in log
    assert "grant the role readWrite" in log
    assert "this run is not recorded; the next reading of guiyang records it as failed" in log
    assert "hunter2" not in log
    owner[desk.config.database].command(
        "updateUser", "watch", roles=[{"role": "readWrite", "db": desk.config.database}]
    )
    later = desk.crawl("guiyang", 1)
    assert later.status == 0
    verdicts = [run["verdict"] for run in owner[desk.config.database].runs.find(sort=[("seq", 1)])]
    assert verdicts == ["failed", "complete"]


def test_a_crawl_that_is_stopped_by_hand_is_still_recorded(desk: Desk) -> None:
    desk.replica.script("guiyang", Incident(Kind.SLOW, 0, seconds=0.5))
    crawl = Running(desk, 0, "-s", "LIST_WINDOW=1")
    crawl.wait_for(lambda: desk.replica.log.count("guiyang", "list") > 2)
    crawl.process.send_signal(signal.SIGINT)
    crawl.log()
    run = desk.last_run("guiyang")
    assert (run.verdict, "stopped by the operator" in run.reason) == (Verdict.PARTIAL, True), run.reason
