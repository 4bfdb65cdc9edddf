"""`scrapy probe`: the family, or «unknown» with what was seen; a handful of requests, robots.txt obeyed."""

import csv
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from opendata_spiders.declared import DeclaredFamily
from opendata_spiders.probing.homes import government_of, read_home
from opendata_spiders.register import packaged
from opendata_spiders.register.edit import header
from tests.families.goldens import FIXTURES, Case, loader
from tests.probing.serving import Served, serving
from tests.replica import PortalSpec, World

FAMILIES = loader().families
MARKED = sorted(name for name, one in FAMILIES.items() if issubclass(one, DeclaredFamily) and one.home_marks)
INSPUR = """<html lang="zh-CN" data-login-index><input id="loginroot_path" value="{context}" style="display:none;"/>
<title>清河市公共数据开放网</title><script>System.config({{baseURL: "{context}/202604091658"}})</script></html>"""
SPA = """<!DOCTYPE html><html lang="zh"><head><title>清河市公共数据开放平台</title><meta name="SiteName" content="清河\x1b[31m">
<link href=/css/app.41c8d26a.css rel=stylesheet></head><body><div id=app></div><script src=/js/app.5f1b2c3d.js></script></body></html>"""


@pytest.fixture
def world() -> World:
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)], seed=1)


@pytest.fixture
def probe(desk) -> Callable[..., tuple[int, dict[str, Any], list[str]]]:
    """Probe a server that answers with these bodies by path; the exit status, what is said, and what was asked."""

    def run(pages: Mapping[str, str | Served], *args: str):
        with serving(pages) as (url, asked):
            done = desk.command("scrapy", "probe", f"{url}/", "--json", *args)
        assert "Traceback" not in done.stderr, done.stderr
        said = json.loads(done.stdout)
        assert said["requests"] == len(asked)
        return done.returncode, said, asked

    return run


def home_of(family: str) -> str:
    """A home page of that software, as far as its family declares it."""
    return f"<html><title>清河市</title>{' '.join(FAMILIES[family].home_marks)}</html>"


def golden(family: str) -> Case:
    return Case(FIXTURES / family / "list_plain")


def list_of(family: str, url: str = "http://127.0.0.1") -> dict[str, Served]:
    """The golden list of a family, where it is asked for."""
    spider = FAMILIES[family](slug="probe", base_url=url)
    path = spider.list_request(spider.first_page).url.removeprefix(url).partition("?")[0]
    return {path: Served(golden(family).body, golden(family).response.headers["Content-Type"].decode())}


@pytest.mark.parametrize("family", MARKED)
def test_a_home_page_with_all_marks_of_a_family_is_of_that_family_alone(answer, family: str):
    assert read_home(answer(home_of(family)), FAMILIES).families == (family,)


@pytest.mark.parametrize("family", ["gddata", "shenzhen_dataset", "inspur_odweb"])
def test_a_portal_is_recognised_by_its_home_page_and_its_list(probe, family: str):
    status, said, asked = probe({"/": home_of(family), **list_of(family)})
    assert (status, said["family"], said["confirmed"]) == (0, family, True)
    assert len(asked) == 3, "robots.txt, the home page, one page of the list"
    (row,) = csv.DictReader([said["columns"], said["row"]])
    assert list(row) == header()
    assert (row["family"], row["status"], row["attested"]) == (family, "active", "unverified guess")


def test_context_path_version_and_government_are_read_from_the_home_page(probe):
    page = INSPUR.format(context="/wf").replace("清河市", "潍坊市")
    status, said, asked = probe({"/": page})
    assert (status, said["family"], said["confirmed"]) == (0, "inspur_oportal", False)
    assert (said["version"], said["context_path"]) == ("202604091658", "/wf")
    (row,) = csv.DictReader([said["columns"], said["row"]])
    assert (row["government"], row["context_path"], row["status"]) == ("370700", "/wf", "planned")
    assert len(row["why"]) > 20
    assert [one for one in asked if "/catalog/" in one] == ["GET /wf/catalog/index?page=1", "GET /wf/catalog/?page=1"]
    assert len(asked) <= 5


def test_software_that_no_family_declares_is_unknown_and_told(probe):
    status, said, asked = probe({"/": SPA})
    assert (status, said["family"], "row" in said) == (5, "", False)
    assert {"loads: /js/app.js", "loads: /css/app.css", "title: 清河市公共数据开放平台", "ids: app"} <= set(
        said["seen"]
    )
    assert all(one.isprintable() for one in said["seen"])
    assert len(asked) == 2


