"""Every query that the product makes of a collection that grows finds an index, and every index is used by some query.

The commands are run as people run them, on nights over the replica, while the database itself writes down how it
answered each of their queries. Exceptions are rows of allowed_scans.csv.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pymongo.database import Database

from alerts.engine.repository import prepare
from opendata_spiders.store import collections
from opendata_spiders.tables import read_table
from tests.commands import run_module
from tests.crawl.conftest import Desk
from tests.national.test_checknational import Played
from tests.replica import PortalSpec, Replica, World
from tests.replica.incidents import Incident, Kind

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=30)
JINAN = PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=30)
ONLY = "guiyang,jinan"
ONE_EACH = frozenset({
    "meta", "leases", "states", "habits", "catalogue_dates", "file_states", "sequences", "terms_looks", "outbox", "cursors",
    "pace", "silences", "faults", "upkeep", "imports", "regrades", "remarks", "dataset_facts", "seen_updates",
})  # fmt: skip
"""Collections that do not grow with nights, events or datasets: a document a portal, a reader or a step, or what a person
has written."""
CONSTRAINTS = frozenset({("watches", "subscriber_1_portal_1_dataset_1"), ("leases", "host_group_1")})
"""Unique indexes that are there to refuse a second document."""
OF_SHARED_NIGHTS = frozenset({("shared_work", "batch_1"), ("shared_work", "begun_1")})
"""Of nights that several machines share, which are not played here (tests/cluster); the second deletes old documents."""
SUBSCRIBERS = """\
subscribers:
  - {name: desk, urls: ["json://127.0.0.1:9/desk"], role: officer, head_start: true, silent_days: 10, filter: {cities: [贵阳]}}
  - {name: all, urls: ["json://127.0.0.1:9/all"]}
  - {name: watch, urls: ["json://127.0.0.1:9/watch"], role: operator, rhythm: {every: instant}}
"""


WHOLE = "whole index"
"""Stands beside the stage of a plan that reads an index of all documents from its beginning to its end."""


class Query(NamedTuple):
    """One sort of query: its collection, the fields that it filters by, and those that it sorts by."""

    collection: str
    fields: str
    order: str


class Plans(NamedTuple):
    """How the server may answer a query."""

    indexed: bool
    """Whether it can do so without reading the whole collection, or a whole index to choose from it, and without sorting
    what it found."""
    indexes: frozenset[str]
    """Those that may serve it."""


def asked(logged: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The query in an operation that the server has logged, as a command that it can explain; None for no query."""
    command = dict(logged.get("originatingCommand") or logged.get("command") or {})
    collection = logged["ns"].partition(".")[2]
    if logged["op"] in ("update", "remove"):
        return {"find": collection, "filter": command["q"]}
    if "findAndModify" in command or "findandmodify" in command:
        return {"find": collection, "filter": command.get("query", {}), "sort": command.get("sort", {})}
    kind = next((name for name in ("find", "aggregate", "count", "distinct") if name in command), None)
    if kind is None or collection in ("$cmd", "system.profile"):
        return None
    kept = ("filter", "sort", "limit", "projection", "pipeline", "query", "key", "singleBatch")
    told = {kind: collection} | {name: command[name] for name in kept if name in command}
    return told | ({"cursor": {}} if kind == "aggregate" else {})


def query_of(command: Mapping[str, Any]) -> Query:
    """The sort of a query."""
    stages = list(takewhile(lambda stage: "$group" not in stage, command.get("pipeline", ())))
    clauses = [
        command.get("filter") or command.get("query") or {},
        *(one["$match"] for one in stages if "$match" in one),
    ]
    orders = [command.get("sort") or {}, *(one["$sort"] for one in stages if "$sort" in one)]
    name = str(next(iter(command.values())))
    return Query(name, " ".join(names_in(clauses)), " ".join(field for order in orders for field in order))


def names_in(clauses: list[Mapping[str, Any]]) -> list[str]:
    """The fields that these conditions name, also within `$or` and its like."""
    found: dict[str, None] = {}
    for clause in clauses:
        for name, value in clause.items():
            inner = names_in(value) if name in ("$or", "$and", "$nor") else [name]
            found.update(dict.fromkeys(inner))
    return sorted(found)


