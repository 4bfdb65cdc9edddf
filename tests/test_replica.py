"""The replica answers as the families are attested to answer, plays every incident, and tells the truth about it."""

# ruff: noqa: S310 -- every address asked for is the replica's, on loopback
import http.client
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.replica import Habit, Incident, Kind, PortalSpec, Replica, World, truth

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


def test_same_seed_same_world_whatever_the_order_of_nights() -> None:
    nights = list(range(0, 90, 7))
    forwards = {night: World(specs()).night("jinan", night) for night in nights}
    world = World(specs())
    Random(1).shuffle(nights)
    assert {night: world.night("jinan", night) for night in nights} == forwards
    assert World(specs(), seed=8).night("jinan", 0) != forwards[0]


def test_titles_ids_and_clocks_of_a_world_are_sound(world: World) -> None:
    for slug, spec in world.portals.items():
        records = world.night(slug, 30)
        assert len({record.id for record in records}) == len(records)
        now = world.moment(30)
        assert all(record.published <= (record.updated or record.published) < now for record in records)
        own = [record for record in records if record.title.startswith(spec.place)]
        assert len({record.title for record in own}) == spec.datasets
    assert world.moment(0) == datetime(2026, 3, 1, 18, 15, tzinfo=UTC)


def test_habits_differ() -> None:
    def updated(habit: Habit) -> int:
        spec = PortalSpec("x", "inspur_oportal", "某", "370100", datasets=40, habit=habit, promise="每月")
        world = World([spec])
        return sum(record.true_day >= 0 for record in world.night("x", 90))

    assert updated(Habit.NEVER) == 0 < updated(Habit.BURSTS) <= 40
    assert updated(Habit.PUNCTUAL) == 40 >= updated(Habit.LATE)


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


def test_a_city_that_stops_and_one_that_resumes(world: World) -> None:
    def newest(night: int) -> int:
        return max(record.true_day for record in world.listed("jinan", night))

    busy = newest(60)
    world.script("jinan", Incident(Kind.STOPS, first=11, last=70))
    assert newest(60) == newest(11) < busy
    assert newest(110) > 69
    world.script("jinan", Incident(Kind.STOPS, first=71), Incident(Kind.UPDATES, first=120, count=5))
    assert sum(record.true_day == 119 for record in world.listed("jinan", 150)) == 5


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


def test_new_datasets_do_not_change_whom_other_incidents_strike(world: World) -> None:
    world.script("jinan", Incident(Kind.DELETES, 5, count=4))
    struck = {record.id for record in world.night("jinan", 9) if not record.listed}
    world.script("jinan", Incident(Kind.APPEARS, 7, count=3))
    assert {record.id for record in world.night("jinan", 9) if not record.listed} == struck
    assert len(struck) == 4
    assert [len(world.listed("jinan", night)) for night in (4, 6, 7)] == [45, 41, 44]


def test_edits_restamps_and_impossible_dates(world: World) -> None:
    world.script(
        "jinan",
        Incident(Kind.EDITS, 2, count=1, field="frequency", value="不定期"),
        Incident(Kind.RESTAMPS, 3, share=0.5),
        Incident(Kind.MISDATES, 4, count=2, value="2099-12-31"),
    )
    before = {record.id: record for record in world.night("jinan", 1)}
    third = world.night("jinan", 3)
    stamped = [record for record in third if record.updated and record.updated.date() == date(2026, 3, 4)]
    assert len(stamped) >= 22
    assert any(record.true_day == before[record.id].true_day for record in stamped)
    assert sum(record.updated is not None and record.updated.year == 2099 for record in world.night("jinan", 4)) == 2


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


