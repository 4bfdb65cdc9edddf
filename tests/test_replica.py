"""The replica answers as the families are attested to answer, plays every incident, and tells the truth about it."""

# ruff: noqa: S310 -- every address asked for is the replica's, on loopback
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.replica import Incident, Kind, PortalSpec, Replica, World

ROOT = Path(__file__).parent.parent
LIST_BODY: dict[str, Any] = {
    "orderBy": 0, "topicId": [], "orgId": [], "divisionId": "520100", "pageSize": 12, "scenarioId": "", "resourceType": "",
    "resourceFormats": [], "openAttribute": "", "searchText": [], "pageIndex": 1, "thematicId": "",
}  # fmt: skip
GUIZHOU_HEADERS = {"role": "0", "Content-Type": "application/json;charset=UTF-8"}


def specs(datasets: int = 45) -> list[PortalSpec]:
    return [
        PortalSpec("guizhou", "guizhou_api", "贵州", "520000", datasets=5),
        PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=datasets),
        PortalSpec("zunyi", "guizhou_api", "遵义", "520300", division="520300", datasets=datasets),
        PortalSpec("jinan", "inspur_oportal", "济南", "370100", "/jinan", datasets=datasets),
        PortalSpec("dazhou", "inspur_oportal", "达州", "511700", "/oportal", with_time=True, datasets=datasets),
    ]


@pytest.fixture
def world() -> World:
    return World(specs())


@pytest.fixture
def replica(world: World) -> Iterator[Replica]:
    with Replica(world) as running:
        yield running


