"""What is asked of the national register, and what is read from answers written by hand."""

import json

import pytest
from scrapy.http import TextResponse

from opendata_spiders.national.interface import Entries, NationalInterface, Platform
from opendata_spiders.national.plan import platform_of
from opendata_spiders.pages.contract import PageDriftedError, PageError, PageUnreachableError
from opendata_spiders.store.national import RegisteredAs

NATIONAL = NationalInterface()
PLATFORMS = {
    "code": 200,
    "data": [
        {"provinceCode": "520000", "platformName": "贵州省公共数据资源登记平台"},
        {"provinceCode": "370000", "platformName": "山东省公共数据资源登记平台"},
        {"provinceCode": "370000", "platformName": "山东省公共数据资源登记平台"},
        {"provinceCode": None, "platformName": "无编码"},
    ],
}
ENTRIES = {
    "code": 200,
    "total": 3,
    "rows": [
        {"dataRegistCode": "SJ370000-0007", "dataName": "学校 名录", "provinceCode": "370000"},
        {"dataRegistCode": "SJ370000-0008", "dataName": "民办学校名录", "provinceCode": "370000"},
        {"dataName": "学校名录"},
    ],
}


def answer(body):
    body = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return TextResponse("https://sjdj.nda.gov.cn/x", body=body, headers={"Content-Type": "application/json"})


def test_what_is_asked():
    request = NATIONAL.platforms_request()
    assert (request.method, request.body) == ("POST", b"{}")
    assert request.url == "https://sjdj.nda.gov.cn/register/dataassets/equipment/queryPlatform"
    request = NATIONAL.entries_request("370000", RegisteredAs.OPEN, "学校名录")
    assert request.url.endswith("/register/statistics/resourceDiscovery/getRegisterInfoSingleList")
    wanted = json.loads(request.body)
    assert (wanted["provinceCode"], wanted["dataRegistType"], wanted["keyword"]) == ("370000", 3, "学校名录")
    assert wanted["pageNum"] == 1
    assert "sortMethod" in wanted


def test_platforms_are_one_a_province():
    assert NATIONAL.parse_platforms(answer(PLATFORMS)) == (
        Platform("520000", "贵州省公共数据资源登记平台"),
        Platform("370000", "山东省公共数据资源登记平台"),
    )


@pytest.mark.parametrize("code", ["37", "370000", "370000000000"])
def test_a_province_is_known_by_its_first_two_digits(code):
    platforms = [Platform("52", "贵州"), Platform(code, "山东")]
    assert platform_of("370000", platforms) == platforms[1]
    assert platform_of("440000", platforms) is None


def test_entries_are_counted_and_those_of_this_very_title_named():
    assert NATIONAL.parse_entries(answer(ENTRIES), "学校名录") == Entries(3, ("SJ370000-0007",))
    assert NATIONAL.parse_entries(answer({"data": {"total": "1,204", "list": []}})) == Entries(1204, ())
    assert NATIONAL.parse_entries(answer({"total": 0, "rows": []}), "学校名录") == Entries(0, ())


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"code": 500, "msg": "系统繁忙"}, PageUnreachableError),
        ({"rows": []}, PageDriftedError),
        ({"total": "很多", "rows": []}, PageDriftedError),
        (b'{"total": 12, "rows": [', PageUnreachableError),
        (b"[]", PageDriftedError),
        (b"<html>", PageError),
    ],
)
def test_what_does_not_say_a_number_is_no_number(body, error):
    with pytest.raises(error):
        NATIONAL.parse_entries(answer(body), "学校名录")


@pytest.mark.parametrize("body", [{"data": []}, {"data": None}, {"data": [{"platformName": "x"}, 7]}, {"code": 401}])
def test_an_answer_without_platforms_is_none(body):
    with pytest.raises(PageError):
        NATIONAL.parse_platforms(answer(body))
