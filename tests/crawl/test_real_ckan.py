"""A real CKAN, read night after night: the comparison states what happened to its datasets, and nothing else."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.models import LookResult, Run, Verdict
from tests.crawl.conftest import Desk
from tests.replica.wire import Reply
from tests.replica.worldwide import CkanPortal, entries, playing
from tests.replica.worldwide.real_ckan import RealCkan
from tests.replica.worldwide.solr_stub import SolrFault

pytestmark = pytest.mark.slow
SLUG = "atlantis"
DATASETS = 120
COLLECTIONS = ("chunks", "datasets", "manifests", "runs", "versions")


class NightlyDesk(Desk):
    """Reads one CKAN into one database; each night is a day after the one before, and the first is today."""

    def __init__(self, url: str, config: StoreConfig, tmp_path: Path) -> None:
        super().__init__(None, config, tmp_path)
        self.url, self.first = url, datetime.now(UTC)
        self.ids: dict[str, str] = {}
        """Id by name."""
        self._stated: set[Any] = set()

    def env(self, night: int | None) -> dict[str, str]:
        return super().env(None) | {"WATCH_NOW": (self.first + timedelta(days=night or 0)).isoformat()}

    def read(self, night: int) -> Run:
        """Crawl it as a portal that the register does not know."""
        done = self.command("scrapy", "crawl", "ckan", "-a", f"slug={SLUG}", "-a", f"base_url={self.url}", night=night)
        run = self.last_run(SLUG)
        assert run is not None, done.stderr
        return run

    def news(self, night: int) -> list[Mapping[str, Any]]:
        """Compare; return the events that this states, the name of the dataset in the place of its id."""
        done = self.command("alerts", "diff", night=night)
        assert done.returncode == 0, done.stderr
        names = {id_: name for name, id_ in self.ids.items()}
        with self.store() as store:
            events = list(store.db.events.find({"_id": {"$nin": list(self._stated)}}))
        self._stated |= {event["_id"] for event in events}
        return [{**event, "dataset": names.get(event.get("dataset"), "")} for event in events]

    def counts(self) -> dict[str, int]:
        with self.store() as store:
            return {name: store.db[name].count_documents({}) for name in COLLECTIONS}


class CkanDesk(NightlyDesk):
    """Reads a real CKAN, and edits it."""

    def __init__(self, site: RealCkan, config: StoreConfig, tmp_path: Path) -> None:
        super().__init__(site.url, config, tmp_path)
        self.site = site

    def publish(self, name: str, title: str, **fields: Any) -> None:
        """Create a dataset of the office."""
        made = self.site.act(
            "package_create",
            name=name,
            title=title,
            owner_org="transport",
            groups=[{"name": "traffic"}],
            tags=[{"name": "公交"}, {"name": "timetable"}],
            license_id="cc-by",
            extras=[{"key": "frequency", "value": "monthly"}],
            resources=[{"name": "CSV", "format": "CSV", "url": f"{self.site.url}/{name}.csv"}],
            **fields,
        )
        self.ids[name] = made["id"]


@pytest.fixture
def site() -> Iterator[RealCkan]:
    with RealCkan() as opened:
        yield opened


@pytest.fixture
def desk(site: RealCkan, store_config: StoreConfig, tmp_path: Path) -> CkanDesk:
    """A site with one office, and without datasets."""
    site.act("organization_create", name="transport", title="市交通运输局")
    site.act("group_create", name="traffic", title="交通运输")
    return CkanDesk(site, store_config, tmp_path)


@pytest.fixture
def full_desk(desk: CkanDesk) -> CkanDesk:
    """A site whose list has two pages."""
    for number in range(DATASETS):
        desk.publish(f"line-{number:03}", f"公交线路{number:03}路站点信息", notes=f"第{number:03}路公交车的站点")
    return desk


def stated(events: list[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Kinds of events by dataset, '' for the portal itself."""
    kinds: dict[str, set[str]] = {}
    for event in events:
        kinds.setdefault(event["dataset"], set()).add(event["kind"])
    return kinds


def evidence(events: list[Mapping[str, Any]], kind: str) -> Mapping[str, Any]:
    """That of the only event of its kind."""
    (event,) = (event for event in events if event["kind"] == kind)
    return event["evidence"]


def test_what_happens_to_datasets_is_stated_and_nothing_else(full_desk: CkanDesk):
    desk, site = full_desk, full_desk.site
    first = desk.read(0)
    assert (first.verdict, first.seen, desk.news(0)) == (Verdict.COMPLETE, DATASETS, [])

    before = desk.counts()
    assert desk.read(1).verdict is Verdict.COMPLETE
    assert desk.news(1) == []
    assert desk.counts() == {**before, "runs": before["runs"] + 1}, "a night without a change writes its run alone"

    desk.publish("line-998", "公交线路998路站点信息")
    desk.publish("line-999", "公交线路999路站点信息")
    site.act("package_patch", id="line-000", title="快速公交1号线站点信息")
    site.act("package_patch", id="line-001", notes="含首末班车时间")
    (file,) = site.act("package_show", id="line-002")["resources"]
    site.act("resource_patch", id=file["id"], format="PDF")
    site.act("package_patch", id="line-003", extras=[{"key": "frequency", "value": "annually"}])
    site.act("package_delete", id="line-010")
    site.act("package_delete", id="line-011")
    site.act("package_patch", id="line-012", private=True)
    site.act("dataset_purge", id="line-013")
    gone = {"line-010", "line-011", "line-012", "line-013"}

    changed = desk.read(2)
    assert (changed.verdict, changed.seen) == (Verdict.COMPLETE, DATASETS + 2 - 4)
    assert changed.look == {desk.ids[name]: LookResult.GONE for name in gone}
    events = desk.news(2)
    assert stated(events) == {
        "line-998": {"dataset.new"},
        "line-999": {"dataset.new"},
        "line-000": {"dataset.renamed", "dataset.updated"},
        "line-001": {"dataset.changed", "dataset.updated"},
        "line-002": {"dataset.format_degraded", "dataset.updated"},
        "line-003": {"dataset.promise_weakened", "dataset.updated"},
    }
    renamed = evidence(events, "dataset.renamed")
    assert (renamed["before"], renamed["after"]) == ("公交线路000路站点信息", "快速公交1号线站点信息")
    assert evidence(events, "dataset.changed")["fields"]["description"]["after"] == "含首末班车时间"
    assert evidence(events, "dataset.format_degraded")["after"] == ["PDF"]
    for event in events:
        if event["kind"] == "dataset.updated":
            assert abs(event["evidence"]["claimed_after"] - desk.first) < timedelta(minutes=5), "CKAN writes UTC"

    desk.read(3)
    events = desk.news(3)
    assert stated(events) == {name: {"dataset.removed"} for name in gone}
    assert {(event["confidence"], event["evidence"]["look"]) for event in events} == {("confirmed", "gone")}

    assert desk.read(4).look == {}
    assert desk.news(4) == []

    site.act("package_patch", id="line-010", state="active")
    site.act("package_patch", id="line-012", private=False)
    desk.read(5)
    assert {name: "dataset.reappeared" in kinds for name, kinds in stated(desk.news(5)).items()} == {
        "line-010": True,
        "line-012": True,
    }