def fetch(url: str, body: object = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def guizhou(replica: Replica, call: str = "getDataListByParams", **body: Any) -> tuple[int, Any]:
    status, read = fetch(f"{replica.url('guiyang')}/api/search/data/{call}", body, GUIZHOU_HEADERS)
    return status, json.loads(read)


def guiyang_page(replica: Replica, page: int = 1, **changed: Any) -> tuple[int, Any]:
    return guizhou(replica, **{**LIST_BODY, "pageIndex": page, **changed})


def guiyang_ids(replica: Replica, pages: int = 4) -> list[str]:
    return [row["id"] for page in range(1, pages + 1) for row in guiyang_page(replica, page)[1].get("data") or []]


def jinan(replica: Replica, path: str) -> tuple[int, str]:
    status, body = fetch(f"{replica.url('jinan')}/jinan/{path}")
    return status, body.decode()


def jinan_ids(replica: Replica, pages: int = 5) -> list[str]:
    found = (
        re.findall(r'name="catalogidinput" value="([^"]*)"', jinan(replica, f"catalog/index?page={page}")[1])
        for page in range(1, pages + 1)
    )
    return [name for page in found for name in page]


def test_guizhou_list_pages_and_total(replica: Replica, world: World) -> None:
    status, first = guiyang_page(replica)
    assert (status, first["total"], len(first["data"])) == (200, 45, 12)
    assert set(first["data"][0]) == {
        "id", "name", "description", "topicName", "orgName", "createTime", "updateTime", "openAttribute", "resourceFormats", "views", "calls",
    }  # fmt: skip
    assert guiyang_ids(replica) == [record.id for record in world.listed("guiyang", 0)]
    assert guiyang_page(replica, 5)[1] == {"code": 200, "message": "success", "total": 45, "data": []}
    assert len(guiyang_page(replica, pageSize=500)[1]["data"]) == 12
    assert guizhou(replica, "getDataDirectoryListByParams", **LIST_BODY)[1] == first


def test_guizhou_division_tells_cities_apart(replica: Replica) -> None:
    assert guiyang_page(replica, divisionId="520300")[1]["total"] == 45
    assert guiyang_page(replica, divisionId="529900")[1]["total"] == 0
    province = {name: value for name, value in LIST_BODY.items() if name != "divisionId"}
    assert guizhou(replica, **province)[1]["total"] == 95


def test_guizhou_detail(replica: Replica, world: World) -> None:
    record = world.listed("guiyang", 0)[0]
    status, body = guizhou(replica, "getDataDetailByDataId", id=record.id)
    assert (status, body["data"]["name"], body["data"]["dataCapacity"]) == (200, record.title, record.rows)
    assert body["data"]["frequency"] in range(10)
    assert guizhou(replica, "getDataDetailByDataId", id="unheard of")[1]["data"] is None


def test_guizhou_refuses_what_the_page_would_not_send(replica: Replica) -> None:
    url = f"{replica.url('guiyang')}/api/search/data/getDataListByParams"
    assert fetch(url, LIST_BODY, {**GUIZHOU_HEADERS, "role": "1"})[0] == 403
    assert fetch(url, LIST_BODY, {"role": "0", "Content-Type": "text/plain"})[0] == 415
    assert fetch(url, {"pageIndex": 1}, GUIZHOU_HEADERS)[0] == 400
    assert fetch(url)[0] == 405
    assert fetch(f"{replica.url('guiyang')}/api/other")[0] == 404
    assert guizhou(replica, "getDataDetailByDataId", uuid="x")[0] == 400


def test_home_pages_carry_the_fingerprints(replica: Replica) -> None:
    page = fetch(f"{replica.url('guiyang')}/")[1].decode()
    assert '<meta name="referrer" content="never">' in page
    assert "<title>贵州省政府数据开放平台</title>" in page
    for path in ("/", "/jinan", "/jinan/", "/jinan/index"):
        page = fetch(f"{replica.url('jinan')}{path}")[1].decode()
        assert '<input id="loginroot_path" value="/jinan"' in page
        assert 'content="dsp"' in page


def test_inspur_list_pages_and_total(replica: Replica, world: World) -> None:
    status, page = jinan(replica, "catalog/index?page=1")
    assert status == 200
    assert '<div id="record_count"><span>45</span></div>' in page
    labels = re.findall(r"<div><span>([^<]*)：</span>", page)
    assert labels[:5] == ["来源部门", "重点领域", "发布时间", "更新时间", "开放类型"]
    assert jinan_ids(replica) == [record.id for record in world.listed("jinan", 0)]
    assert "catalogidinput" not in jinan(replica, "catalog/index?page=6")[1]
    assert jinan(replica, "catalog/?page=1")[1] == page
    apis = re.search(r'record_count"><span>(\d+)', jinan(replica, "api/index?page=1")[1])
    assert apis
    assert int(apis[1]) == sum(record.apis for record in world.listed("jinan", 0))


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("openType=2", lambda record: record.conditional),
        ("fileFormat=4", lambda record: "csv" in record.formats),
        ("filterParam=region_code&filterParamCode=370100000000", lambda _: True),
        ("filterParam=region_code&filterParamCode=370200000000", lambda _: False),
    ],
)
def test_inspur_filters(replica: Replica, world: World, query: str, fits: Any) -> None:
    page = jinan(replica, f"catalog/index?page=1&{query}")[1]
    total = re.search(r'record_count"><span>(\d+)', page)
    assert total
    assert int(total[1]) == sum(fits(record) for record in world.listed("jinan", 0))


def test_inspur_detail_and_files(replica: Replica, world: World) -> None:
    record = next(record for record in world.listed("jinan", 0) if record.formats)
    page = jinan(replica, f"catalog/{record.id}")[1]
    assert f'<input type="hidden" id="cata_id" value="{record.id}"/>' in page
    assert f"<td>更新频率</td><td>{record.frequency}</td>" in page
    assert f"<td>部门电话</td><td>{record.phone}</td>" in page
    assert page.count("<tr fileformat=") == len(record.formats)
    status, body = jinan(
        replica, f"catalog/getResourceWithFormat?cataId={record.id}&pageNum=1&pageSize=100&fileFormat="
    )
    assert status == 200
    assert [file["fileFormat"] for file in json.loads(body)["object"]["records"]] == list(record.formats)


def test_inspur_prints_dates_as_the_portal_does(replica: Replica) -> None:
    assert re.search(r"更新时间：</span><span>\d{4}-\d\d-\d\d</span>", jinan(replica, "catalog/index?page=1")[1])
    page = fetch(f"{replica.url('dazhou')}/oportal/catalog/index?page=1")[1].decode()
    assert re.search(r"更新时间：</span><span>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d</span>", page)


