"""The packaged portals.csv: what it promises, row by row."""

import csv
import re
from collections import Counter
from pathlib import Path

from opendata_spiders.register import Attested, NationalScope, Register, packaged, why_not
from opendata_spiders.register.load import PACKAGED
from opendata_spiders.register.report import markdown

ROOT = Path(__file__).parents[2]
IDS = Path(__file__).with_name("ids.txt")


def test_an_id_never_changes_its_portal(shipped: Register) -> None:
    """A new portal adds a line to ids.txt; no line ever changes except for a slug that was renamed on purpose."""
    frozen = [line.split() for line in IDS.read_text("utf-8").splitlines()]
    assert [[portal.id, portal.slug] for portal in shipped.portals.values()] == frozen


def test_every_row_is_read_once(shipped: Register) -> None:
    with (PACKAGED / "portals.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [portal.slug for portal in shipped.portals.values()] == [row["slug"] for row in rows]
    assert shipped.families() == {row["family"] for row in rows}


def test_every_row_is_tied_to_its_government_or_outside(shipped: Register) -> None:
    outside = {portal.slug for portal in shipped.portals.values() if portal.government is None}
    assert outside >= {"pingtan", "guianxinqu", "hongkong", "macau", "taiwan"}
    for portal in shipped.portals.values():
        if portal.government is None:
            assert (portal.scope, portal.province) == (NationalScope.OUTSIDE_364, "")
        else:
            home = shipped.governments[portal.government]
            assert portal.id.partition(".")[0] == home.adcode
            assert (portal.scope, portal.province) == (NationalScope.NATIONAL, home.province)
            assert (portal.short_zh, portal.short_en) == (home.short_zh, home.name_en)


def test_only_families_with_a_spider_are_active(shipped: Register) -> None:
    modules = {path.stem for path in (ROOT / "opendata_spiders" / "families").glob("*.py")}
    assert {portal.family for portal in shipped.crawlable()} <= modules
    waiting = [one for one in shipped.portals.values() if one.family in modules and not one.crawlable]
    assert all("spider" not in one.why for one in waiting), "a family that is written is no reason to wait"


def test_what_is_not_read_says_why_in_a_sentence(shipped: Register) -> None:
    for portal in shipped.portals.values():
        if portal.crawlable:
            assert why_not(portal) == ""
        else:
            assert re.fullmatch(r"[A-Z].{20,}\.", portal.why)
            assert why_not(portal).endswith(portal.why)
            assert portal.slug in why_not(portal)


def test_unknown_software_says_that_nobody_saw_its_interface(shipped: Register) -> None:
    unknown = [p for p in shipped.portals.values() if p.family in {"unverified", "spa_unknown", "single_unknown"}]
    assert unknown
    assert all("never seen" in p.why and p.attested is Attested.UNVERIFIED for p in unknown)


def test_what_nobody_saw_read_through_its_page_says_so(shipped: Register) -> None:
    rendered = [p for p in shipped.portals.values() if p.family == "rendered" and not p.crawlable]
    assert rendered
    assert all(p.why.startswith("Nobody has seen it read") and p.attested is Attested.UNVERIFIED for p in rendered)


def test_what_claims_to_have_been_read_live_says_on_which_day(shipped: Register) -> None:
    live = [one for one in shipped.portals.values() if one.attested in {Attested.READ_ONCE, Attested.COMPLETE_LIVE}]
    assert [portal.slug for portal in live if len(portal.verified_on) != len("2026-11-20")] == []


def test_no_family_is_named_like_a_portal(shipped: Register) -> None:
    assert shipped.families().isdisjoint(shipped.portals)


def test_tenants_of_one_host_are_told_apart(shipped: Register) -> None:
    addresses = Counter(
        (portal.base_url, portal.context_path, tuple(sorted(portal.tenant.items())))
        for portal in shipped.portals.values()
    )
    assert [address for address, count in addresses.items() if count > 1] == []


def test_a_tenant_names_its_own_government(shipped: Register) -> None:
    for portal in shipped.portals.values():
        codes = [portal.tenant[key] for key in ("divisionId", "cityCode", "filterParamCode") if key in portal.tenant]
        assert all(code.startswith(portal.id[:4]) for code in codes)


def test_portals_that_fail_together_share_a_group(shipped: Register) -> None:
    groups = Counter(portal.host_group for portal in shipped.portals.values())
    assert groups["data.guizhou.gov.cn"] == 11
    assert groups["data.gxzf.gov.cn"] == 14
    assert groups["data.sd.gov.cn"] == 9
    assert groups["opendata.nx.gov.cn"] == 3
    for portal in shipped.portals.values():
        host = portal.base_url.partition("//")[2]
        assert host == portal.host_group or host.endswith(("." + portal.host_group, ".sd.gov.cn"))


def test_only_whole_province_portals_relist(shipped: Register) -> None:
    relisting = {portal.slug for portal in shipped.portals.values() if portal.relists}
    assert relisting == {"anhui", "fujian", "guangdong", "guizhou", "ningxia", "shandong"}


def test_time_zone_and_language_follow_the_place(shipped: Register) -> None:
    others = {slug: (p.timezone.key, p.language) for slug, p in shipped.portals.items() if p.language != "zh"}
    assert others == {
        "hongkong": ("Asia/Hong_Kong", "zh-Hant"),
        "macau": ("Asia/Macau", "zh-Hant"),
        "taiwan": ("Asia/Taipei", "zh-Hant"),
    }
    assert {p.timezone.key for p in shipped.portals.values() if p.language == "zh"} == {"Asia/Shanghai"}


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "portals.md").read_text("utf-8")
    assert page == markdown(packaged()), "run: python -m opendata_spiders.register --markdown"


def test_the_page_lists_every_portal(shipped: Register) -> None:
    slugs = re.findall(r"^\| `([a-z0-9_]+)` \|", markdown(shipped), re.MULTILINE)
    assert sorted(slugs) == sorted(shipped.portals)
