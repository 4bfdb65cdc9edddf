"""What a snapshot holds: each format's ids, values, totals and pages, and what is read of one that is damaged."""

import json
from typing import Any

import jmespath
import pytest

from alerts.imports.catalogue_formats import RecordedCatalogue, field_paths, read_catalogue
from alerts.imports.limits import ImportRefusedError
from tests.alerts.imports.recording import CATALOGUE, GUIYANG, answer, lines, package

ASSET: dict[str, Any] = {
    "resource": {
        "id": "9bhg-hcku", "name": "Deaths by sex", "description": "Reported", "attribution": "NCHS", "type": "dataset",
        "updatedAt": "2022-06-02T15:05:59.000Z", "createdAt": "2020-05-01T16:01:23.000Z", "download_count": 12,
        "page_views": {"page_views_total": 345},
    },
    "classification": {
        "domain_category": "NCHS", "domain_tags": ["a", "b"],
        "domain_metadata": [{"key": "Common-Core_Update-Frequency", "value": "Weekly"}],
    },
    "permalink": "https://data.example.gov/d/9bhg-hcku",
}  # fmt: skip
ENTRY: dict[str, Any] = {
    "@type": "dcat:Dataset", "identifier": "https://example.gov/1", "title": "Roads", "description": "All roads",
    "accessLevel": "public", "publisher": {"@type": "org:Organization", "name": "Office of Roads"},
    "keyword": ["roads"], "modified": "2024-01-02", "issued": "2020-01-01", "accrualPeriodicity": "R/P1Y",
    "distribution": [{"format": "CSV"}, {"mediaType": "application/json"}], "landingPage": "https://example.gov/roads",
}  # fmt: skip
ROW: dict[str, Any] = {
    "portal": GUIYANG.id, "slug": "guiyang", "id": "12", "status": "listed", "title": "道路", "office": "交通局",
    "frequency": "P1Y", "frequency_raw": "每年", "updated": "2026-01-02T00:00:00Z", "updated_raw": "2026-01-02",
    "tags": ["路"], "theme": ["交通"], "theme_raw": ["交通运输"], "version": "v1", "page_url": "https://data.guizhou.gov.cn/12",
}  # fmt: skip


def read(document: Any, **columns: str) -> RecordedCatalogue:
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return read_catalogue(text.encode(), GUIYANG, columns)


def test_ckan_as_answers_lists_and_lines() -> None:
    found = read(answer(CATALOGUE[:3], total=10))
    assert (found.family, found.total, [row.id for row in found.rows]) == ("ckan", 10, ["d0", "d1", "d2"])
    assert found.rows[0].values == {
        "title": "第d0号线路时刻表", "description": "各条公交线路的起点、终点和首末班时间", "office": "第3局", "tags": [],
        "formats": ["CSV"], "published": "2020-01-01T00:00:00.5Z", "updated": "2022-12-01T08:00:00Z",
    }  # fmt: skip
    assert json.loads(found.rows[0].body) == package("d0")
    pages = answer(CATALOGUE[:2], total=4) + "\n" + answer(CATALOGUE[2:4], total=4) + "\n"
    for same in (
        pages,
        lines(CATALOGUE[:4]),
        [package(name) for name in CATALOGUE[:4]],
        {"result": [package(name) for name in CATALOGUE[:4]]},
    ):
        assert [row.id for row in read(same).rows] == ["d0", "d1", "d2", "d3"]
    assert (read(pages).total, read(lines(CATALOGUE)).total) == (4, None)


def test_names_alone_tell_nothing_but_that_they_are_there() -> None:
    for names in (["a", "b"], {"success": True, "result": ["a", "b"]}, '["a",\n"b"]'):
        found = read(names)
        assert ([row.id for row in found.rows], found.fields, found.total) == (["a", "b"], (), None)


