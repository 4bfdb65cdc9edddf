"""A user's own rows over the packaged ones."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from opendata_spiders.register import Attested, NoPortal, PortalStatus, Register, RegisterError, load, packaged, why_not


def test_a_new_portal_is_added_and_the_packaged_ones_stay(overlay: Any, shipped: Register) -> None:
    overlay.portals({})
    register = overlay.load()
    assert list(register.portals) == [*shipped.portals, "guiyang_new"]
    added = register.get("guiyang_new")
    assert (added.short_zh, added.short_en, added.province) == ("贵阳", "Guiyang", "贵州省")
    assert added.host_group == "data.guizhou.gov.cn"
    assert added.tenant == {"divisionId": "520100"}
    assert register.portals_of("520100") == [register.get("guiyang"), added]


def test_a_known_id_is_replaced_in_its_place(overlay: Any, shipped: Register) -> None:
    change = {"slug": "gui_yang", "status": "active", "why": "", "attested": "complete live on 2026-11-23"}
    overlay.portals({"id": "520100.1", "charset": "GBK", **change})
    register = overlay.load()
    place = list(shipped.portals).index("guiyang")
    assert list(register.portals)[place] == "gui_yang"
    portal = register.by_id("520100.1")
    assert (portal.status, portal.charset) == (PortalStatus.ACTIVE, "gbk")
    assert (portal.attested, portal.attested_on) == (Attested.COMPLETE_LIVE, date(2026, 11, 23))
    with pytest.raises(RegisterError, match="did you mean gui_yang"):
        register.get("guiyang")


def test_who_has_no_portal_is_known_with_day_and_source(overlay: Any, shipped: Register) -> None:
    overlay.no_portal({})
    assert {**overlay.load().no_portal} == {
        **shipped.no_portal,
        "632700": NoPortal("632700", date(2026, 9, 1), "https://study.example/2026"),
    }


def test_a_planned_portal_is_known_but_not_crawled(overlay: Any) -> None:
    overlay.portals({"why": "Its operator asked us to wait."})
    register = overlay.load()
    portal = register.get("guiyang_new")
    assert portal not in register.crawlable()
    assert register.select("guiyang_new") == [portal]
    assert why_not(portal) == (
        "guiyang_new (Guiyang) is planned in the register and is not crawled: Its operator asked us to wait."
    )


def test_a_foreign_portal_needs_no_government(overlay: Any) -> None:
    abroad = {"id": "SG.1", "slug": "singapore", "government": "", "scope": "outside_364", "tenant": ""}
    overlay.portals({**abroad, "language": "en", "timezone": "Asia/Singapore", "name_en": "Singapore"})
    portal = overlay.load().get("singapore")
    assert (portal.government, portal.province, portal.short_en) == (None, "", "Singapore")
    assert portal.timezone.key == "Asia/Singapore"


def test_columns_with_a_default_may_be_left_out(overlay: Any) -> None:
    file = overlay.root / "portals.csv"
    file.write_text(
        "id,slug,name_zh,name_en,government,scope,family,base_url,context_path,tenant,language,timezone,status,attested,why\n"
        "520100.2,mine,我的,Mine,520100,national,guizhou_api,http://127.0.0.1:8080,,,zh,Asia/Shanghai,active,read live once,\n",
        "utf-8",
    )
    portal = overlay.load().get("mine")
    assert (portal.host_group, portal.relists, portal.approx_datasets) == ("127.0.0.1:8080", False, None)
    assert (portal.charset, portal.note) == (None, "")


def test_a_new_government_can_have_a_portal(overlay: Any) -> None:
    overlay.governments({})
    overlay.portals({"id": "529800.1", "government": "529800"})
    register = overlay.load()
    assert len(register.governments) == 365
    assert register.get("guiyang_new").short_zh == "新设"


def test_a_government_is_renamed_for_its_packaged_portals_too(overlay: Any) -> None:
    overlay.governments({"adcode": "520100", "name_zh": "贵阳市", "name_en": "Kweiyang", "short_zh": "贵阳"})
    assert overlay.load().get("guiyang").short_en == "Kweiyang"


def test_an_empty_folder_changes_nothing(overlay: Any, shipped: Register) -> None:
    assert overlay.load().portals == shipped.portals


def test_the_environment_names_the_folder(overlay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    overlay.portals({})
    monkeypatch.setenv("REGISTER_DIR", str(overlay.root))
    assert "guiyang_new" in load().portals
    assert "guiyang_new" not in packaged().portals


def test_so_does_the_env_file(overlay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    overlay.portals({})
    monkeypatch.delenv("REGISTER_DIR", raising=False)
    monkeypatch.chdir(overlay.root)
    Path(".env").write_text(f"REGISTER_DIR={overlay.root}\n", "utf-8")
    assert "guiyang_new" in load().portals


def test_the_argument_wins_over_the_environment(overlay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    overlay.portals({})
    monkeypatch.setenv("REGISTER_DIR", str(overlay.root / "typo"))
    assert "guiyang_new" in overlay.load().portals
    with pytest.raises(RegisterError, match="typo: there is no such folder"):
        load()
