"""Fill rates: tonight's details for tonight's verdict, all that are known for the memory of the next one."""

from datetime import UTC, datetime

from opendata_spiders.crawl.tally import Tally
from opendata_spiders.crawl.target import target_from_arguments
from opendata_spiders.families.inspur_oportal import InspurOportalSpider
from opendata_spiders.items import Dataset

AT = datetime(2026, 1, 1, tzinfo=UTC)
FILES = [{"name": "a.csv", "format": "csv"}]
ARGUMENTS = {"slug": "atlantis", "base_url": "http://127.0.0.1:1"}


def dataset(number, resources, *, tonight):
    row = {"title": f"目录{number}", "office": "市教育局"}
    detail = {"resources": resources}
    return Dataset(
        portal="x.1", slug="atlantis", id=f"d{number}", raw={**row, **detail}, row=row, detail=detail if tonight else {},
        detailed=True, detail_read=tonight, list_fp="f", page_url="",
    )  # fmt: skip


def test_three_details_without_files_are_no_measure_of_a_catalogue():
    spider = InspurOportalSpider(**ARGUMENTS)
    tally = Tally(target_from_arguments(None, "inspur_oportal", dict(ARGUMENTS)), "inspur_oportal", AT, {})
    for number in range(10):
        tally.take(dataset(number, FILES if number >= 3 else [], tonight=number < 3))
    tonight, known = tally.fill(spider), tally.known_fill(spider)
    assert (tonight.share()["resources"], tonight.sample("resources")) == (0.0, 3)
    assert (known.share()["resources"], known.sample("resources")) == (0.7, 10)
    assert known.share()["title"] == tonight.share()["title"] == 1.0
