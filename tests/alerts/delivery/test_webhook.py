"""The signed webhook as a receiver sees it: valid, signed, recognisable in repeats, and confirmed by 2xx only."""

import hashlib
import hmac
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from alerts.delivery.message import Message
from alerts.delivery.sending import deliver
from alerts.delivery.targets import targets_of
from alerts.delivery.webhook import EVIDENCE_CHARS, LIST_MAX, document, rows, stamped
from alerts.text.target_urls import AddressError
from opendata_spiders.store.clock import real_now
from tests.alerts.delivery.receivers import Hook, web_server
from tests.alerts.digest.making import night
from tests.alerts.publish.feeds.schema import faults
from tests.alerts.publish.filling import HOSTILE

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "webhook.schema.json").read_text("utf-8"))
SECRET = "a-secret-of-some-length&%/"
BODY = document(delivery="d1", kind="changes", language="zh", subject="贵阳停更", text="正文", subscriber="desk",
                events=rows(night()), events_total=len(night()))  # fmt: skip
MESSAGE = Message("d1", "贵阳停更", BODY, "json", "", "zh")


def address(port: int, more: str = "") -> str:
    from urllib.parse import quote  # noqa: PLC0415 -- only here

    return f"nightwatch+http://127.0.0.1:{port}/hidden-path?secret={quote(SECRET, safe='')}{more}"


def target(port: int, more: str = ""):
    [one] = targets_of("desk", [address(port, more)])
    return one


def test_the_document_fits_its_schema_and_its_signature_proves_it() -> None:
    hook = Hook(answer=lambda request: (204, b""))
    with web_server(hook) as port:
        assert deliver(target(port, "&tenant=a%20b"), MESSAGE).confirmed
    [request] = hook.requests
    assert request.path == "/hidden-path?tenant=a+b"
    proof = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Nightwatch-Signature"] == f"sha256={proof}"
    assert request.headers["X-Nightwatch-Delivery"] == request.json["delivery"] == "d1"
    sent = request.json["sent"]
    assert abs(datetime.fromisoformat(sent) - real_now()) < timedelta(minutes=1)
    assert request.body.decode() == stamped(BODY, datetime.fromisoformat(sent))
    assert {**request.json, "sent": sent} == {**json.loads(BODY), "sent": sent}
    assert faults(request.json, SCHEMA) == []
    assert SECRET not in request.path + str(request.headers) + BODY


def test_the_receiver_that_the_document_shows_takes_it_once_and_nothing_forged_or_old() -> None:
    page = (Path(__file__).parents[3] / "docs" / "feeds.md").read_text("utf-8")
    shown = page.partition("    import hashlib")[2].partition("\n`sent`, the moment")[0]
    receiver: dict[str, Any] = {}
    exec(dedent("    import hashlib" + shown), receiver)  # noqa: S102 -- the example of our own page
    verified = receiver["verified"]
    hook = Hook(answer=lambda request: (204, b""))
    with web_server(hook) as port:
        assert deliver(target(port), MESSAGE).confirmed
    [request] = hook.requests
    signature, body, now, seen = request.headers["X-Nightwatch-Signature"], request.body, real_now(), set()
    assert verified(SECRET, signature, body, now + timedelta(minutes=6), seen) is None
    assert verified(SECRET, signature, body, now - timedelta(minutes=6), seen) is None
    assert verified("another-secret-of-length", signature, body, now, seen) is None
    fresher = body.replace(request.json["sent"].encode(), now.isoformat().encode())
    assert fresher != body
    assert verified(SECRET, signature, fresher, now, seen) is None
    assert seen == set()
    assert verified(SECRET, signature, body, now, seen) == request.json
    assert verified(SECRET, signature, body, now, seen) is None


def test_the_schema_refuses_what_is_not_a_document() -> None:
    good = json.loads(stamped(BODY, real_now()))
    assert faults(good, SCHEMA) == []
    for name, value in (
        ("kind", "news"),
        ("events_total", -1),
        ("delivery", ""),
        ("events", [{}]),
        ("version", "2"),
        ("language", None),
    ):
        assert faults({**good, name: value}, SCHEMA), name
    for name in SCHEMA["required"]:
        assert faults({key: value for key, value in good.items() if key != name}, SCHEMA)


