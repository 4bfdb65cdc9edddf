"""The services that say no with HTTP 200: our own requests, their own answers."""

import json
import urllib.parse

import pytest

from alerts.channels.sending import Message, Outcome, deliver
from alerts.channels.targets import targets_of
from tests.alerts.channels.receivers import Hook, slowly

TOKEN = "a1b2c3d4e5f6a7b8"
MESSAGE = Message("m1", "贵阳停更 251 天", "正文第一行\n第二行", "text")

SERVICES = {
    "wecombot": (f"wecombot://{TOKEN}", {"errcode": 0, "errmsg": "ok"}, {"errcode": 93000, "errmsg": "invalid webhook url"}),
    "wecom-native": (
        f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}",
        {"errcode": 0, "errmsg": "ok"},
        {"errcode": 45009, "errmsg": "api freq out of limit"},
    ),
    "dingtalk": (f"dingtalk://{TOKEN}", {"errcode": 0, "errmsg": "ok"}, {"errcode": 310000, "errmsg": "keywords not in content"}),
    "dingtalk-signed": (f"dingtalk://SECsecretpart@{TOKEN}", {"errcode": 0, "errmsg": "ok"}, {"errcode": 310000, "errmsg": "sign not match"}),
    "feishu": (f"feishu://{TOKEN}", {"code": 0, "msg": "success", "data": {}}, {"code": 19024, "msg": "Key Words Not Found"}),
    "feishu-old": (f"feishu://{TOKEN}", {"StatusCode": 0, "StatusMessage": "success"}, {"StatusCode": 19021, "StatusMessage": "sign match fail"}),
    "lark": (f"lark://{TOKEN}", {"code": 0, "msg": "success"}, {"code": 11232, "msg": "too many request"}),
    "schan": (f"schan://{TOKEN}", {"code": 0, "message": "", "data": {"errno": 0}}, {"code": 40001, "message": "bad key"}),
    "pushdeer": (f"pushdeers://{TOKEN}", {"code": 0, "content": {"result": ["{}"]}}, {"code": 80501, "error": "key not exists"}),
    "pushdeer-nobody": (f"pushdeers://{TOKEN}", {"code": 0, "content": {"result": ["{}"]}}, {"code": 0, "content": {"result": []}}),
    "bark": (f"barks://api.day.app/{TOKEN}", {"code": 200, "message": "success"}, {"code": 400, "message": "failed to get device token"}),
}  # fmt: skip


def send(address: str, message: Message = MESSAGE) -> Outcome:
    [target] = targets_of("reader", [address])
    return deliver(target, message)


def answering(services: Hook, body: object, status: int = 200) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    services.answer = lambda request: (status, content)


@pytest.mark.parametrize("name", SERVICES)
def test_its_own_yes_confirms(services: Hook, name: str) -> None:
    address, yes, _ = SERVICES[name]
    answering(services, yes)
    assert send(address) == Outcome(True)
    [request] = services.requests
    said = json.dumps(request.json, ensure_ascii=False) if b"{" in request.body[:1] else str(request.form)
    assert "贵阳停更 251 天" in said
    assert "第二行" in said


@pytest.mark.parametrize("name", SERVICES)
def test_its_no_inside_http_200_is_a_no(services: Hook, name: str) -> None:
    address, _, no = SERVICES[name]
    answering(services, no)
    outcome = send(address)
    assert not outcome.confirmed
    assert "code" in outcome.error
    assert TOKEN not in outcome.error


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>login to this network</html>"), (200, b""), (200, b"[]"), (500, b"{}"), (302, b"{}"), (200, b"{}")],
)
def test_whatever_is_not_its_own_yes_is_a_no(services: Hook, name: str, status: int, body: bytes) -> None:
    answering(services, body, status)
    assert not send(SERVICES[name][0]).confirmed


@pytest.mark.parametrize("name", SERVICES)
def test_a_yes_with_an_error_status_is_a_no(services: Hook, name: str) -> None:
    answering(services, SERVICES[name][1], 502)
    assert not send(SERVICES[name][0]).confirmed


def test_a_redirect_is_not_followed(services: Hook) -> None:
    answering(services, SERVICES["wecombot"][1], 302)
    assert not send(SERVICES["wecombot"][0]).confirmed
    assert len(services.requests) == 1


def test_a_service_that_does_not_answer_in_time_is_a_no(services: Hook) -> None:
    services.answer = slowly(3, (200, b'{"errcode": 0}'))
    outcome = send(f"wecombot://{TOKEN}?rto=1")
    assert not outcome.confirmed
    assert "no answer" in outcome.error
    assert TOKEN not in outcome.error


def test_dingtalk_gets_markdown_where_it_is_markdown(services: Hook) -> None:
    answering(services, {"errcode": 0})
    assert send(f"dingtalk://{TOKEN}", Message("m", "标题", "### 停更", "markdown")).confirmed
    payload = services.requests[0].json
    assert payload["msgtype"] == "markdown"
    assert payload["markdown"] == {"title": "标题", "text": "### 标题\n\n### 停更"}
    assert payload["at"]["isAtAll"] is False


def test_a_signed_dingtalk_request_carries_time_and_signature(services: Hook) -> None:
    answering(services, {"errcode": 0})
    assert send(f"dingtalk://SECsecretpart@{TOKEN}").confirmed
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(services.requests[0].path).query)
    assert {"timestamp", "sign", "access_token"} <= set(query)


def test_chinese_text_takes_its_utf8_bytes_and_no_more(services: Hook) -> None:
    answering(services, {"errcode": 0})
    body = "字" * 600
    assert send(f"wecombot://{TOKEN}", Message("m", "", body, "text")).confirmed
    assert len(services.requests[0].body) < 600 * 3 + 100


def test_each_bark_device_is_a_target_of_its_own(services: Hook) -> None:
    targets = targets_of("reader", ["barks://api.day.app/deviceone1/devicetwo2"])
    services.answer = lambda request: (200, b'{"code": 200}' if b"deviceone1" in request.body else b'{"code": 400}')
    assert [deliver(target, MESSAGE).confirmed for target in targets] == [True, False]
