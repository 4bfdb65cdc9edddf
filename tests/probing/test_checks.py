"""`scrapy checkall`: this project has no fault, and each kind of fault is found."""

import csv
import shutil
from pathlib import Path

import pytest
from scrapy.settings import Settings

from opendata_spiders.declared import Call, Slot, Tenant
from opendata_spiders.families.gddata import GddataSpider
from opendata_spiders.loader import RegisterSpiderLoader
from opendata_spiders.probing.checks import inconsistencies
from opendata_spiders.register.load import PACKAGED
from tests.replica import PortalSpec, World

ROOT = Path(__file__).parents[2]


@pytest.fixture
def world() -> World:
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)], seed=1)


@pytest.fixture
def laid(tmp_path, monkeypatch):
    """Lay rows over the packaged register, by slug; the inconsistencies that are found then."""

    def run(rows: dict[str, dict[str, str]]) -> dict[str, list[str]]:
        with (PACKAGED / "portals.csv").open(encoding="utf-8-sig", newline="") as stream:
            found = [{**row, **rows[row["slug"]]} for row in csv.DictReader(stream) if row["slug"] in rows]
        with (tmp_path / "portals.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, found[0])
            writer.writeheader()
            writer.writerows(found)
        monkeypatch.setenv("REGISTER_DIR", str(tmp_path))
        return told(RegisterSpiderLoader(Settings()), ROOT)

    return run


def told(loader: RegisterSpiderLoader, root: Path) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for fault in inconsistencies(loader, root):
        said.setdefault(fault.where, []).append(fault.said)
    return said


def test_this_project_is_in_step(desk):
    done = desk.command("scrapy", "checkall")
    assert (done.stdout, done.returncode) == ("", 0), done.stdout


def test_tenants_that_are_missing_or_misspelled_are_found(laid):
    said = laid({"shaoguan": {"tenant": ""}, "zunyi": {"tenant": "divisionId=520300&divisonId=1"}})
    assert said.keys() == {"shaoguan", "zunyi"}
    assert "asks exactly what guangdong asks" in said["shaoguan"][0]
    assert "'divisonId'" in said["zunyi"][0]


def test_a_first_call_that_cannot_be_made_or_leaves_the_host_is_found(laid, monkeypatch):
    monkeypatch.setattr(GddataSpider, "list_call", Call("{nowhere}/list", query={"city": Tenant("officecCode")}))
    said = laid({"zunyi": {}})
    assert all("its first call cannot be made (KeyError" in one for one in said["shaoguan"])
    monkeypatch.setattr(
        GddataSpider, "list_call", Call(".evil.example/list", query={"c": Tenant("officecCode"), "p": Slot.PAGE})
    )
    assert "outside its host group" in laid({"zunyi": {}})["shaoguan"][0]


def test_golden_pages_and_documents_that_are_missing_are_found(tmp_path):
    for name in ("docs/portals.md", "README.zh.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    text = (ROOT / "README.md").read_text("utf-8")
    (tmp_path / "README.md").write_text(text.replace(" portals, ", "9 portals, "), "utf-8")
    fixtures = tmp_path / "tests" / "fixtures"
    shutil.copytree(ROOT / "tests" / "fixtures", fixtures)
    shutil.rmtree(fixtures / "gddata")
    for case in (fixtures / "zj_jdop").glob("detail_*"):
        shutil.rmtree(case)
    (fixtures / "jx_opendata" / "list_plain" / "expected.json").unlink()
    (tmp_path / "docs" / "portals.md").write_text("# Portals\n", "utf-8")
    said = told(RegisterSpiderLoader(Settings()), tmp_path)
    assert said.keys() == {"gddata", "zj_jdop", "jx_opendata", "docs/portals.md", "README.md"}
    assert len(said["gddata"]) == 2
    assert said["jx_opendata"] == ["the golden page list_plain has no expected: docs/adding-a-portal.md, 5"]
    assert said["zj_jdop"] == ["no golden page of a detail: scrapy record, or write one in zj_jdop/"]


def test_marks_that_two_families_share_are_found(monkeypatch):
    loader = RegisterSpiderLoader(Settings())
    monkeypatch.setattr(
        loader.families["jx_opendata"], "home_marks", ("/aes.js", 'id="html_box" lang', "/static/css/chunk-libs")
    )
    assert told(loader, ROOT) == {
        "jx_opendata": ["its home_marks are those of gddata, too: add one that tells them apart"]
    }


def test_a_field_that_nobody_knows_is_found_with_the_one_that_was_meant(monkeypatch):
    loader = RegisterSpiderLoader(Settings())
    family = loader.families["jx_opendata"]
    monkeypatch.setattr(family, "list_fields", (*family.list_fields, "offise"))
    said = "'offise' is no field of opendata_spiders/store/fields.csv: did you mean 'office'?"
    assert told(loader, ROOT) == {"jx_opendata": [said]}


def test_what_a_declaration_misspells_is_found(monkeypatch):
    loader = RegisterSpiderLoader(Settings())
    monkeypatch.setattr(loader.families["gddata"], "firstpage", 0, raising=False)
    assert told(loader, ROOT) == {
        "gddata": ["'firstpage' is no attribute of a declared family: did you mean 'first_page'?"]
    }