def plans_of(database: Database[dict[str, Any]], command: Mapping[str, Any]) -> Plans:
    """Ask the server for its plans: on a small database the best may be refused, so all of them count."""
    explained = database.command("explain", dict(command), verbosity="queryPlanner")
    planner = explained.get("queryPlanner") or explained["stages"][0]["$cursor"]["queryPlanner"]
    stages = list(takewhile(lambda stage: "$group" not in stage, explained.get("stages", ())))
    sorts_apart = any("$sort" in stage for stage in stages)
    ways = [parts_of(way) for way in (planner["winningPlan"], *planner["rejectedPlans"])]
    chosen = {WHOLE} if command.get("filter") and not command.get("limit") else set()
    bare = {"COLLSCAN", "SORT"} | chosen
    indexed = any(bare.isdisjoint(stage for stage, _ in way) for way in ways) and not sorts_apart
    return Plans(indexed, frozenset(index for way in ways for _, index in way if index))


def parts_of(plan: Any) -> list[tuple[str, str]]:
    """Every stage of a plan, with the index it uses or none."""
    if isinstance(plan, list):
        return [part for one in plan for part in parts_of(one)]
    if not isinstance(plan, Mapping):
        return []
    own = [(plan["stage"], plan.get("indexName", ""))] if "stage" in plan else []
    first = next(iter(plan.get("indexBounds", {"": []}).values()))
    whole = first in (["[MinKey, MaxKey]"], ["[MaxKey, MinKey]"]) and not (plan["isPartial"] or plan["isSparse"])
    own += [(WHOLE, "")] if whole else []
    return own + [part for value in plan.values() for part in parts_of(value)]


def is_one_of_any(command: Mapping[str, Any]) -> bool:
    """Whether it asks for any one document: whether there is one at all."""
    return command.get("limit") == 1 and not command.get("filter") and not command.get("sort")


class Nights:
    """The commands on a few nights of two portals; each must end as it should, or nothing would be proven."""

    def __init__(self, desk: Desk, database: Database[dict[str, Any]], folder: Path, national: str) -> None:
        self.desk, self.database, self.folder, self.national = desk, database, folder, national
        (folder / "subscribers.yaml").write_text(SUBSCRIBERS, "utf-8")
        desk.stand_at({slug: desk.replica.url(slug) for slug in ONLY.split(",")})

    def run(self, night: int, *words: str, status: tuple[int, ...] = (0,)) -> str:
        """Give a command in the night, one of `alerts` in the morning after it; returns what it printed."""
        self.desk.replica.night = night
        morning = self.desk.replica.world.moment(night) + timedelta(hours=7 * (words[0] == "alerts"))
        env = self.desk.env(night) | {
            "SUBSCRIBERS": str(self.folder / "subscribers.yaml"),
            "WATCH_NOW": morning.isoformat(),
        }
        done = run_module(*words, env=env, cwd=self.desk.root)
        assert done.returncode in status, (words, done.stdout, done.stderr)
        return done.stdout

    def play(self, nights: int) -> None:
        """What a night does, in its order; what is done of it once a month or a week is done in the last."""
        for night in range(nights):
            self.run(night, "scrapy", "crawlall", "--only", ONLY, "-s", "DOWNLOAD_TIMEOUT=2")
            if night == 0:
                self._watch(night)
            self.run(night, "scrapy", "checkfiles", "jinan", "--base-url", self.desk.replica.url("jinan"))
            for step in ("diff", "digest"):
                self.run(night, "alerts", step)
        self.run(night, "scrapy", "checknational", "--base-url", self.national, "-s", "DOWNLOAD_DELAY=0")
        self.run(night, "scrapy", "checkterms", "guiyang", "--base-url", self.national, "-s", "DOWNLOAD_DELAY=0")
        for words in (("scoreboard", "--keep"), ("site", "--out", str(self.folder / "site")), ("send",), ("health",)):
            self.run(night, "alerts", *words, status=(0, 1))

    def ask(self, night: int) -> None:
        """Whatever a person may ask afterwards, and correct."""
        events = json.loads(self.run(night, "alerts", "events", "--json"))
        one = next(event["id"] for event in events if event["kind"] == "dataset.removed")
        run = next(event["run"] for event in events if event["id"] == one)
        out = str(self.folder / "out.zip")
        for words in (
            ("events", "guiyang", "--since", "2020-01-01"), ("states",), ("runs", "jinan"), ("evidence", one, "--out", out),
            ("audit", "jinan"), ("digest", "--preview"), ("digest", "--preview", "--since", "2020-01-01"),
            ("digest", "--replay", "30d"), ("scoreboard", "--history"), ("subscribe", "watches"), ("note", "jinan", "moved"),
            ("ack", "jinan", "--until", "2099-01-01"), ("mute", "all", "--until", "2099-01-01"), ("export", "--out", str(self.folder / "export")),
            ("retract", one, "--why", "seen by a person"), ("regrade", run, "--verdict", "partial", "--why", "it was cut"),
            ("digest", "--preview"), ("diff",), ("verify",), ("prune", "--force"),
        ):  # fmt: skip
            self.run(night, "alerts", *words)

    def _watch(self, night: int) -> None:
        views = list(self.database["datasets"].find({"open_type": "open", "slug": "jinan"}, ["page_url"], limit=4))
        pasted = [word for view in views for word in ("--watch", view["page_url"])]
        self.run(night, "alerts", "subscribe", "add", "--subscriber", "desk", *pasted)