def test_a_test_message_is_a_document_too() -> None:
    hook = Hook()
    with web_server(hook) as port:
        assert deliver(target(port), Message("t1", "测试", "正文", "text", "", "zh")).confirmed
    assert faults(hook.requests[0].json, SCHEMA) == []
    assert hook.requests[0].json["kind"] == "test"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410, 500, 503])
def test_only_2xx_is_a_yes(status: int) -> None:
    hook = Hook(answer=lambda request: (status, SECRET.encode()))
    with web_server(hook) as port:
        outcome = deliver(target(port), MESSAGE)
    assert not outcome.confirmed
    assert str(status) in outcome.error
    assert len(hook.requests) == 1


def test_no_secret_is_shown_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    one = target(1)
    outcome = deliver(one, MESSAGE)
    assert not outcome.confirmed
    for text in (caplog.text, outcome.error, repr(one), one.label):
        assert SECRET not in text
        assert "hidden-path" not in text
        assert "%2F" not in text
    assert one.label == "nightwatch+http://127.0.0.1:1/…"


def test_a_new_secret_is_the_same_target_and_another_path_is_not() -> None:
    secrets = ("0123456789abcdef", "fedcba9876543210")
    same = [targets_of("desk", [f"nightwatch+https://h.cn/a?secret={secret}"])[0] for secret in secrets]
    assert same[0].ref(b"k") == same[1].ref(b"k")
    [other] = targets_of("desk", ["nightwatch+https://h.cn/b?secret=0123456789abcdef"])
    assert other.ref(b"k") != same[0].ref(b"k")


@pytest.mark.parametrize("wrong", ["h.cn/a", "h.cn/a?secret=short", "h.cn/a?secret=0123456789abcdef&secret=0123456789abcdef",
                                   "u:p@h.cn/?secret=0123456789abcdef", "?secret=0123456789abcdef", "[::1?secret=0123456789abcdef", "h:x/?secret=0123456789abcdef"])  # fmt: skip
def test_a_wrong_address_is_one_sentence(wrong: str) -> None:
    with pytest.raises(AddressError) as caught:
        targets_of("desk", [f"nightwatch+https://{wrong}"])
    assert "0123456789abcdef" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("status", "said", "wait"),
    [
        (429, "17", 17),
        (503, "5", 5),
        (429, "", 60),
        (429, "soon", 60),
        (503, "", 0),
        (500, "9", 0),
        (429, "999999", 86_400),
    ],
)
def test_how_long_it_asks_to_be_left_alone(status: int, said: str, wait: float) -> None:
    from alerts.delivery.answers import retry_after  # noqa: PLC0415 -- only here

    assert retry_after(status, {"Retry-After": said}) == wait


def test_a_date_to_come_back_at() -> None:
    from alerts.delivery.answers import retry_after  # noqa: PLC0415 -- only here

    past = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    assert retry_after(429, {"Retry-After": past}) == 0
    assert retry_after(429, {"Retry-After": format_datetime(datetime(2999, 1, 1, tzinfo=UTC), usegmt=True)}) == 86_400


def test_an_event_comes_with_its_evidence() -> None:
    told = [event for event in night() if event.evidence]
    assert [row["evidence"].keys() for row in rows(told)] == [event.evidence.keys() for event in told]


def test_evidence_is_json_whatever_it_holds_and_never_too_long() -> None:
    odd = {"at": datetime(2026, 1, 2, tzinfo=UTC), "nan": float("nan"), "ids": list(range(5000)), "deep": [{"x": b"\x00y"}],
           "text": HOSTILE, "none": None, "yes": True}  # fmt: skip
    [row] = rows([replace(night()[3], evidence=odd)])
    found = json.loads(json.dumps(row["evidence"], allow_nan=False))
    assert (found["at"], found["nan"], len(found["ids"]), found["yes"]) == (
        "2026-01-02T00:00:00+00:00",
        None,
        LIST_MAX,
        True,
    )
    assert "\u202e" not in found["text"]
    long = replace(night()[3], evidence={"text": "x" * (EVIDENCE_CHARS // 3)})
    assert [bool(row["evidence"]) for row in rows([long] * 4)] == [True, True, False, False]


def test_portal_text_has_no_controls() -> None:
    [row] = rows([replace(night()[3], title=HOSTILE, page_url=HOSTILE)])
    assert not {"\x00", "\x1b", "\u202e"} & set(row["title"] + row["page_url"])