@pytest.mark.parametrize(
    "path", ["/jinan/catalog/none/none", "/jinan/catalog/unheardof", "/oportal/catalog/index", "/robots.txt"]
)
def test_unknown_addresses_answer_404(replica: Replica, path: str) -> None:
    assert fetch(replica.url("jinan") + path)[0] == 404


def test_nights_move_dates_and_counters(replica: Replica) -> None:
    before = guiyang_page(replica)[1]["data"]
    replica.night = 40
    after = guiyang_page(replica)[1]["data"]
    assert max(row["updateTime"] or 0 for row in after) > max(row["updateTime"] or 0 for row in before)
    assert sum(row["views"] for row in after) > 0


def test_deletions_open_nowhere_and_unlisted_still_open(replica: Replica, world: World) -> None:
    office = world.offices("jinan").most_common(1)[0][0]
    gone = [record.id for record in world.listed("jinan", 0) if record.office == office]
    hidden = next(record.id for record in world.listed("jinan", 0) if record.office != office)
    replica.script("jinan", Incident(Kind.DELETES, 3, 5, office=office), Incident(Kind.UNLISTS, 3, ids=(hidden,)))
    replica.night = 3
    assert not set(jinan_ids(replica)) & {*gone, hidden}
    assert jinan(replica, f"catalog/{gone[0]}")[0] == 404
    assert jinan(replica, f"catalog/{hidden}")[0] == 200
    replica.night = 6
    assert set(gone) <= set(jinan_ids(replica))


@pytest.mark.parametrize(
    ("how", "status", "said"), [("", 404, "不存在"), ("404", 404, "不存在"), ("page", 200, "已下线")]
)
def test_how_inspur_says_gone(replica: Replica, how: str, status: int, said: str) -> None:
    name = jinan_ids(replica, 1)[0]
    replica.script("jinan", Incident(Kind.DELETES, 0, ids=(name,), how=how))
    got, page = jinan(replica, f"catalog/{name}")
    assert got == status
    assert said in page


@pytest.mark.parametrize(
    ("how", "status", "said"), [("", 200, '"data":null'), ("404", 404, "Not Found"), ("page", 200, "已下线")]
)
def test_how_guizhou_says_gone(replica: Replica, how: str, status: int, said: str) -> None:
    name = guiyang_ids(replica, 1)[0]
    replica.script("guiyang", Incident(Kind.DELETES, 0, ids=(name,), how=how))
    got, body = fetch(f"{replica.url('guiyang')}/api/search/data/getDataDetailByDataId", {"id": name}, GUIZHOU_HEADERS)
    assert got == status
    assert said in body.decode()


def test_hostile_titles_are_escaped_as_any_web_page_would(replica: Replica) -> None:
    replica.script("jinan", Incident(Kind.HOSTILE, 0))
    pages = "".join(jinan(replica, f"catalog/index?page={page}")[1] for page in range(1, 6))
    assert "&lt;script&gt;" in pages
    assert "<script>alert" not in pages
    assert "@all" in pages


def test_ids_with_slashes_are_quoted_in_links_and_open(replica: Replica) -> None:
    replica.script("jinan", Incident(Kind.SLASHES, 0, count=3))
    page = "".join(jinan(replica, f"catalog/index?page={number}")[1] for number in range(1, 6))
    links = re.findall(r'href="/jinan/(catalog/\d+%2F\d+)"', page)
    assert len(links) == 3
    assert all(jinan(replica, link)[0] == 200 for link in links)


def test_a_move_changes_address_and_ids(replica: Replica) -> None:
    old_url, old_ids = replica.url("jinan"), jinan_ids(replica)
    replica.script("jinan", Incident(Kind.MOVES, 2, value="/v2"))
    replica.night = 2
    assert replica.url("jinan") == f"{old_url}/v2"
    assert not set(jinan_ids(replica)) & set(old_ids)
    assert fetch(f"{old_url}/jinan/catalog/index?page=1")[0] == 404
    replica.script("jinan", Incident(Kind.MOVES, 3, value="/v3", status=301))
    replica.night = 3
    assert fetch(f"{old_url}/jinan/catalog/index?page=1")[0] == 200


