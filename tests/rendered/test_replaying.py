"""Asking for further pages in the words of the page's own request."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from opendata_spiders.rendered.replaying import SentRequest, learnt_from, replay_of, with_cookies

JSON = {"content-type": "application/json", "host": "d.example", "referer": "http://d.example/#/list", "accept": "*/*"}
FORM = {**JSON, "content-type": "application/x-www-form-urlencoded; charset=UTF-8"}


def test_a_page_in_the_query() -> None:
    asked = SentRequest("GET", "http://d.example/a/list?current=1&size=20&q=%E6%B0%94", JSON)
    request = replay_of(asked).request(3, 20)
    assert request.url == "http://d.example/a/list?current=4&size=20&q=%E6%B0%94"
    assert (request.method, request.body) == ("GET", b"")
    assert request.headers[b"Referer"] == b"http://d.example/#/list"
    assert b"Host" not in request.headers


@pytest.mark.parametrize(
    ("body", "turned"),
    [
        ({"pageNo": 1, "pageSize": 10}, {"pageNo": 3, "pageSize": 10}),
        ({"pageNo": "1", "pageSize": "10"}, {"pageNo": "3", "pageSize": "10"}),
        ({"param": {"page": {"pageIndex": 0}}, "kw": ""}, {"param": {"page": {"pageIndex": 2}}, "kw": ""}),
        ({"query": "q($o: Int)", "variables": {"input": {"offset": 0, "limit": 10}}},
         {"query": "q($o: Int)", "variables": {"input": {"offset": 20, "limit": 10}}}),
    ],
)  # fmt: skip
def test_a_page_in_a_json_body(body: Any, turned: Any) -> None:
    request = replay_of(SentRequest("POST", "http://d.example/a?t=1", JSON, json.dumps(body))).request(2, 10)
    assert json.loads(request.body) == turned
    assert request.url == "http://d.example/a?t=1"


def test_a_page_in_a_form_and_in_json_within_a_form() -> None:
    asked = SentRequest("POST", "http://d.example/a", FORM, urlencode({"curPage": "1", "title": "气象"}))
    assert dict(parse_qsl(replay_of(asked).request(1, 10).body.decode())) == {"curPage": "2", "title": "气象"}
    inner = {"pageSplit": {"pageNumber": 1, "pageSize": 10}}
    asked = SentRequest("POST", "http://d.example/a", FORM, urlencode({"postData": json.dumps(inner)}))
    sent = dict(parse_qsl(replay_of(asked).request(1, 10).body.decode()))
    assert json.loads(sent["postData"]) == {"pageSplit": {"pageNumber": 2, "pageSize": 10}}


def test_a_request_that_names_no_page_is_not_paged() -> None:
    for url in ("http://d.example/a/1/10", "http://d.example/a?type=1&size=10", "http://d.example/a?page=7"):
        assert not replay_of(SentRequest("GET", url, JSON)).paged


def test_the_page_is_learnt_from_what_the_pager_changed() -> None:
    first, second = (SentRequest("GET", f"http://d.example/a/{n}/10?x=1", JSON) for n in (1, 2))
    learnt = learnt_from(first, second, 10)
    assert learnt is not None
    assert learnt.request(4, 10).url == "http://d.example/a/5/10?x=1"
    first, second = (SentRequest("POST", "http://d.example/a", JSON, json.dumps({"b": n})) for n in (0, 10))
    learnt = learnt_from(first, second, 10)
    assert learnt is not None
    assert json.loads(learnt.request(4, 10).body) == {"b": 40}


def test_nothing_is_learnt_where_more_has_changed() -> None:
    first = SentRequest("GET", "http://d.example/a?p=1&t=100", JSON)
    for url in ("http://d.example/a?p=2&t=105", "http://d.example/a?p=1&t=100", "http://d.example/b?p=2&t=100"):
        assert learnt_from(first, SentRequest("GET", url, JSON), 10) is None
    signed = (
        SentRequest("GET", "http://d.example/a?p=1&sign=x", JSON),
        SentRequest("GET", "http://d.example/a?p=2&sign=y", JSON),
    )
    assert learnt_from(*signed, 10) is None


def test_cookies_of_the_page_go_along() -> None:
    replay = with_cookies(replay_of(SentRequest("GET", "http://d.example/a?page=1", JSON)), {"sid": "7", "a": "b"})
    assert replay.request(1, 10).headers[b"Cookie"] == b"sid=7; a=b"
