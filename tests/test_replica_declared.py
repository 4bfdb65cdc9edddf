"""The replica of declared families: what it writes is what the declaration reads, and nothing else is understood."""

import json
import urllib.request

import pytest

from opendata_spiders.declared.answers import Answer
from opendata_spiders.declared.family import DeclaredFamily
from opendata_spiders.declared.json_tables import JsonTable
from opendata_spiders.register import Portal
from tests.families.goldens import loader
from tests.replica import Incident, Kind, PortalSpec, Replica, World
from tests.replica.declared.fields import values_of
from tests.replica.declared.pages import detail_text, list_text, preview_text
from tests.replica.declared.paths import put
from tests.replica.declared.patterns import spell
from tests.replica.declared.portals import NotPlayedError, declared_spec
from tests.replica.stage import BY_HAND

REGISTER = loader().register
DECLARED = [
    portal
    for portal in REGISTER.crawlable()
    if issubclass(loader().spider_class(portal), DeclaredFamily) and portal.family not in BY_HAND
]
XML = next(portal for portal in DECLARED if loader().spider_class(portal).body_kind == "xml")
FUJIAN = [portal for portal in DECLARED if portal.family == "fujian_openportal"][:3]


@pytest.mark.parametrize("portal", DECLARED, ids=lambda portal: portal.slug)
def test_what_is_written_is_what_the_declaration_reads(portal: Portal):
    spider = loader().spider_class(portal)(base_url="http://127.0.0.1:1")
    world = World([declared_spec(portal, datasets=20)], seed=2)
    records = [record for record in world.listed(portal.slug, 0) if record.formats]
    shown = [(record.id, values_of(record, f"{portal.family}/{portal.slug}")) for record in records]
    page = spider.list_page.read(Answer(list_text(spider.list_page, shown, len(shown), 3)))
    assert [row.id for row in page.rows] == [record.id for record in records]
    assert page.declared in (len(shown), None)
    assert page.pages in (-(-len(shown) // 3), None)
    assert (page.oddities, page.without_id) == ((), 0)
    for row, (_, values) in zip(page.rows, shown, strict=True):
        assert row.values.keys() == set(spider.list_fields)
        assert row.values.get("title", values["title"]) == values["title"]
    for id_, values in shown if spider.detail_page else ():
        detail = spider.detail_page.read(Answer(detail_text(spider.detail_page, (id_, values))), id_)
        assert detail.values.keys() == set(spider.detail_fields)
        assert detail.values.get("title", values["title"]) == values["title"]


@pytest.mark.parametrize(
    "table", [table for portal in DECLARED for _, table in loader().spider_class(portal).previews], ids=repr
)
def test_what_is_written_of_a_table_is_what_its_declaration_reads(table: JsonTable):
    read = table.read(Answer(preview_text(table, ("编号", "名称"), 7)))
    assert read.columns == (("编号", "名称") if table.columns else ())
    assert read.rows == (7 if table.rows else None)


@pytest.mark.parametrize(
    ("path", "value", "tree"),
    [
        ("a.b[0]", 7, {"a": {"b": [7]}}),
        ("a[].b", ["x", "y"], {"a": [{"b": "x"}, {"b": "y"}]}),
        ("[csvUrl && 'csv', xmlUrl && 'xml'] | [?@]", ["xml"], {"csvUrl": "", "xmlUrl": "1"}),
        ("[isCsv == `1` && 'csv', isXml == `1` && 'xml'] | [?@]", ["csv"], {"isCsv": 1, "isXml": None}),
        ("id && join('/', [to_string(id), to_string(no || id)])", "3/4", {"id": "3", "no": "4"}),
    ],
)
def test_a_value_is_put_where_its_path_finds_it(path, value, tree):
    assert put(path, {}, value) == tree


def test_what_has_no_inverse_is_refused():
    with pytest.raises(ValueError, match="inverse"):
        put("sort_by(a, &b)", {}, 1)
    with pytest.raises(ValueError, match="does not read"):
        spell(r"id=(\d+)", {1: "x"})


def test_a_pattern_is_spelled_with_its_groups():
    assert spell(r"(?P<a>\d{4}-\d\d)\D+(?P<b>\d+)?!", {"a": "2026-03", "b": "9"}) == "2026-03~9!"


def asked(base_url: str, query: str) -> tuple[int, int]:
    """The total and the number of rows on a page of Fujian's list."""
    url = f"{base_url}/datadevelop/prod-api/open-portal/catalog/list?{query}"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 -- the replica's, on loopback
        data = json.load(answer)["data"]
    return data["total"], len(data["rows"])


def test_tenants_of_a_host_are_told_apart_unless_it_ignores_them():
    world = World([declared_spec(portal, datasets=12) for portal in FUJIAN])
    spider = loader().spider_class(FUJIAN[1])(base_url="http://127.0.0.1:1")
    city = spider.list_request(1).url.partition("?")[2]
    province = loader().spider_class(FUJIAN[0])(base_url="http://127.0.0.1:1").list_request(1).url.partition("?")[2]
    with Replica(world) as replica:
        assert replica.url(FUJIAN[0].slug) == replica.url(FUJIAN[1].slug)
        assert asked(replica.url("fujian"), city) == (12, 10)
        assert asked(replica.url("fujian"), province) == (36, 10)
        replica.script(FUJIAN[1].slug, Incident(Kind.IGNORES, 0))
        assert asked(replica.url("fujian"), city) == (36, 10)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            asked(replica.url("fujian"), city.replace("cityCode=", "cityCode=9"))


def test_a_family_that_reads_xml_is_answered_in_xml():
    """Also with nothing to show, and with characters that XML cannot hold."""
    spider = loader().spider_class(XML)(base_url="http://127.0.0.1:1")
    for rows in (
        [],
        [("7", {**dict.fromkeys(spider.list_fields, ""), "title": "甲\x01<&", "formats": ["csv", "xls"]})],
    ):
        text = list_text(spider.list_page, rows, len(rows), 10)
        assert text.startswith(f"<{spider.list_page.xml_root}>")
        read = spider.list_page.read(Answer(text)).rows
        assert [(row.values["title"], row.values["formats"]) for row in read] == [("甲 <&", ["csv", "xls"])] * len(rows)


def test_a_family_that_nobody_declared_is_refused():
    with pytest.raises(NotPlayedError, match="no module"):
        Replica(World([PortalSpec(unread().slug, unread().family, "某", "120000")]))


def unread() -> Portal:
    known = {portal.family for portal in REGISTER.crawlable()}
    return next(portal for portal in REGISTER.portals.values() if portal.family not in known)
