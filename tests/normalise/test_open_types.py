import csv
from importlib.resources import files

import pytest

from opendata_spiders.normalise import open_type


@pytest.mark.parametrize(
    ("raw", "value", "login"),
    [
        ("无条件开放", "open", False),
        ("无条件", "open", False),
        ("普遍开放", "open", False),
        ("完全开放", "open", False),
        ("登录开放", "open", True),
        ("实名注册用户可下载", "open", True),
        ("普通公开，简单注册用户可下载", "open", True),
        ("普通公开,简单注册用户可下载", "open", True),
        ("有条件开放", "conditional", False),
        ("依申请开放", "conditional", False),
        ("申请开放", "conditional", False),
        ("申请公开", "conditional", False),
        ("受限开放", "conditional", False),
        ("需实名注册并提交申请", "conditional", True),
        ("无需申请，登录后下载", "open", True),
        ("不予开放", "closed", False),
        ("不开放", "closed", False),
        ("可开放", "unknown", False),
        ("", "unknown", False),
        (None, "unknown", False),
        ("None", "unknown", False),
    ],
)
def test_words(raw, value, login):
    reading = open_type(raw)
    assert (reading.value, reading.login_required, reading.finding) == (value, login, None)


@pytest.mark.parametrize(
    ("raw", "value", "finding"),
    [
        ("无条件共享", "open", "field.open_type_sharing"),
        ("不予共享", "closed", "field.open_type_sharing"),
        ("无", "unknown", "field.open_type_unknown"),
        ("数据", "unknown", "field.open_type_unknown"),
        ("1", "unknown", "field.open_type_unknown"),
        ("每年", "unknown", "field.open_type_shifted"),
    ],
)
def test_odd_words_are_stated(raw, value, finding):
    assert (open_type(raw).value, open_type(raw).finding) == (value, finding)


@pytest.mark.parametrize(
    ("family", "raw", "value", "login"),
    [
        ("guizhou_api", 0, "open", False),
        ("guizhou_api", 1, "conditional", False),
        ("fujian_openportal", "1", "open", False),
        ("prodapi_openresource", "1", "conditional", False),
        ("exchange_gateway", "01", "conditional", False),
        ("exchange_gateway", "02", "open", False),
        ("hangzhou_dop", "1", "open", True),
        ("chongqing_rop", "UNCONDITIONAL", "open", False),
        ("jx_opendata", "402882a75885fd150158860e3d170006", "conditional", False),
        ("zj_athena/yichang", 0, "conditional", False),
        ("guizhou_api", "有条件开放", "conditional", False),
    ],
)
def test_codes_by_family(family, raw, value, login):
    assert (open_type(raw, family=family).value, open_type(raw, family=family).login_required) == (value, login)


def test_every_row_of_the_code_table_resolves():
    text = files("opendata_spiders.normalise").joinpath("open_type_codes.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        reading = open_type(row["code"], family=row["family"])
        assert (reading.value, reading.finding) == (row["value"], None), row
        assert reading.value in {"open", "conditional", "closed"}