@pytest.mark.parametrize("status", [403, 412, 521, 500, 503])
def test_refusals(replica: Replica, status: int) -> None:
    replica.script("*", Incident(Kind.REFUSES, 1, 2, status=status))
    assert jinan(replica, "catalog/index?page=1")[0] == 200
    replica.night = 2
    assert jinan(replica, "catalog/index?page=1")[0] == status
    url = f"{replica.url('guiyang')}/api/search/data/getDataListByParams"
    assert fetch(url, LIST_BODY, GUIZHOU_HEADERS)[0] == status
    replica.night = 3
    assert jinan(replica, "catalog/index?page=1")[0] == 200


@pytest.mark.parametrize(
    ("kind", "said"),
    [(Kind.CHALLENGES, "安全验证"), (Kind.HTML, "系统维护"), (Kind.ERRS, '"code":500')],
)
def test_something_else_with_status_200(replica: Replica, kind: Kind, said: str) -> None:
    replica.script("guiyang", Incident(kind, 0))
    url = f"{replica.url('guiyang')}/api/search/data/getDataListByParams"
    status, body = fetch(url, LIST_BODY, GUIZHOU_HEADERS)
    assert status == 200
    assert said in body.decode()


def test_one_division_is_struck_and_the_host_is_not(replica: Replica) -> None:
    name = guiyang_ids(replica, 1)[0]
    replica.script("guiyang", Incident(Kind.REFUSES, 0))
    replica.script("zunyi", Incident(Kind.SLOW, 0, seconds=0.01))
    url = f"{replica.url('guiyang')}/api/search/data/"
    assert fetch(f"{url}getDataListByParams", LIST_BODY, GUIZHOU_HEADERS)[0] == 403
    assert fetch(f"{url}getDataDetailByDataId", {"id": name}, GUIZHOU_HEADERS)[0] == 403
    assert guiyang_page(replica, divisionId="520300")[0] == 200


def test_cut_bodies_do_not_parse(replica: Replica) -> None:
    replica.script("guiyang", Incident(Kind.CUTS, 0, on=("detail",)))
    name = guiyang_ids(replica, 1)[0]
    url = f"{replica.url('guiyang')}/api/search/data/getDataDetailByDataId"
    with pytest.raises(ValueError, match=r"."):
        json.loads(fetch(url, {"id": name}, GUIZHOU_HEADERS)[1])


def test_gbk_under_a_utf8_header(replica: Replica, world: World) -> None:
    replica.script("jinan", Incident(Kind.GBK, 0))
    with urllib.request.urlopen(f"{replica.url('jinan')}/jinan/catalog/index?page=1", timeout=10) as response:
        body, header = response.read(), response.headers["Content-Type"]
    assert header == "text/html;charset=UTF-8"
    assert world.listed("jinan", 0)[0].title in body.decode("gb18030")
    assert world.listed("jinan", 0)[0].title not in body.decode(errors="replace")


def test_drift_repeats_some_and_misses_others_until_it_calms(replica: Replica) -> None:
    everything = set(guiyang_ids(replica))
    replica.script("guiyang", Incident(Kind.DRIFTS, 1, passes=3))
    replica.night = 1
    readings = [guiyang_ids(replica) for _ in range(3)]
    assert all(len(set(reading)) < len(reading) for reading in readings[:2])
    assert set(readings[0]) < everything
    assert set(readings[0]) != set(readings[1])
    assert set(readings[2]) == everything


def test_a_row_comes_in_between_two_pages(replica: Replica) -> None:
    everything = guiyang_ids(replica)
    replica.script("guiyang", Incident(Kind.INSERTS, 1, count=1, every=2))
    replica.night = 1
    first, second = guiyang_ids(replica), guiyang_ids(replica)
    assert everything[0] not in first
    assert len(first) > len(set(first)), "the row that came in pushed another one onto the next page"
    assert second == everything


@pytest.mark.parametrize(("value", "printed"), [("+30", 75), ("-30", 15), ("0", 0), ("9042", 9042), ("", None)])
def test_printed_totals_that_lie(replica: Replica, value: str, printed: int | None) -> None:
    replica.script("*", Incident(Kind.MISCOUNTS, 0, value=value))
    body = guiyang_page(replica)[1]
    assert body.get("total") == printed
    assert len(body["data"]) == 12
    shown = re.search(r'record_count"><span>([\d,]+)', jinan(replica, "catalog/index?page=1")[1])
    assert (int(shown[1].replace(",", "")) if shown else None) == printed


