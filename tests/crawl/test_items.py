"""Items of any kind that Scrapy knows come out of the pipelines as the same datasets."""

from dataclasses import dataclass

import attrs
import pytest
import scrapy
from pydantic import BaseModel

from opendata_spiders.crawl.pipelines import dataset_of
from opendata_spiders.families.guizhou_api import GuizhouApiSpider
from opendata_spiders.items import Dataset
from tests.replica import PortalSpec, World

CONTRIBUTED = """
from dataclasses import dataclass

import attrs
import scrapy
from pydantic import BaseModel

from opendata_spiders.families.guizhou_api import GuizhouApiSpider


@dataclass
class Plain:
    id: str
    title: str
    office: str | None = None
    updated: int | str | None = None


@attrs.define
class Attrs:
    id: str
    title: str
    office: str | None = None
    updated: int | str | None = None


class Model(BaseModel):
    id: str
    title: str
    office: str | None = None
    updated: int | str | None = None


class Item(scrapy.Item):
    id, title, office, updated = scrapy.Field(), scrapy.Field(), scrapy.Field(), scrapy.Field()


KINDS = dict, Plain, Attrs, Model, Item


class Trial(GuizhouApiSpider):
    name = "trial"

    async def start(self):
        number = 0
        async for one in super().start():
            values = {name: one.raw[name] for name in ("title", "office", "updated") if one.raw.get(name) is not None}
            yield KINDS[number % 5](id=one.id, **values)
            number += 1
"""


@pytest.fixture
def world() -> World:
    return World([PortalSpec("guizhou", "guizhou_api", "贵州", "520000", datasets=20)], seed=4)


def test_a_contributed_spider_may_yield_any_kind_of_item(desk, world):
    (desk.tmp_path / "trial.py").write_text(CONTRIBUTED, "utf-8")
    done = desk.command(
        "scrapy", "runspider", str(desk.tmp_path / "trial.py"), "-a", "slug=trial",
        "-a", f"base_url={desk.replica.url('guizhou')}", "-s", "DETAIL_BUDGET=0", night=0,
    )  # fmt: skip
    run = desk.last_run("trial")
    assert run is not None, done.stdout + done.stderr
    assert (run.verdict, run.seen) == ("complete", 20), run.reason + done.stderr
    with desk.store() as store:
        entries = store.entries(run.manifest)
        versions = store.versions([entry.version for entry in entries.values()])
    listed = {record.id: record for record in world.listed("guizhou", 0)}
    kept = {id_: (versions[entry.version].content["title"], bool(entry.clocks)) for id_, entry in entries.items()}
    assert kept == {id_: (record.title, record.updated is not None) for id_, record in listed.items()}


@dataclass
class Bare:
    id: object = None
    title: str | None = None


@attrs.define
class Whole:
    id: str
    raw: dict
    title: str = "normalised"
    page_url: str = "https://example.cn/1"


class Model(BaseModel):
    id: int
    title: str
    views: int | None = None


class Item(scrapy.Item):
    id, title = scrapy.Field(), scrapy.Field()


@pytest.fixture(scope="module")
def spider() -> GuizhouApiSpider:
    return GuizhouApiSpider(slug="trial", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize(
    "item", [{"id": 7, "title": "公交"}, Bare(7, "公交"), Model(id=7, title="公交"), Item(id="7", title="公交")]
)
def test_fields_at_the_top_are_raw_values(spider, item):
    made = dataset_of(item, spider)
    assert (made.id, made.raw, made.row) == ("7", {"title": "公交"}, {"title": "公交"})
    assert (made.portal, made.slug, made.page_url) == ("x.trial", "trial", "http://127.0.0.1:1/open-data/7")
    assert made.list_fp
    assert made.list_body == '{"title": "公交"}'


def test_an_item_with_raw_values_keeps_the_others_as_they_are(spider):
    made = dataset_of(Whole("a", {"title": "公交", "views": 3}), spider)
    assert (made.raw, made.title, made.page_url) == (
        {"title": "公交", "views": 3},
        "normalised",
        "https://example.cn/1",
    )


def test_a_dataset_that_went_through_a_dict_is_the_same(spider):
    one = dataset_of({"id": "a", "title": "公交"}, spider)
    again = dataset_of({name: getattr(one, name) for name in Dataset.__dataclass_fields__}, spider)
    assert again == one


@pytest.mark.parametrize(
    ("item", "said"),
    [(Bare(title="x"), "without id"), ({"id": " "}, "without id"), (Bare("7"), "without value"), ({"id": "7", "name": "x"}, "without value"), ("text", "is no item")],
)  # fmt: skip
def test_what_is_no_dataset_is_refused(spider, item, said):
    with pytest.raises(ValueError, match=said):
        dataset_of(item, spider)
