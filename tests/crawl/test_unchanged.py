"""A row that says what it said is taken over, and comes to the same as one that is read; anything else is read anew."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from opendata_spiders.crawl import unchanged
from opendata_spiders.crawl.previous import Previous
from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.unchanged import UnchangedRows, rules_of
from opendata_spiders.families.guizhou_api import GuizhouApiSpider
from opendata_spiders.items import Dataset
from opendata_spiders.normalise import normalise
from opendata_spiders.pages.contract import ListRow
from opendata_spiders.register import Attributor, load
from opendata_spiders.store.content import list_fingerprint
from opendata_spiders.store.fields import Field, Role, fields
from opendata_spiders.store.models import Entry, Verdict
from tests.crawl.parts.test_verdict import TRUSTED
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=60)
JINAN = PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=40)
PIPELINES = json.dumps(
    {"opendata_spiders.crawl.pipelines.NormalisePipeline": 100, "opendata_spiders.crawl.pipelines.KeepPipeline": 200,
     "tests.crawl.item_log.ItemLog": 300}
)  # fmt: skip
SAME = ("manifest", "verdict", "seen", "fill", "readable", "lost", "newest_claimed", "detailed", "rules")
"""What a night says of an unchanged list, however it was read."""


@pytest.fixture
def world():
    world = World([GUIYANG, JINAN], seed=5)
    for slug in ("guiyang", "jinan"):
        world.script(slug, Incident(Kind.STOPS, 0))
    return world


@pytest.mark.parametrize(("slug", "budget", "looker"), [("guiyang", "0", "pipeline"), ("jinan", "25", "feed")])
def test_a_night_of_rows_taken_over_comes_to_the_same_as_one_of_rows_read(desk, slug, budget, looker):
    """The rows are read where somebody looks at single items: a feed, or another pipeline."""
    seen = desk.tmp_path / "seen.jsonl"
    looking = {"feed": ("-O", str(seen)), "pipeline": ("-s", f"ITEM_LOG={seen}", "-s", f"ITEM_PIPELINES={PIPELINES}")}
    details = ("-s", f"DETAIL_BUDGET={budget}")
    desk.crawl(slug, 0, *details)
    desk.crawl(slug, 1, "-s", "DETAIL_BUDGET=0")
    fast = desk.last_run(slug)
    desk.crawl(slug, 2, "-s", "DETAIL_BUDGET=0", *looking[looker])
    slow = desk.last_run(slug)
    assert (fast.stats["taken_over"], slow.stats["taken_over"]) == (fast.seen, 0)
    assert {name: getattr(fast, name) for name in SAME} == {name: getattr(slow, name) for name in SAME}
    found = [{(one.code, one.count) for one in run.findings if one.code.startswith("field.")} for run in (fast, slow)]
    assert found[0] == found[1]
    assert fast.stats["promised"] == slow.stats["promised"]
    assert len(seen.read_text("utf-8").splitlines()) == slow.seen


def test_a_version_that_was_deleted_is_written_again_and_only_what_changed_is_packed(desk):
    desk.crawl("guiyang", 0, "-s", "DETAIL_BUDGET=0")
    with desk.store() as store:
        deleted = store.db.versions.find_one_and_delete({})
    gone = desk.replica.world.night("guiyang", 0)[3].id
    desk.replica.script("guiyang", Incident(Kind.DELETES, 1, ids=(gone,), how="404"))
    desk.crawl("guiyang", 1, "-s", "DETAIL_BUDGET=0")
    run = desk.last_run("guiyang")
    assert (run.verdict, run.seen, run.stats["taken_over"]) == (Verdict.COMPLETE, 59, 58)
    with desk.store() as store:
        assert store.db.versions.find_one({"_id": deleted["_id"]})["content"] == deleted["content"]
        assert set(store.entries(run.manifest)) == {one.id for one in desk.replica.world.night("guiyang", 0)} - {gone}
        assert store.put_entries(store.entries(run.manifest).values()) == run.manifest


ODD = (
    {
        "title": "公交",
        "office": "市交通局",
        "theme": "交通运输",
        "updated": 1_700_000_000_000,
        "formats": ["xls"],
        "views": 3,
    },
    {"title": "地铁", "office": "--", "theme": ["没有的词"], "updated": "昨天", "formats": ["?"], "views": "--"},
    {"title": "轮渡", "office": "", "updated": "2099-01-01", "published": 1.7e12, "calls": ""},
    {"title": "", "office": "无", "updated": "不详", "open_type": 7, "views": "1,204次"},
)
DETAIL = {"industry": "交通", "frequency": "每年", "rows": 7}


def test_a_dataset_counts_alike_whether_its_row_is_taken_over_or_read(spider):
    at = datetime(2026, 11, 30, tzinfo=UTC)
    fields = {"list_fields": spider.list_fields, "detail_fields": spider.detail_fields}
    reading = Tally(spider.target, spider.family, at, {}, **fields)
    rows = {f"d{n}": row for n, row in enumerate(ODD * 2)}
    for n, (id_, row) in enumerate(rows.items()):
        detail = DETAIL if n >= len(ODD) else {}
        read = normalise(
            row | detail, family=f"{spider.family}/{spider.target.slug}", tz=spider.target.timezone, now=at
        )
        reading.take(
            Dataset(portal="p", slug="s", id=id_, raw=row | detail, row=row, list_fp="f", detailed=bool(detail), **read.for_item())
        )  # fmt: skip
    taking = Tally(spider.target, spider.family, at, reading.entries, **fields)
    for id_, row in rows.items():
        taking.take_over(reading.entries[id_], row)
    assert taking.known_fill(spider) == reading.known_fill(spider)
    assert (taking.findings(), taking.newest, taking.standings) == (
        reading.findings(),
        reading.newest,
        reading.standings,
    )
    assert (taking.counters, taking.entries) == (reading.counters, reading.entries)
    assert {finding.code for finding in taking.findings()} > {"field.date_future", "field.date_vague"}
    assert taking.known_fill(spider).share()["views"] == 0.5


# --- the conditions ---------------------------------------------------------------------------------------------------

VALUES = {"title": "公交", "office": "市交通局", "updated": 1_700_000_000_000, "views": 3}
ROW = ListRow("d1", VALUES, {})


@pytest.fixture
def spider():
    return GuizhouApiSpider(slug="trial", base_url="http://127.0.0.1:1")


@pytest.fixture
def entry():
    return Entry("d1", list_fingerprint(VALUES), "v1", {"updated": "1700000000000"}, {"rows": "12"}, detailed=True)


@pytest.fixture
def last(spider):
    return replace(TRUSTED, rules=rules_of(spider))


def found(previous, spider, *, row=ROW, missing=()):
    return UnchangedRows(previous, rules_of(spider), missing, spider.detail_fields).entry(row)


def test_counters_alone_are_no_change(last, entry, spider):
    previous = Previous(last, entries={"d1": entry})
    assert found(previous, spider) is entry
    assert found(previous, spider, row=ListRow("d1", VALUES | {"views": 4}, {})) is entry


@pytest.mark.parametrize(
    "values", [{"title": "地铁"}, {"updated": 1}, {"rows": 13}, {"description": "new"}, {"files": 2}], ids=str
)
def test_a_row_that_says_anything_else_is_read(last, entry, spider, values):
    assert found(Previous(last, entries={"d1": entry}), spider, row=ListRow("d1", VALUES | values, {})) is None


def test_a_measure_that_the_list_printed_and_prints_no_more_is_read(last, entry, spider):
    unread = replace(entry, detailed=False)
    assert found(Previous(last, entries={"d1": unread}), spider) is None
    assert found(Previous(last, entries={"d1": replace(entry, measures={"storage": "1 KB"})}), spider) is None


def test_a_new_dataset_and_one_without_its_version_are_read(last, entry, spider):
    previous = Previous(last, entries={"d1": entry})
    assert found(previous, spider, row=ListRow("d2", VALUES, {})) is None
    assert found(previous, spider, missing={"v1"}) is None
    assert found(Previous(entries={"d1": entry}), spider) is None, "no trusted run yet"


def test_every_run_that_the_entries_are_from_read_by_these_rules(last, entry, spider):
    assert found(Previous(replace(last, rules=""), entries={"d1": entry}), spider) is None
    partial = replace(last, verdict=Verdict.PARTIAL)
    assert found(Previous(last, (partial,), {"d1": entry}, (partial,)), spider) is entry
    older = replace(partial, rules="other")
    assert found(Previous(last, (older,), {"d1": entry}, (older,)), spider) is None


def changed_normaliser(spider, monkeypatch):
    monkeypatch.setattr(unchanged, "NORMALISER_VERSION", unchanged.NORMALISER_VERSION + 1)


def changed_register(spider, monkeypatch):
    register = load()
    portal = next(one for one in register.portals.values() if one.slug == "guizhou")
    spider.attributor = Attributor(portal, {}, register.governments)


def one_alias_more(spider, monkeypatch):
    register = load()
    portal = next(one for one in register.portals.values() if one.slug == "guizhou")
    city = replace(register.governments["520100"], aliases=("林城",))
    spider.attributor = Attributor(portal, {}, {**register.governments, "520100": city})


def changed_zone(spider, monkeypatch):
    spider.target = replace(spider.target, timezone=ZoneInfo("Asia/Urumqi"))


def changed_extractor(spider, monkeypatch):
    monkeypatch.setattr(GuizhouApiSpider, "extractor_version", 2)


def changed_slug(spider, monkeypatch):
    spider.target = replace(spider.target, slug="other")


def reads_another_field(spider, monkeypatch):
    monkeypatch.setattr(GuizhouApiSpider, "detail_fields", (*GuizhouApiSpider.detail_fields, "storage"))


def a_field_more(spider, monkeypatch):
    table = {**fields(), "licence": Field("licence", Role.CONTENT, "text", False, False, "许可", "licence")}
    monkeypatch.setattr(unchanged, "fields", lambda: table)


def another_role(spider, monkeypatch):
    table = {**fields(), "storage": replace(fields()["storage"], role=Role.CONTENT)}
    monkeypatch.setattr(unchanged, "fields", lambda: table)


@pytest.mark.parametrize(
    "change",
    [changed_normaliser, changed_register, changed_zone, changed_extractor, changed_slug, reads_another_field, a_field_more, another_role],
    ids=lambda one: one.__name__,
)  # fmt: skip
def test_another_rule_of_reading_reads_every_row_anew(last, entry, spider, monkeypatch, change):
    previous = Previous(last, entries={"d1": entry})
    assert found(previous, spider) is entry
    change(spider, monkeypatch)
    assert found(previous, spider) is None


def test_one_alias_more_in_the_register_is_another_rule(spider, monkeypatch):
    changed_register(spider, monkeypatch)
    before = rules_of(spider)
    one_alias_more(spider, monkeypatch)
    assert rules_of(spider) != before