def test_socrata() -> None:
    found = read({"results": [ASSET], "resultSetSize": 7})
    assert (found.family, found.total, found.pages) == ("socrata_assets", 7, {"9bhg-hcku": ASSET["permalink"]})
    assert found.rows[0].values == {
        "title": "Deaths by sex", "description": "Reported", "office": "NCHS", "theme": "NCHS", "tags": ["a", "b"],
        "frequency": "Weekly", "formats": "dataset", "published": "2020-05-01T16:01:23.000Z",
        "updated": "2022-06-02T15:05:59.000Z", "views": 345, "downloads": 12,
    }  # fmt: skip
    assert read(json.dumps(ASSET) + "\n").rows == found.rows


def test_dcat_us() -> None:
    found = read({"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": [ENTRY]})
    assert (found.family, found.total, found.pages) == ("dcat_us", None, {ENTRY["identifier"]: ENTRY["landingPage"]})
    assert found.rows[0].values == {
        "title": "Roads", "description": "All roads", "office": "Office of Roads", "tags": ["roads"], "frequency": "R/P1Y",
        "open_type": "public", "formats": ["CSV", "application/json"], "published": "2020-01-01", "updated": "2024-01-02",
    }  # fmt: skip


def test_an_export_of_ours_is_read_as_the_portal_wrote_it() -> None:
    others = [{**ROW, "id": "13", "status": "removed"}, {**ROW, "id": "14", "portal": "520000.1"}]
    found = read("\n".join(json.dumps(row) for row in [ROW, *others]))
    assert found.family == GUIYANG.family, "the ids are those of the portal's own family"
    assert [(row.id, row.values) for row in found.rows] == [
        (
            "12",
            {
                "title": "道路",
                "office": "交通局",
                "theme": ["交通运输"],
                "tags": ["路"],
                "frequency": "每年",
                "updated": "2026-01-02",
            },
        )
    ]


def test_a_flat_table_is_read_as_one_file_is() -> None:
    table = "标题,提供方,更新时间,颜色\n学校名录,教育局,2023-05-01,红\n,教育局,2023-05-01,红\n"
    found = read(table, 颜色="industry")
    assert [(row.id, row.values["industry"]) for row in found.rows] == [("学校名录|教育局", "红")]
    assert (found.without_id, found.cut, found.family) == (1, "", "import")
    assert read(table + "医院名录,卫健委\n", 颜色="industry").cut.startswith("the last row, on line 4")
    assert [row.id for row in read([{"id": 7, "标题": "道路"}]).rows] == ["7"]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_of_a_document_that_is_cut_off_the_whole_entries_are_kept(share: float) -> None:
    whole = answer(CATALOGUE)
    found = read(whole[: int(len(whole) * share)])
    assert [row.id for row in found.rows] == list(CATALOGUE[: len(found.rows)])
    assert abs(len(found.rows) - share * len(CATALOGUE)) <= 2
    assert (found.total, "cut off" in found.cut) == (60, True)


def test_lines_that_are_damaged_are_counted() -> None:
    broken = lines(CATALOGUE[:3]) + "{broken}\n" + lines(CATALOGUE[3:5])
    assert (len(read(broken).rows), read(broken).without_id, read(broken).cut) == (5, 1, "")
    assert read(lines(CATALOGUE)[:-40]).cut.startswith("the last line is cut off")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "no entry"),
        ("{", "cut off"),
        ('{"success": false, "message": "maintenance"}', "maintenance"),
        ("<html></html>", "no column is a title|no row can be read"),
        ("[" * 100_000, "nested deeper|cut off"),
        ('[{"colour": "red"}]', "no column is a title"),
    ],
)
def test_what_is_no_catalogue_is_refused_with_the_reason(content: str, said: str) -> None:
    with pytest.raises(ImportRefusedError, match=said):
        read(content)


def test_every_path_of_the_table_can_be_read() -> None:
    for paths in field_paths().values():
        assert paths
        for one in paths:
            jmespath.compile(one.path)