def test_a_site_that_fails_or_forbids_says_nothing_of_its_datasets(full_desk: CkanDesk):
    """Its list is served in pages of ten, however many are asked for, so that it can fail between two pages."""
    desk, site, solr = full_desk, full_desk.site, full_desk.site.solr
    site.settings["ckan.search.rows_max"] = "10"
    site.restart()
    assert len(site.ask("package_search", rows=100)["results"]) == 10
    whole = desk.read(0)
    assert (whole.verdict, whole.seen) == (Verdict.COMPLETE, DATASETS)

    for night, fault in enumerate(SolrFault, 1):
        solr.fault = fault
        failed = desk.read(night)
        assert (failed.verdict, failed.seen) == (Verdict.UNREACHABLE, 0)
        assert "CKAN's Search" in failed.reason
    solr.fault = None

    def dies(query: Mapping[str, Any]) -> None:
        if query["start"] == ["50"]:
            site.stop()

    solr.before_select = dies
    cut_off = desk.read(3)
    assert cut_off.verdict is Verdict.PARTIAL
    assert 10 <= cut_off.seen < DATASETS
    assert desk.read(4).verdict is Verdict.UNREACHABLE

    solr.before_select = lambda query: None
    site.start()
    assert desk.read(5).verdict is Verdict.COMPLETE
    assert desk.news(5) == []

    site.robots = None  # as CKAN is installed
    site.restart()
    forbidden = desk.read(6)
    assert forbidden.verdict is Verdict.BLOCKED
    assert "robots.txt asks us not to read /api/3/action/package_search" in forbidden.reason


def test_a_site_that_shows_no_package_to_visitors_has_deleted_nothing(store_config: StoreConfig, tmp_path: Path):
    portal = CkanPortal(entries(30))

    def closes(path: str, _query: Mapping[str, str], reply: Reply) -> Reply:
        return portal.refused("Authorization Error", {}, 403) if path.endswith("/package_show") else reply

    with playing(portal, closes) as url:
        desk = NightlyDesk(url, store_config, tmp_path)
        assert desk.read(0).verdict is Verdict.COMPLETE
        portal.held[:2] = [replace(one, private=True) for one in portal.held[:2]]
        run = desk.read(1)
    assert set(run.look.values()) == {LookResult.UNKNOWN}
    assert "look.no_control" in {finding.code for finding in run.findings}


def test_the_simulated_ckan_answers_as_the_real_one_does(desk: CkanDesk):
    """To what the watch asks: statuses, kinds of errors, and no key that CKAN does not have."""
    for name in ("public", "private", "purged"):
        desk.publish(name, f"{name} dataset")
    public, private, purged = desk.ids.values()
    desk.site.act("package_patch", id=private, private=True)
    desk.site.act("dataset_purge", id=purged)
    shown, hidden = entries(2)
    simulated = CkanPortal([shown, replace(hidden, private=True)])
    asked = [
        *((query, query) for query in ("rows=5&start=0&sort=name+asc", "rows=5&start=900&sort=name+asc", "rows=-1")),
        *((f"id={real}", f"id={played}") for real, played in (
            (public, simulated.id_of(shown)), (private, simulated.id_of(hidden)), (purged, purged)
        )),
    ]  # fmt: skip
    with playing(simulated) as url:
        for real, played in asked:
            action = "package_show" if real.startswith("id=") else "package_search"
            due, got = answer(f"{desk.site.api}/{action}?{real}"), answer(f"{url}/api/3/action/{action}?{played}")
            assert (got.status, got.error) == (due.status, due.error), real
            assert got.keys <= due.keys, real


@dataclass(frozen=True)
class Answer:
    """What an action answers, as far as two CKANs with other datasets can agree."""

    status: int
    error: str
    keys: frozenset[str]
    """Paths of all keys in it."""


def answer(url: str) -> Answer:
    try:
        with urlopen(url, timeout=30) as response:  # noqa: S310 -- loopback
            status, body = response.status, json.load(response)
    except HTTPError as error:
        status, body = error.code, json.load(error)
    return Answer(status, body.get("error", {}).get("__type", ""), frozenset(paths(body)))


def paths(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from paths(one, f"{at}[]")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield f"{at}.{key}"
            yield from paths(one, f"{at}.{key}")