@pytest.fixture
def answered(fresh_config, client, tmp_path) -> Mapping[Query, Plans]:
    """Every sort of query that the nights have made, and how it can be answered."""
    world = World([GUIYANG, JINAN], seed=11)
    database = client[fresh_config.database]
    with Replica(world) as replica, Played() as national:
        desk = Desk(replica, fresh_config, tmp_path)
        script(replica, world)
        with desk.store() as store:
            prepare(store)
            database.create_collection("system.profile", capped=True, size=100_000_000)
            database.command("profile", 2)
        nights = Nights(desk, database, tmp_path, national.url)
        nights.play(3)
        nights.ask(3)
        database.command("profile", 0)
    commands: dict[Query, Mapping[str, Any]] = {}
    for one in database["system.profile"].find({"appName": "opendata-nightwatch"}):
        if (command := asked(one)) and not is_one_of_any(command):
            commands.setdefault(query_of(command), command)
    return {query: plans_of(database, command) for query, command in commands.items()}


def script(replica: Replica, world: World) -> None:
    """Datasets that go and change, and a portal that refuses for a night."""
    ids = [one.id for one in world.listed("jinan", 0)]
    replica.script("jinan", Incident(Kind.DELETES, 1, ids=tuple(ids[:2])))
    replica.script("jinan", Incident(Kind.EDITS, 2, ids=(ids[3],), field="title", value="另一个名称"))
    replica.script("guiyang", Incident(Kind.REFUSES, 2, status=403))


def test_growing_collections_are_asked_by_index_and_every_index_serves_a_query(answered):
    rows = read_table(Path(__file__).with_name("allowed_scans.csv"), frozenset({*Query._fields, "why"}))
    allowed = {Query(*(row[name] for name in Query._fields)) for row in rows}
    bare = {query for query, plans in answered.items() if not plans.indexed and query.collection not in ONE_EACH}

    serving = {(query.collection, index) for query, plans in answered.items() for index in plans.indexes}
    made = {
        (name, index.document["name"])
        for indexes in (collections.OF_THE_CRAWL, collections.OF_ALERTS)
        for name, of_it in indexes.items()
        for index in of_it
    }
    faults = {
        "asked without an index": bare - allowed,
        "rows of allowed_scans.csv that are needed no more": allowed - bare,
        "indexes that serve no query": made - serving - CONSTRAINTS - OF_SHARED_NIGHTS,
    }
    told = [f"{fault}: {', '.join(one)}" for fault, found in faults.items() for one in sorted(found)]
    assert not told, "\n".join(told)
