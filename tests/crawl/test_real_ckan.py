"""A real CKAN, read night after night: the comparison states what happened to its datasets, and nothing else."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.models import LookResult, Verdict
from tests.crawl.conftest import Crawled, Desk
from tests.replica.worldwide.ckan_site import CkanError, CkanSite
from tests.replica.worldwide.solr_stub import SolrFault

pytestmark = pytest.mark.slow
SLUG = "atlantis"
DATASETS = 40
COLLECTIONS = ("chunks", "datasets", "manifests", "runs", "versions")


class CkanDesk(Desk):
    """Reads a CKAN site into one database; each night is a day after the one before, and the first is today."""

    def __init__(self, site: CkanSite, config: StoreConfig, tmp_path: Path) -> None:
        super().__init__(None, config, tmp_path)
        self.site, self.first = site, datetime.now(UTC)
        self.ids: dict[str, str] = {}
        """Id by name."""
        self._stated: set[Any] = set()

    def env(self, night: int | None) -> dict[str, str]:
        return super().env(None) | {"WATCH_NOW": (self.first + timedelta(days=night or 0)).isoformat()}

    def read(self, night: int) -> Crawled:
        """Crawl the site as a portal that the register does not know."""
        where = ("-a", f"slug={SLUG}", "-a", f"base_url={self.site.url}")
        done = self.command("scrapy", "crawl", "ckan", *where, night=night)
        return Crawled(done.returncode, done.stdout + done.stderr, self.last_run(SLUG))

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

    def publish(self, name: str, title: str, **fields: Any) -> None:
        """Create a dataset, as an editor does who has the keys."""
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
def site() -> Iterator[CkanSite]:
    with CkanSite() as opened:
        yield opened


@pytest.fixture
def desk(site: CkanSite, store_config: StoreConfig, tmp_path: Path) -> CkanDesk:
    """A site with forty datasets of one office."""
    site.act("organization_create", name="transport", title="市交通运输局")
    site.act("group_create", name="traffic", title="交通运输")
    desk = CkanDesk(site, store_config, tmp_path)
    for number in range(DATASETS):
        desk.publish(f"line-{number:02}", f"公交线路{number:02}路站点信息", notes=f"第{number:02}路公交车的站点")
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


def test_what_happens_to_datasets_is_stated_and_nothing_else(desk: CkanDesk):
    site = desk.site
    first = desk.read(0)
    assert (first.run.verdict, first.run.seen, desk.news(0)) == (Verdict.COMPLETE, DATASETS, [])

    before = desk.counts()
    assert desk.read(1).run.verdict is Verdict.COMPLETE
    assert desk.news(1) == []
    assert desk.counts() == {**before, "runs": before["runs"] + 1}, "a night without a change writes its run alone"

    desk.publish("line-98", "公交线路98路站点信息")
    desk.publish("line-99", "公交线路99路站点信息")
    site.act("package_patch", id="line-00", title="快速公交1号线站点信息")
    site.act("package_patch", id="line-01", notes="含首末班车时间")
    (file,) = site.act("package_show", id="line-02")["resources"]
    site.act("resource_patch", id=file["id"], format="PDF")
    site.act("package_patch", id="line-03", extras=[{"key": "frequency", "value": "annually"}])
    site.act("package_delete", id="line-10")
    site.act("package_delete", id="line-11")
    site.act("package_patch", id="line-12", private=True)
    site.act("dataset_purge", id="line-13")
    gone = {"line-10", "line-11", "line-12", "line-13"}

    changed = desk.read(2)
    assert (changed.run.verdict, changed.run.seen) == (Verdict.COMPLETE, DATASETS + 2 - 4)
    assert changed.run.look == {desk.ids[name]: LookResult.GONE for name in gone}
    events = desk.news(2)
    assert stated(events) == {
        "line-98": {"dataset.new"},
        "line-99": {"dataset.new"},
        "line-00": {"dataset.renamed", "dataset.updated"},
        "line-01": {"dataset.changed", "dataset.updated"},
        "line-02": {"dataset.format_degraded", "dataset.updated"},
        "line-03": {"dataset.promise_weakened", "dataset.updated"},
    }
    renamed = evidence(events, "dataset.renamed")
    assert (renamed["before"], renamed["after"]) == ("公交线路00路站点信息", "快速公交1号线站点信息")
    assert evidence(events, "dataset.changed")["fields"]["description"]["after"] == "含首末班车时间"
    assert evidence(events, "dataset.format_degraded")["after"] == ["PDF"]
    for event in events:
        if event["kind"] == "dataset.updated":
            assert abs(event["evidence"]["claimed_after"] - desk.first) < timedelta(minutes=5), "CKAN writes UTC"

    desk.read(3)
    events = desk.news(3)
    assert stated(events) == {name: {"dataset.removed"} for name in gone}
    assert {(event["confidence"], event["evidence"]["look"]) for event in events} == {("confirmed", "gone")}

    assert desk.read(4).run.look == {}
    assert desk.news(4) == []

    site.act("package_patch", id="line-10", state="active")
    site.act("package_patch", id="line-12", private=False)
    desk.read(5)
    assert {name: "dataset.reappeared" in kinds for name, kinds in stated(desk.news(5)).items()} == {
        "line-10": True,
        "line-12": True,
    }


def test_a_list_that_is_served_in_smaller_pages_than_asked_for_is_read_whole(desk: CkanDesk):
    desk.site.stop()
    desk.site.settings["ckan.search.rows_max"] = "10"
    desk.site.start()
    assert len(desk.site.ask("package_search", rows=100)["results"]) == 10
    crawled = desk.read(0)
    assert (crawled.run.verdict, crawled.run.seen) == (Verdict.COMPLETE, DATASETS)

    # No failure of the site is taken for a change of its datasets.
    solr, night = desk.site.solr, 1
    for fault in SolrFault:
        solr.fault = fault
        with pytest.raises(CkanError):
            desk.site.ask("package_search")
        assert desk.read(night).run.verdict in (Verdict.UNREACHABLE, Verdict.DRIFTED), fault
        solr.fault, night = None, night + 1

    def dies(query: Mapping[str, Any]) -> None:
        if query["start"] == ["20"]:
            desk.site.stop()

    solr.before_select = dies
    cut_off = desk.read(night).run
    assert (cut_off.verdict, cut_off.seen < DATASETS) == (Verdict.PARTIAL, True)
    assert desk.read(night + 1).run.verdict is Verdict.UNREACHABLE

    solr.before_select = lambda query: None
    desk.site.start()
    assert desk.read(night + 2).run.verdict is Verdict.COMPLETE
    assert all(event["kind"].startswith("ops.") for event in desk.news(night + 2))

    desk.site.stop()
    desk.site.robots = None
    desk.site.start()
    forbidden = desk.read(night + 3).run
    assert forbidden.verdict is Verdict.BLOCKED
    assert "robots.txt" in forbidden.reason
