"""The services that say no with HTTP 200: our own requests, their own answers."""

import json
import urllib.parse

import pytest

from alerts.delivery.message import Message
from alerts.delivery.sending import SendOutcome, deliver
from alerts.delivery.split import split
from alerts.delivery.targets import targets_of
from tests.alerts.delivery.receivers import Hook, slowly

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


def send(address: str, message: Message = MESSAGE) -> SendOutcome:
    [target] = targets_of("reader", [address])
    return deliver(target, message)


def answering(services: Hook, body: object, status: int = 200) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    services.answer = lambda request: (status, content)


@pytest.mark.parametrize("name", SERVICES)
def test_its_own_yes_confirms(services: Hook, name: str) -> None:
    address, yes, _ = SERVICES[name]
    answering(services, yes)
    assert send(address) == SendOutcome(True)
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
    assert payload["markdown"] == {"title": "标题", "text": "# 标题\n### 停更"}
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


@pytest.mark.parametrize(("option", "icon"), [("", False), ("?image=yes", True), ("?icon=https://a.cn/i.png", True)])
def test_a_bark_message_names_a_picture_only_where_it_is_asked_for(services: Hook, option: str, *, icon: bool) -> None:
    answering(services, {"code": 200})
    assert send(f"barks://api.day.app/{TOKEN}{option}").confirmed
    assert ("icon" in services.requests[0].json) == icon


TOO_FAST = {
    "wecombot": ({"errcode": 45009, "errmsg": "api freq out of limit"}, 60),
    "dingtalk": ({"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, 600),
    "feishu": ({"code": 11232, "msg": "frequency limited"}, 60),
    "lark": ({"code": 11232, "msg": "frequency limited"}, 60),
    "schan": ({"code": 40001, "message": "[AUTH]超过当天的发送次数限制[5]"}, 0),
    "pushdeer": ({"code": 80501, "error": "too many"}, 0),
    "bark": ({"code": 429, "message": "push failed: TooManyRequests"}, 0),
}
"""What each says to who is too fast, and for how long it is left alone; 0: the outbox' own intervals are longer."""

TOO_LONG = {
    "wecombot": {"errcode": 40058, "errmsg": "text.content exceed max length 2048. invalid Request Parameter"},
    "dingtalk": {"errcode": 460101, "errmsg": "message too long, exceed 20000 bytes"},
    "feishu": {"code": 9499, "msg": "Bad Request"},
    "lark": {"code": 9499, "msg": "Bad Request"},
    "schan": {"code": 40001, "message": "desp too long"},
    "pushdeer": {"code": 80501, "error": "text too long"},
    "bark": {"code": 413, "message": "push failed: PayloadTooLarge"},
}


@pytest.mark.parametrize("name", TOO_FAST)
def test_too_fast_is_a_no_and_says_how_long_to_wait(services: Hook, name: str) -> None:
    body, wait = TOO_FAST[name]
    answering(services, body)
    outcome = send(SERVICES[name][0])
    assert not outcome.confirmed
    assert outcome.wait == wait


@pytest.mark.parametrize("name", TOO_FAST)
def test_http_429_with_a_time_is_heeded(services: Hook, name: str) -> None:
    services.headers = {"Retry-After": "42"}
    answering(services, SERVICES[name][1], 429)
    assert send(SERVICES[name][0]).wait == 42


@pytest.mark.parametrize("name", TOO_LONG)
def test_too_long_is_a_no_and_no_reason_to_wait(services: Hook, name: str) -> None:
    answering(services, TOO_LONG[name])
    outcome = send(SERVICES[name][0])
    assert not outcome.confirmed
    assert outcome.wait == 0


LIMITS = {
    "wecombot": 2048,
    "dingtalk": 20_000,
    "feishu": 20_480,
    "lark": 20_480,
    "schan": 32_768,
    "pushdeer": 16_384,
    "bark": 4096,
}
"""Bytes: WeCom counts the text, the others the whole request (ServerChan the text before it is form-encoded)."""


@pytest.mark.parametrize("name", LIMITS)
def test_the_longest_piece_fits_what_the_service_takes(services: Hook, name: str) -> None:
    answering(services, SERVICES[name][1])
    [target] = targets_of("reader", [SERVICES[name][0]])
    title, room = "贵阳停更 251 天；另有 3 城 27 条变化", target.limit
    for part in split('字«"\n' * 9000, room - target.service.size(title) - 24, target.service.size)[:2]:
        assert deliver(target, Message("m", title, part, target.service.format)).confirmed
    for request in services.requests:
        if name == "wecombot":
            assert len(request.json["text"]["content"].encode()) <= LIMITS[name]
        elif b"=" in request.body[:6]:
            assert max(len(value.encode()) for value in request.form.values()) <= LIMITS[name]
        else:
            assert len(request.body) <= LIMITS[name]
