"""Whose a dataset is, by tenant and by the name of its office; where it is told."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from opendata_spiders.register import Attributor, OwnerRule, PortalStatus, Register, Told, packaged

REGISTER = packaged()


def attributor(slug: str, tenant: Mapping[str, str] | None = None) -> Attributor:
    portal = REGISTER.get(slug)
    return Attributor(portal, portal.tenant if tenant is None else tenant, REGISTER.governments)


@pytest.mark.parametrize(
    ("slug", "office", "owner"),
    [
        ("guizhou", "贵阳市教育局", "520100"),
        ("guizhou", "贵阳市云岩区人民政府", "520100"),
        ("guizhou", "贵州省 贵阳市-公安局", "520100"),
        ("guizhou", "　【贵阳市】公安局", "520100"),
        ("guizhou", "国家税务总局贵阳市税务局", "520100"),
        ("guizhou", "国家税务总局贵州省贵阳市税务局", "520100"),
        ("guizhou", "黔南州卫健委", "522700"),
        ("guizhou", "黔南布依族苗族自治州人民政府", "522700"),
        ("guizhou", "贵阳教育局", "520100"),
        ("neimenggu", "兴安盟教育局", "152200"),
        ("jilin", "吉林市统计局", "220200"),
        ("jilin", "吉林省吉林市统计局", "220200"),
    ],
)
def test_an_office_that_names_a_city_is_the_citys(slug: str, office: str, owner: str) -> None:
    found = attributor(slug).of(office)
    assert (found.owner, found.rule) == (owner, OwnerRule.OFFICE)
    assert attributor(slug).of([office, office]) == found


@pytest.mark.parametrize(
    ("slug", "office"),
    [
        ("guizhou", "省财政厅"),
        ("guizhou", "贵州省教育厅"),
        ("guizhou", "市教育局"),
        ("guizhou", "仁怀市教育局"),
        ("guizhou", "长沙市教育局"),
        ("guizhou", "贵阳银行"),
        ("guizhou", "贵阳局"),
        ("guizhou", ["贵阳市教育局", "遵义市教育局"]),
        ("guizhou", ["贵阳市教育局", "省教育厅"]),
        ("guizhou", []),
        ("guizhou", None),
        ("guizhou", 7),
        ("liaoning", "鞍山钢铁集团有限公司"),
        ("jilin", "吉林教育局"),
        ("jilin", "吉林省统计局"),
        ("jinan", "青岛市教育局"),
        ("beijing", "北京市教育委员会"),
    ],
)
def test_what_names_no_single_city_of_the_province_stays(slug: str, office: object) -> None:
    found = attributor(slug).of(office)
    assert (found.owner, found.rule) == ("", OwnerRule.PORTAL)


@pytest.mark.parametrize("tenant", [{"divisionId": "520300"}, {"cityCode": "520300000000"}, {"xzqh": "5203"}])
def test_the_code_of_a_tenant_decides_before_any_office(tenant: Mapping[str, str]) -> None:
    found = attributor("guizhou", tenant).of("贵阳市教育局")
    assert (found.owner, found.rule) == ("520300", OwnerRule.TENANT)


@pytest.mark.parametrize("tenant", [{"officecCode": "28"}, {"codeId": "5203ff"}, {"divisionId": "440100"}])
def test_a_tenant_whose_code_names_nobody_in_the_province_is_its_rows(tenant: Mapping[str, str]) -> None:
    found = attributor("guiyang", tenant).of("遵义市教育局")
    assert (found.owner, found.rule) == ("", OwnerRule.TENANT)


def test_the_division_code_of_every_row_is_that_of_its_government() -> None:
    others = {
        portal.slug: owner
        for portal in REGISTER.portals.values()
        if portal.government and (owner := Attributor(portal, portal.tenant, REGISTER.governments).of("").owner)
    }
    assert others == {}


def test_no_name_of_a_city_is_that_of_two() -> None:
    """So that no city of any province is left out for its namesake."""
    provinces = [portal for portal in REGISTER.portals.values() if (portal.government or "").endswith("0000")]
    found = {}
    for portal in provinces:
        reader = Attributor(portal, {}, REGISTER.governments)
        for one in REGISTER.governments.values():
            if one.province == portal.province and one.adcode != portal.government:
                found[one.name_zh] = reader.of(f"{one.name_zh}统计局").owner == one.adcode
    assert found
    assert all(found.values())


def test_a_portal_outside_the_register_owns_all_it_lists() -> None:
    assert Attributor().of("贵阳市教育局").owner == ""
    assert attributor("guianxinqu").of("贵阳市教育局").owner == ""


def test_where_a_city_is_told() -> None:
    province, city = REGISTER.get("guizhou"), REGISTER.get("guiyang")
    assert province.relists
    assert (REGISTER.told(province, ""), REGISTER.told(province, "520000")) == (Told.HERE, Told.HERE)
    assert REGISTER.told(province, "520100") is Told.ELSEWHERE
    assert REGISTER.told(city, "520100") is Told.HERE


def test_the_register_says_by_the_status_which_way_a_city_is_read(some_register: Register) -> None:
    province = some_register.get("guizhou")
    assert some_register.told(province, "520100") is Told.APART
    assert some_register.told(province, "520300") is Told.ELSEWHERE
    assert some_register.read_above("520100") is province
    assert (some_register.place("520100"), some_register.place("520300")) == ("guiyang", "zunyi")
    assert some_register.place("540200") == "540200"


@pytest.fixture
def some_register() -> Register:
    """The register as it is where Guiyang's own portal is not read."""
    closed = replace(REGISTER.get("guiyang"), status=PortalStatus.PLANNED)
    return Register(REGISTER.governments, {**REGISTER.portals, "guiyang": closed})


def test_a_province_that_is_not_said_to_relist_keeps_what_a_read_city_owns() -> None:
    portals = [one for one in REGISTER.portals.values() if (one.government or "").endswith("0000") and one.crawlable]
    plain = next(one for one in portals if not one.relists and _read_city(one.government or ""))
    assert REGISTER.told(plain, _read_city(plain.government or "")) is Told.HERE


def _read_city(province: str) -> str:
    read = (one.government or "" for one in REGISTER.crawlable())
    return next((code for code in read if code[:2] == province[:2] and code != province), "")