def test_control_over_http(replica: Replica) -> None:
    def call(path: str, body: object = None, method: str | None = None) -> Any:
        request = urllib.request.Request(
            replica.control_url + path, None if body is None else json.dumps(body).encode(), method=method
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.loads(response.read())

    assert call("portals")["jinan"]["base_url"] == replica.url("jinan")
    assert call("night", {"night": 4}) == {"night": 4, "now": "2026-03-06T02:15:00+08:00"}
    assert replica.night == call("night")["night"] == 4
    call("incidents", {"portal": "jinan", "kind": "deletes", "first": 2, "count": 2})
    assert [each["kind"] for each in call("incidents")["jinan"]] == ["deletes"]
    told = call("truth?portal=jinan&from=0&to=4")
    assert [each["kind"] for each in told["must"]] == ["dataset.removed"] * 2
    jinan(replica, "catalog/index?page=1")
    assert call("log")["portals"] == {"jinan": {"list": 1}}
    assert call("log", method="DELETE")["paths"] == {}
    assert call("incidents", method="DELETE")["jinan"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [("nothing", None, 404), ("night", {"day": 1}, 400), ("incidents", {"portal": "x", "kind": "stops", "first": 1}, 400),
     ("incidents", {"portal": "jinan", "kind": "unheard", "first": 1}, 400)],
)  # fmt: skip
def test_control_says_what_is_wrong(replica: Replica, path: str, body: object, status: int) -> None:
    got, answer = fetch(replica.control_url + path, body)
    assert got == status
    assert json.loads(answer)["error"]


def kinds(world: World, portal: str, nights: range) -> list[tuple[str, int]]:
    return [(stated.kind, stated.night) for stated in truth(world, portal, nights).must]


def still(*incidents: Incident, newest: int = -60) -> World:
    world = World(
        [
            PortalSpec(
                "jinan",
                "inspur_oportal",
                "济南",
                "370100",
                datasets=60,
                habit=Habit.NEVER,
                history=(newest - 400, newest),
            )
        ]
    )
    world.script("jinan", *incidents)
    return world


def test_truth_of_a_quiet_portal_is_silence() -> None:
    assert kinds(still(), "jinan", range(20)) == []


def test_truth_of_removals_one_by_one_and_in_bulk() -> None:
    assert kinds(still(Incident(Kind.DELETES, 3, count=2)), "jinan", range(9)) == [("dataset.removed", 4)] * 2
    assert kinds(still(Incident(Kind.DELETES, 3, count=20)), "jinan", range(9)) == [("bulk.deletion", 5)]
    assert kinds(still(Incident(Kind.UNLISTS, 3, count=1)), "jinan", range(9)) == [("dataset.unlisted", 4)]
    assert kinds(still(Incident(Kind.DELETES, 3, 3, count=2)), "jinan", range(9)) == []
    back = kinds(still(Incident(Kind.DELETES, 3, 6, count=1)), "jinan", range(9))
    assert back == [("dataset.removed", 4), ("dataset.reappeared", 7)]


def test_truth_of_a_stop_and_a_resumption() -> None:
    world = still(Incident(Kind.UPDATES, 260, count=4), newest=-3)
    newest = max(record.true_day for record in world.listed("jinan", 0))
    assert kinds(world, "jinan", range(300)) == [("city.stopped", newest + 244), ("city.resumed", 260)]


@pytest.mark.parametrize(
    "incident",
    [
        Incident(Kind.REFUSES, 3, 4), Incident(Kind.CHALLENGES, 3, 4), Incident(Kind.ENDS_EARLY, 3, 4, count=1),
        Incident(Kind.HOLE, 3, 4, first_page=2, last_page=3), Incident(Kind.DRIFTS, 3, 4), Incident(Kind.REDESIGN, 3, 4),
    ],
)  # fmt: skip
def test_truth_accuses_nobody_for_what_could_not_be_read(incident: Incident) -> None:
    told = truth(still(incident), "jinan", range(9))
    assert told.must == ()
    assert told.unreadable == (3, 4)


def test_truth_of_edits_moves_restamps_and_arrivals() -> None:
    world = still(
        Incident(Kind.EDITS, 2, count=1, field="title", value="改了名的目录"),
        Incident(Kind.RESTAMPS, 3, share=0.9),
        Incident(Kind.APPEARS, 4, count=1),
        Incident(Kind.MOVES, 6, value="/v2"),
    )
    expected = [("dataset.renamed", 2), ("platform.restamp", 3), ("dataset.new", 4), ("platform.moved", 6)]
    assert kinds(world, "jinan", range(9)) == expected


def test_score_counts_what_was_missed_invented_and_late() -> None:
    told = truth(still(Incident(Kind.DELETES, 3, count=2)), "jinan", range(9))
    first, second = (stated.dataset for stated in told.must)
    score = told.score([("dataset.removed", first, 6), ("city.stopped", "", 5), ("city.slowed", "", 5)])
    assert [stated.dataset for stated in score.missed] == [second]
    assert score.false == (("city.stopped", ""),)
    assert score.delays == {("dataset.removed", first): 2}
    assert told.score([(each.kind, each.dataset, each.night) for each in told.must]).perfect


def test_three_hundred_requests_a_second(replica: Replica) -> None:
    connection = http.client.HTTPConnection(replica.url("jinan").removeprefix("http://"), timeout=10)
    began = time.monotonic()
    for number in range(300):
        connection.request("GET", f"/jinan/catalog/index?page={number % 5 + 1}")
        connection.getresponse().read()
    connection.close()
    assert time.monotonic() - began < 1


def test_the_command_serves_and_says_how_to_crawl() -> None:
    command = [sys.executable, "-m", "tests.replica", "--port", "0", "--portals", "guiyang,jinan", "--datasets", "20"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(4)]
        url = re.search(r"scrapy crawl jinan -a base_url=(\S+)", "".join(lines))
        assert url
        assert fetch(f"{url[1]}/jinan/catalog/index?page=2")[0] == 200
    finally:
        process.terminate()
        process.communicate(timeout=10)
