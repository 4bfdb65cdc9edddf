"""What a service's answer asks for, whichever plugin sent the message; and what reaches it of a message at its limit."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from alerts.delivery.answers import retry_after
from alerts.delivery.message import Message
from alerts.delivery.sending import deliver
from alerts.delivery.split import split
from alerts.delivery.targets import Target, targets_of
from alerts.digest.deliveries import room
from opendata_spiders.store.clock import real_now
from tests.alerts.delivery.receivers import Hook, web_server

NEAR = ("json", "form", "xml", "ntfy", "gotify", "mmost", "bark", "pushdeer", "nightwatch+http")
"""Schemas that can be pointed at a receiver on the loopback."""
FAR = {
    "tgram": "tgram://123456789:abcdefg_hijklmnop/12315544",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
    "discord": f"discord://{'0' * 18}/{'B' * 40}",
    "gchat": "gchat://workspace/key/token",
    "pushplus": f"pushplus://{'a' * 32}",
    "wxpusher": "wxpusher://AT_appid/123",
    "workflow": f"workflow://prod.example.cn/{'a' * 20}/{'b' * 20}",
    "wecombot": f"wecombot://{'a' * 36}",
    "dingtalk": f"dingtalk://{'a' * 64}",
    "feishu": f"feishu://{'a' * 36}",
    "lark": f"lark://{'a' * 36}",
    "schan": f"schan://SCT{'a' * 20}",
}
MOST = {
    "tgram": 4096, "slack": 40_000, "discord": 2000, "gchat": 4096, "pushplus": 20_000, "wxpusher": 40_000,
    "workflow": 1000,
}  # fmt: skip
"""Characters that each takes of one message, as it documents them."""


def near(schema: str, port: int) -> Target:
    path = {
        "nightwatch+http": "x?secret=0123456789abcdef",
        "gotify": "a" * 15,
        "mmost": "3ccdd113474722377935511fc85d3dd4",
    }
    [target] = targets_of("desk", [f"{schema}://127.0.0.1:{port}/{path.get(schema, 'd' * 22)}"])
    return target


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("schema", NEAR)
def test_every_service_is_left_alone_as_long_as_it_asks(schema: str, status: int) -> None:
    hook = Hook(answer=lambda request: (status, b"{}"), headers={"Retry-After": "77"})
    with web_server(hook) as port:
        outcome = deliver(near(schema, port), Message("m", "t", "b", "text"))
    assert hook.requests
    assert (outcome.confirmed, outcome.wait) == (False, 77)


@pytest.mark.parametrize("schema", FAR)
def test_every_service_behind_https_too(schema: str, services: Hook) -> None:
    services.answer = lambda request: (429, b"{}")
    services.headers = {"Retry-After": "77"}
    [target] = targets_of("desk", [FAR[schema]])
    outcome = deliver(target, Message("m", "t", "b", "text"))
    assert services.requests
    assert (outcome.confirmed, outcome.wait) == (False, 77)


@pytest.mark.parametrize(
    "form",
    [
        lambda at: format_datetime(at, usegmt=True),
        lambda at: format_datetime(at.replace(tzinfo=None)).removesuffix(" -0000"),
        lambda at: format_datetime(at.astimezone(tz=None)),
        lambda at: at.isoformat(),
        lambda at: at.replace(tzinfo=None).isoformat(),
    ],
)
def test_a_date_with_or_without_a_zone_is_one(form: Any) -> None:
    at = real_now().replace(microsecond=0) + timedelta(hours=2)
    assert 7100 < retry_after(503, {"Retry-After": form(at)}) <= 7200


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("", 60), ("soon", 60), ("-5", 60), ("1e9", 60), ("１２０", 60), ("1.5", 1.5), ("999999999999", 86_400), ("9" * 400, 86_400),
     ("Mon, 99 Nov 2026 00:00:00", 60), (format_datetime(datetime(1999, 1, 1, tzinfo=UTC)), 0)],
)  # fmt: skip
def test_what_cannot_be_read_is_a_minute_and_nothing_is_more_than_a_day(said: str, seconds: float) -> None:
    assert retry_after(429, {"Retry-After": said}) == seconds
    assert retry_after(500, {"Retry-After": said}) == 0


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(one)


@pytest.mark.parametrize(
    "block", ["贵阳停更" * 20 + "\n", '<a> & _b_ *c* "d"\n' * 5, "    · 表格\n" * 9], ids=["plain", "signs", "indents"]
)
@pytest.mark.parametrize("schema", MOST)
def test_a_piece_is_within_the_limit_as_the_service_gets_it(schema: str, block: str, services: Hook) -> None:
    [target] = targets_of("desk", [FAR[schema]])
    services.answer = lambda request: (200, b'{"code": 200}')
    subject = "贵阳停更 251 天；另有 3 城 27 条变化"
    pieces = split(block * (30_000 // len(block)), room(target, subject), target.service.size)
    deliver(target, Message("m", f"(12/34) {subject}", pieces[0], "text"))
    [request] = services.requests
    longest = max(strings(request.json), key=len)
    if schema == "tgram":  # Telegram counts what is left once tags and entities are read
        longest = (
            longest.replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("<b>", "")
            .replace("</b>", "")
        )
    assert len(longest.encode("utf-16-le")) // 2 <= MOST[schema]
    assert len(longest) > MOST[schema] // 5, "the room there is is used"