def test_early_end_and_hole(replica: Replica) -> None:
    replica.script("*", Incident(Kind.ENDS_EARLY, 1, 1, count=2), Incident(Kind.HOLE, 2, first_page=2, last_page=3))
    replica.night = 1
    assert (len(guiyang_ids(replica)), guiyang_page(replica, 3)[1]["total"]) == (24, 45)
    assert len(jinan_ids(replica)) == 20
    replica.night = 2
    assert [jinan(replica, f"catalog/index?page={page}")[0] for page in range(1, 6)] == [200, 404, 404, 200, 200]
    assert [guiyang_page(replica, page)[0] for page in range(1, 5)] == [200, 404, 404, 200]


def test_redesign_keeps_the_datasets_and_nothing_else(replica: Replica, world: World) -> None:
    replica.script("*", Incident(Kind.REDESIGN, 0))
    status, page = jinan(replica, "catalog/index?page=1")
    assert status == 200
    assert world.listed("jinan", 0)[0].id in page
    assert "cata-title" not in page
    assert "data" not in guiyang_page(replica)[1]
    assert 'class="resource"' in jinan(replica, f"catalog/{world.listed('jinan', 0)[0].id}")[1]


def test_hangs_resets_and_slowness(replica: Replica) -> None:
    replica.script(
        "jinan",
        Incident(Kind.HANGS, 1, 1, seconds=0.3),
        Incident(Kind.RESETS, 2, 2),
        Incident(Kind.SLOW, 3, 3, seconds=0.3),
    )
    url = f"{replica.url('jinan')}/jinan/catalog/index?page=1"
    replica.night = 1
    with pytest.raises(http.client.RemoteDisconnected):
        fetch(url)
    replica.night = 2
    with pytest.raises((ConnectionResetError, urllib.error.URLError), match="reset"):
        fetch(url)
    replica.night = 3
    began = time.monotonic()
    assert fetch(url)[0] == 200
    assert time.monotonic() - began >= 0.3


def test_only_each_nth_request_is_struck(replica: Replica) -> None:
    replica.script("jinan", Incident(Kind.REFUSES, 0, status=503, every=3, on=("list",)))
    assert [jinan(replica, "catalog/index?page=1")[0] for _ in range(6)] == [200, 200, 503, 200, 200, 503]


def test_the_log_counts_by_portal_kind_and_path(replica: Replica) -> None:
    jinan_ids(replica)
    name = guiyang_ids(replica)[0]
    guizhou(replica, "getDataDetailByDataId", id=name)
    fetch(f"{replica.url('jinan')}/jinan/nothing")
    assert (replica.log.count("jinan", "list"), replica.log.count("guiyang", "list")) == (5, 4)
    assert (replica.log.count("guiyang", "detail"), replica.log.count(night=1)) == (1, 0)
    assert replica.log.by_portal()["jinan"] == {"list": 5, "unknown": 1}
    assert replica.log.by_path()["/jinan/catalog/index"] == 5
    replica.log.clear()
    assert replica.log.count() == 0


def test_doubled_rows_push_others_on_and_the_total_counts_them_once(replica: Replica) -> None:
    replica.script("guiyang", Incident(Kind.DOUBLES, 0, count=9))
    pages = [guizhou(replica, **{**LIST_BODY, "pageIndex": page})[1] for page in (1, 2, 3, 4, 5)]
    rows = [row["id"] for page in pages for row in page["data"]]
    assert (len(rows), len(set(rows)), pages[0]["total"]) == (50, 45, 45)


def test_a_dataset_under_another_id_answers_to_no_other(replica: Replica) -> None:
    replica.script("guiyang", Incident(Kind.REKEYS, 1, count=2))
    before = {record.id: record.title for record in replica.world.listed("guiyang", 0)}
    replica.night = 1
    after = {record.id: record.title for record in replica.world.listed("guiyang", 1)}
    old, new = before.keys() - after.keys(), after.keys() - before.keys()
    assert (len(old), len(new)) == (2, 2)
    assert {before[id_] for id_ in old} == {after[id_] for id_ in new}
    assert all(guizhou(replica, "getDataDetailByDataId", id=id_)[1]["data"] is None for id_ in old)
