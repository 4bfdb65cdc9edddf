"""A request that a page sent becomes a declared call that sends it again."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from opendata_spiders.browser.portal_page import Exchange
from opendata_spiders.declared import AsJson, AsText, Call, Slot, Tenant
from opendata_spiders.declared.calls import PortalSite
from opendata_spiders.healing.watched_calls import (
    NotReplayableError,
    call_parts,
    is_called_page,
    page_places,
    size_place,
    with_id,
    with_slot,
    with_tenant,
)

BASE = "https://data.example.gov.cn"
SITE = PortalSite(BASE, "", {"cityCode": "350100"})
JSON, FORM = "application/json", "application/x-www-form-urlencoded; charset=UTF-8"


def sent(method: str, path: str, body: str = "", kind: str = "", **headers: str) -> Exchange:
    given = {"user-agent": "x", "accept": "*/*", **headers} | ({"content-type": kind} if kind else {})
    return Exchange(method, f"{BASE}{path}", given, body, 200, JSON, "{}")


WATCHED = [
    sent("GET", "/api/list?page=1&size=20&kw=&kw=a"),
    sent("POST", "/api/list", "page=1&rows=20&order=", FORM),
    sent("POST", "/api/list", json.dumps({"q": {"page": "1", "of": [20, None]}, "kw": "水"}), JSON),
    sent("POST", "/api/list", 'postData={"page": 1}', FORM),
    sent("POST", "/api/{list}"),
]


@pytest.mark.parametrize("watched", WATCHED, ids=lambda one: f"{one.method} {one.body or one.url}")
def test_the_call_sends_the_request_again(watched: Exchange):
    request = call_parts(watched, BASE).call().request(SITE, {})
    assert (request.method, urlsplit(request.url).path) == (
        watched.method,
        urlsplit(watched.url).path.replace("{", "%7B").replace("}", "%7D"),
    )
    assert parse_qsl(urlsplit(request.url).query, True) == parse_qsl(urlsplit(watched.url).query, True)
    body = request.body.decode()
    if watched.body[:1] == "{":
        assert json.loads(body) == json.loads(watched.body)
    else:
        assert parse_qsl(body, True) == parse_qsl(watched.body, True)


def test_what_a_page_makes_anew_is_neither_sent_again_nor_written_down():
    watched = sent(
        "GET",
        "/list?page=1&access_token=abc&sign=1f",
        **{"x-csrf-token": "t", "cookie": "s=1", "x-requested-with": "X"},
    )
    assert call_parts(watched, BASE).call() == Call("/list", query={"page": "1"}, headers={"x-requested-with": "X"})


def test_credentials_within_a_body_are_left_out():
    watched = sent("POST", "/list", json.dumps({"page": 1, "head": {"token": "abc", "of": [{"sign": "1"}]}}), JSON)
    assert call_parts(watched, BASE).json == {"page": 1, "head": {"of": [{}]}}
    inner = sent("POST", "/list", 'q={"page": 1, "sessionId": "9"}', FORM)
    assert call_parts(inner, BASE).form == {"q": AsJson({"page": 1})}


def test_the_page_that_makes_the_call_is_its_referer():
    assert call_parts(sent("GET", "/list", referer=f"{BASE}/data/index?x=1"), BASE).referer == "/data/index"
    assert call_parts(sent("GET", "/list", referer="https://elsewhere.example/a"), BASE).referer == ""


@pytest.mark.parametrize(("watched", "why"), [
    (Exchange("GET", "https://api.example.cn/list", {}, "", 200, JSON, "{}"), "name that with --base-url"),
    (sent("PUT", "/list"), "PUT"),
    (sent("POST", "/list", "{broken", JSON), "is none"),
    (sent("POST", "/list", "<a/>", "text/xml"), "neither JSON nor a form"),
])  # fmt: skip
def test_what_no_declared_call_can_send_is_refused(watched: Exchange, why: str):
    with pytest.raises(NotReplayableError, match=why):
        call_parts(watched, BASE)


def test_numbers_that_are_called_pages_are_tried_first():
    parts = call_parts(sent("GET", "/list/1?order=0&kind=1&pageNo=1&size=20"), BASE)
    assert [place[-1] for place, _ in page_places(parts)][:1] == ["pageNo"]
    assert {number for _, number in page_places(parts)} == {0, 1}
    assert [is_called_page(place) for place, _ in page_places(parts)] == [True, False, False, False]
    assert size_place(parts, 20) == ("query", "size")
    assert size_place(parts, 21) is None


def test_a_slot_stands_where_the_value_stood():
    query = call_parts(WATCHED[0], BASE)
    assert with_slot(query, ("query", "page"), Slot.PAGE).query == {"page": Slot.PAGE, "size": "20", "kw": ["", "a"]}
    body = call_parts(WATCHED[2], BASE)
    assert with_slot(body, ("json", "q", "page"), Slot.PAGE).json["q"]["page"] == AsText(Slot.PAGE)
    assert with_slot(body, ("json", "q", "of", 0), Slot.SIZE).json["q"]["of"] == [Slot.SIZE, None]
    inner = call_parts(WATCHED[3], BASE)
    assert with_slot(inner, ("form", "postData", "page"), Slot.PAGE).form == {"postData": AsJson({"page": Slot.PAGE})}
    path = call_parts(sent("GET", "/list/1.json"), BASE)
    assert with_slot(path, page_places(path)[0][0], Slot.PAGE).path == "/list/{page}.json"


def test_an_id_is_found_in_the_path_the_query_and_the_body():
    assert with_id(call_parts(sent("GET", "/d/a%2Fb/view"), BASE), "a/b").path == "/d/{id}/view"
    assert with_id(call_parts(sent("GET", "/d?no=a%2Fb"), BASE), "a/b").query == {"no": Slot.ID}
    assert with_id(call_parts(sent("POST", "/d", '{"x": {"id": 17}}', JSON), BASE), "17").json == {"x": {"id": Slot.ID}}
    assert with_id(call_parts(sent("GET", "/d?no=171"), BASE), "17") is None


def test_the_tenant_of_the_row_is_found_by_its_value():
    parts, named = with_tenant(call_parts(sent("GET", "/list?area=350100&page=1"), BASE), SITE.tenant)
    assert (parts.query, named) == ({"area": Tenant("cityCode"), "page": "1"}, {"cityCode"})
