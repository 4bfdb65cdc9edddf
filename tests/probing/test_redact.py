"""What is taken out of a recorded page, and what stays."""

import time

import pytest

from opendata_spiders.probing.redact import redacted
from tests.families.goldens import cases


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("联系邮箱zhang.san@qinghe.gov.cn。", "联系邮箱somebody@example.org。"),
        ("手机：13812345678", "手机：00000000000"),
        ("电话13812345678转", "电话00000000000转"),
        ("+86 138 1234 5678", "+86 000 0000 0000"),
        ("0531-88881234", "0000-00000000"),
        ("（0851）85811111", "（0000）00000000"),
        ("053188881234", "000000000000"),
        ('{"linkTel": "8823456"}', '{"linkTel": "0000000"}'),
        ('{"phone": 88234567, "n": 2}', '{"phone": 00000000, "n": 2}'),
        ("联系电话：</td><td>88234567</td>", "联系电话：</td><td>00000000</td>"),
        ("身份证 11010119900307123X", "身份证 00000000000000000X"),
        ('{"token": "a1b2c3"}', '{"token": "redacted"}'),
        ('{\\"accessToken\\": \\"a1b2c3\\"}', '{\\"accessToken\\": \\"redacted\\"}'),
        ('<input type="hidden" name="_csrf" value="f00d">', '<input type="hidden" name="_csrf" value="redacted">'),
        ('<meta name="csrf-token" content="f00d"/>', '<meta name="csrf-token" content="redacted"/>'),
        ("var sessionId = 'f00dbabe';", "var sessionId = 'redacted';"),
        ("document.cookie='k=v; path=/'", "document.cookie='redacted'"),
        ('data-license_key="KsaBx"', 'data-license_key="redacted"'),
        ('href="/x;jsessionid=0F3A.node1?a=1"', 'href="/x;jsessionid=redacted?a=1"'),
        ('src="/map?access_token=pk.abcdef&v=1"', 'src="/map?access_token=redacted&v=1"'),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln", "redacted"),
    ],
)
def test_what_belongs_to_people_or_a_session_goes(text: str, expected: str):
    read, removed = redacted(text, ())
    assert (read, sum(removed.values())) == (expected, 1)


@pytest.mark.parametrize(
    "text",
    [
        '{"updateTime": 1718090445000, "id": "13812345678900000042", "visits": 13800}',
        '{"resId": "0f13812345678a1b2c3d4e5f60718293"}',
        "2023-06-11 17:20:45 / 2023年6月11日",
        '{"title": "电话号码归属地", "contactName": "信息中心"}',
        '{"token": ""}',
        "共 1380013 条，每月更新 0 次",
        '<script src="/js/session.min.js"></script>',
    ],
)
def test_what_only_looks_like_it_stays(text: str):
    assert redacted(text, ()) == (text, {})


def test_a_native_id_stays_whatever_it_looks_like():
    text = '{"id": "13812345678", "tel": "13912345678"}'
    assert redacted(text, ["13812345678"])[0] == '{"id": "13812345678", "tel": "00000000000"}'


def test_redacting_twice_is_redacting_once_and_golden_pages_keep_their_rows():
    for case in cases():
        text = case.body.decode("utf-8", "surrogateescape")
        once, _ = redacted(text, ())
        assert redacted(once, ())[0] == once


@pytest.mark.parametrize(
    "text",
    ["token-" * 60_000, "<input " + "name= " * 60_000, "电话" * 120_000, "a-" * 150_000, '"tel":"' + "1a" * 150_000],
)
def test_hostile_pages_cost_no_more_than_their_length(text: str):
    began = time.process_time()
    redacted(text, ())
    assert time.process_time() - began < 20