def test_a_list_in_another_shape_contradicts_the_home_page(probe):
    other = dict.fromkeys(list_of("gddata"), next(iter(list_of("jx_opendata").values())))
    status, said, _ = probe({"/": home_of("gddata"), **other})
    assert (status, said["family"], said["home_fits"]) == (5, "", ["gddata"])
    assert "looks like gddata" in said["said"]


def test_two_families_that_both_fit_are_told_apart_by_the_list(probe):
    both = home_of("gddata") + home_of("shenzhen_dataset")
    assert probe({"/": both, **list_of("shenzhen_dataset")})[1]["family"] == "shenzhen_dataset"
    status, said, asked = probe({"/": both})
    assert (status, said["family"]) == (5, "")
    assert len(asked) == 4


def test_a_family_that_is_suspected_is_asked_for(probe):
    assert probe({"/": SPA, **list_of("zj_jdop")}, "--family", "zj_jdop")[1]["family"] == "zj_jdop"
    assert probe({"/": SPA}, "--family", "zj_jdop")[1]["family"] == ""


def test_one_tenant_of_a_host_is_asked_for_and_its_row_names_it(probe):
    family, tenant = "fujian_openportal", "currentTab=city&cityCode=350100000000"
    status, said, asked = probe({"/": home_of(family), **list_of(family)}, "--tenant", tenant)
    assert (status, said["family"], said["confirmed"]) == (0, family, True)
    assert "cityCode=350100000000" in asked[-1]
    (row,) = csv.DictReader([said["columns"], said["row"]])
    assert row["tenant"] == tenant
    assert f"--tenant '{tenant}'" in said["command"]


def test_a_tenant_that_the_register_lacks_is_offered_beside_those_of_its_host(desk):
    with serving({"/": SPA, **list_of("guizhou_api")}) as (url, _):
        desk.stand_at({"guiyang": url})
        asked = ("scrapy", "probe", url, "--family", "guizhou_api", "--json", "--tenant")
        known, new = (json.loads(desk.command(*asked, f"divisionId={code}").stdout) for code in ("520100", "529900"))
    assert (known["in_register"], "row" in known) == (["guiyang"], False)
    assert (new["in_register"], "row" in new) == ([], True)


@pytest.mark.parametrize(
    ("served", "status", "word"),
    [
        ({"/": Served(b"", status=412)}, 4, "412"),
        ({"/robots.txt": "User-agent: *\nDisallow: /", "/": SPA}, 4, "robots.txt"),
        ({"/": Served(b"", status=302, location="http://data.elsewhere.example/")}, 5, "elsewhere.example"),
        ({"/": Served(b"", status=503)}, 7, "503"),
    ],
)
def test_a_home_page_that_cannot_be_read_is_told_as_such(probe, served, status: int, word: str):
    ended, said, asked = probe(served)
    assert (ended, said["family"], word in said["said"]) == (status, "", True)
    assert len(asked) <= 2


def test_a_portal_that_the_register_knows_is_not_offered_again(desk):
    desk.stand_at({"guiyang": desk.replica.url("guiyang")})
    done = desk.command("scrapy", "probe", desk.replica.url("guiyang"), "--family", "guizhou_api")
    assert done.returncode == 0, done.stdout
    assert "in the register as guiyang" in done.stdout
    assert "row for" not in done.stdout


@pytest.mark.parametrize(
    ("title", "host", "adcode"),
    [
        ("潍坊市公共数据开放平台", "http://10.example", "370700"),
        ("公共数据开放平台", "http://data.weifang.gov.cn", "370700"),
        ("清河公共数据开放平台", "http://data.qinghe.example", ""),
        ("苏州 泰安", "http://data.x.example", ""),
    ],
)
def test_the_government_is_named_by_title_or_host_or_not_at_all(answer, title: str, host: str, adcode: str):
    home = read_home(answer(f"<title>{title}</title>", url=host), FAMILIES)
    found = government_of(packaged(), home)
    assert (found.adcode if found else "") == adcode


def test_wrong_words_are_refused(desk):
    assert desk.command("scrapy", "probe", "nowhere").returncode == 2
    assert desk.command("scrapy", "probe", "http://127.0.0.1:1", "--family", "nobody_s").returncode == 2
    assert desk.command("scrapy", "probe", "http://127.0.0.1:1", "--tenant", "city").returncode == 2
