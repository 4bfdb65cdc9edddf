"""The denominator: 364 governments, each with names that tell it apart."""

import re
from collections import Counter
from datetime import date

import pytest

from opendata_spiders.register import Level, Register


def test_there_are_364(shipped: Register) -> None:
    levels = Counter(government.level for government in shipped.governments.values())
    assert levels == {Level.PROVINCE: 27, Level.MUNICIPALITY: 4, Level.SUB_PROVINCIAL: 15, Level.PREFECTURE: 318}


def test_the_tiers_of_prefecture_level_count_as_the_statistics_office_counts_them(shipped: Register) -> None:
    endings = Counter(
        next(ending for ending in ("自治州", "地区", "盟", "市") if government.name_zh.endswith(ending))
        for government in shipped.governments.values()
        if not government.adcode.endswith("0000")
    )
    assert endings == {"市": 293, "自治州": 30, "地区": 7, "盟": 3}


@pytest.mark.parametrize("attribute", ["name_zh", "name_en", "short_zh"])
def test_a_name_belongs_to_one_government(shipped: Register, attribute: str) -> None:
    names = Counter(getattr(government, attribute).casefold() for government in shipped.governments.values())
    assert [name for name, count in names.items() if count > 1] == []


def test_an_alias_is_nobody_elses_name(shipped: Register) -> None:
    owners: dict[str, set[str]] = {}
    for government in shipped.governments.values():
        for name in government.names:
            owners.setdefault(name.casefold(), set()).add(government.adcode)
    assert {name: sorted(known) for name, known in owners.items() if len(known) > 1} == {}


def test_english_names_are_plain_ascii(shipped: Register) -> None:
    names = [government.name_en for government in shipped.governments.values()]
    assert [name for name in names if not re.fullmatch(r"[A-Z][A-Za-z' ]+( \([A-Z][a-z]+\))?", name)] == []


def test_codes_ascend_and_carry_the_cut_off_of_their_source(shipped: Register) -> None:
    codes = list(shipped.governments)
    assert codes == sorted(codes)
    assert {government.valid_from for government in shipped.governments.values()} == {date(2023, 6, 30)}


@pytest.mark.parametrize(
    ("adcode", "name_en", "short_zh"),
    [
        ("140400", "Changzhi", "长治"),
        ("150000", "Inner Mongolia", "内蒙古"),
        ("152200", "Hinggan League", "兴安盟"),
        ("211300", "Chaoyang", "朝阳"),
        ("220000", "Jilin Province", "吉林"),
        ("220200", "Jilin City", "吉林市"),
        ("230700", "Yichun (Heilongjiang)", "伊春"),
        ("331000", "Taizhou (Zhejiang)", "台州"),
        ("340300", "Bengbu", "蚌埠"),
        ("341500", "Lu'an", "六安"),
        ("341600", "Bozhou", "亳州"),
        ("350200", "Xiamen", "厦门"),
        ("361000", "Fuzhou (Jiangxi)", "抚州"),
        ("411100", "Luohe", "漯河"),
        ("422800", "Enshi Prefecture", "恩施州"),
        ("450900", "Yulin (Guangxi)", "玉林"),
        ("500000", "Chongqing", "重庆"),
        ("511100", "Leshan", "乐山"),
        ("522300", "Qianxinan Prefecture", "黔西南州"),
        ("540300", "Qamdo", "昌都"),
        ("542500", "Ngari Prefecture", "阿里地区"),
        ("610000", "Shaanxi", "陕西"),
        ("610800", "Yulin (Shaanxi)", "榆林"),
        ("632500", "Hainan Prefecture", "海南州"),
        ("652800", "Bayingolin Prefecture", "巴音郭楞州"),
        ("653100", "Kashgar Prefecture", "喀什地区"),
    ],
)
def test_names_that_a_converter_gets_wrong(shipped: Register, adcode: str, name_en: str, short_zh: str) -> None:
    government = shipped.governments[adcode]
    assert (government.name_en, government.short_zh) == (name_en, short_zh)


def test_aliases_hold_what_people_say(shipped: Register) -> None:
    assert {"黔西南", "黔西南布依族苗族自治州"} <= set(shipped.governments["522300"].aliases)
    assert "襄樊" in shipped.governments["420600"].names
    assert "Ürümqi" in shipped.governments["650100"].names
