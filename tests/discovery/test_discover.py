"""`scrapy discover`: what is asked, what is proposed, and that it goes on where it stopped; every host is on loopback."""

import json
from pathlib import Path

import pytest

from opendata_spiders.discovery.candidates import candidates, host_patterns, known_addresses
from opendata_spiders.discovery.progress import read_progress
from opendata_spiders.register import packaged
from opendata_spiders.register.edit import government_called
from opendata_spiders.register.load import PACKAGED
from tests.discovery.hosts import standing_for
from tests.families.goldens import FIXTURES, Case, loader
from tests.probing.serving import Served, serving
from tests.replica import PortalSpec, World

REGISTER = packaged()
FAMILIES = loader().families
KNOWN, PATTERNS = known_addresses(REGISTER), host_patterns(REGISTER)
NAMES = ("唐山", "佳木斯", "十堰", "邯郸", "沧州")
GOVERNMENTS = {name: government_called(REGISTER, name) for name in NAMES}
HOSTS = [one.host for government in GOVERNMENTS.values() for one in candidates(REGISTER, government, KNOWN, PATTERNS)]
FORBIDS = "User-agent: *\nDisallow: /\n"
NOTICE = (
    '<html><head><meta http-equiv="refresh" content="30; url=http://kf.jiamusi.example.cn/"></head>本站已迁移</html>'
)


@pytest.fixture
def world() -> World:
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)], seed=1)


def home_of(family: str, title: str) -> str:
    return f"<html><title>{title}</title>{' '.join(FAMILIES[family].home_marks)}</html>"


def list_of(family: str, host: str, **given: str) -> dict[str, Served]:
    """The golden list of a family, where it is asked for."""
    golden = Case(FIXTURES / family / "list_plain")
    spider = FAMILIES[family](slug="probe", base_url=f"http://{host}", **given)
    path = spider.list_request(spider.first_page).url.removeprefix(f"http://{host}").partition("?")[0]
    return {path: Served(golden.body, golden.response.headers["Content-Type"].decode())}


PAGES = {
    "data.tangshan.gov.cn": {
        "/": home_of("gddata", "唐山市公共数据开放平台"),
        **list_of("gddata", "data.tangshan.gov.cn"),
    },
    "data.jms.gov.cn": {"/": NOTICE},
    "kf.jiamusi.example.cn": {"/": home_of("gddata", "数据开放")},
    "opendata.shiyan.gov.cn": {"/robots.txt": FORBIDS, "/": home_of("gddata", "十堰市")},
    "data.shiyan.gov.cn": {
        "/": "<html><title>\x1b[31m开放</title></html>",
        **list_of("inspur_oportal", "data.shiyan.gov.cn", context_path="/oportal"),
    },
    "data.hd.gov.cn": {"/": Served(b"", status=302, location="http://sjkf.handan.example.cn/kf")},
    "sjkf.handan.example.cn": {"/kf": "<html><title>邯郸市数据开放</title></html>"},
    "data.handan.gov.cn": {"/": home_of("gddata", "邢台市公共数据开放平台"), **list_of("gddata", "data.handan.gov.cn")},
}


def test_what_is_found_is_proposed_and_nothing_is_asked_twice(desk, tmp_path: Path):
    register, progress = (PACKAGED / "portals.csv").read_bytes(), tmp_path / "progress.jsonl"

    def discover(*args: str):
        given = ("--progress", str(progress), "-s", f"PROXIES={proxies}", "-s", "DOWNLOAD_DELAY=0")
        return desk.command("scrapy", "discover", *args, *given)

    with standing_for(PAGES, HOSTS) as (proxies, asked):
        done = discover(*NAMES, "--json")
        before = len(asked)
        again = discover(*NAMES)
    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    said = json.loads(done.stdout)
    assert (said["requests"], said["left"]) == (before, 0)
    assert len(asked) == before, "the second call reads the file of the first"
    found = {one["name"]: one["looks"] for one in said["searched"]}

    (tangshan,) = found["唐山市"]
    assert (tangshan["standing"], tangshan["family"], tangshan["confirmed"]) == ("reads", "gddata", True)
    assert tangshan["command"] == "scrapy genspider -t gddata tangshan http://data.tangshan.gov.cn --government 130200"
    assert tangshan["command"] in again.stdout.replace("\n", " ")

    moved, target = found["佳木斯市"]
    assert (moved["standing"], moved["leads_to"]) == ("moved", "http://kf.jiamusi.example.cn/")
    assert target["why"] == "http://data.jms.gov.cn sends its readers there"
    assert (target["family"], target["confirmed"]) == ("gddata", False)

    walled, suspected = found["十堰市"]
    assert (walled["standing"], walled["command"]) == ("walled", "")
    assert "robots.txt" in walled["said"]
    assert [one for one in asked if one.startswith("opendata.shiyan")] == ["opendata.shiyan.gov.cn/robots.txt"]
    assert suspected["family"] == "inspur_oportal"
    assert suspected["command"].endswith("http://data.shiyan.gov.cn --context-path /oportal --government 420300")
    assert "\x1b" not in done.stdout + again.stdout + progress.read_text("utf-8")

    other = next(look for look in found["邯郸市"] if look["address"] == "http://data.handan.gov.cn")
    assert other["command"] == ""
    assert "邢台市" in other["said"]
    moved, target = found["邯郸市"][1:3]
    assert (moved["standing"], moved["leads_to"]) == ("moved", "http://sjkf.handan.example.cn/kf")
    assert (target["standing"], target["command"]) == ("drifted", "")
    assert "邯郸市数据开放" in target["said"]
    assert {look["standing"] for look in found["沧州市"]} == {"dead"}
    assert max(one["requests"] for one in said["searched"]) <= 12
    assert (PACKAGED / "portals.csv").read_bytes() == register

    with progress.open("a", encoding="utf-8") as out:
        out.write('{"adcode": "13')
    assert {one.name for one in read_progress(progress)} == found.keys()


@pytest.mark.slow
def test_a_search_stops_at_its_budget_and_the_next_one_goes_on(desk, tmp_path: Path):
    own = tmp_path / "own.csv"
    with serving({"/": home_of("gddata", "数据开放"), **list_of("gddata", "127.0.0.1")}) as (url, asked):
        own.write_text(
            f"adcode,address,note,source\n130200,{url},,mine\n130400,{url.replace('127.0.0.1', 'localhost')},,mine\n"
        )
        nowhere = json.dumps(dict.fromkeys(HOSTS, "http://127.0.0.1:9"))  # a guess would lead to no real host
        words = ("唐山", "邯郸", "--addresses", str(own), "--budget", "1", "--hosts", "1", "-s", f"PROXIES={nowhere}")
        first = desk.command("scrapy", "discover", *words)
        second = desk.command("scrapy", "discover", *words)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "the budget is spent: 1 governments are left" in first.stdout
    assert "1 governments searched now with 3 requests, 2 in all" in second.stdout
    assert asked.count("GET /robots.txt") == 2
    planned = desk.command("scrapy", "discover", "--dry-run", *words)
    assert "0 addresses of 0 governments" in planned.stdout
    assert "2 governments were searched before (--again searches them anew)" in planned.stdout


def test_a_dry_run_says_what_would_be_asked(desk):
    done = desk.command("scrapy", "discover", "--dry-run", "--json")
    planned = json.loads(done.stdout)
    without = [adcode for adcode in REGISTER.governments if not REGISTER.portals_of(adcode)]
    assert [one["adcode"] for one in planned] == [one for one in without if one not in REGISTER.no_portal]
    assert not (desk.tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["没有市"], "is none of the 364 governments"),
        (["--addresses", "/nowhere.csv"], "/nowhere.csv"),
        (["--hosts", "0"], "no whole number"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(desk, words, said):
    done = desk.command("scrapy", "discover", *words)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_where_no_host_answers_our_own_connection_is_suspected(desk, tmp_path: Path):
    names = ("唐山", "邯郸", "沧州", "保定", "邢台", "廊坊", "临汾")
    governments = [government_called(REGISTER, name) for name in names]
    hosts = [one.host for each in governments for one in candidates(REGISTER, each, KNOWN, PATTERNS)]
    with standing_for({}, hosts) as (proxies, _):
        done = desk.command("scrapy", "discover", *names, "-s", f"PROXIES={proxies}", "-s", "DOWNLOAD_DELAY=0")
    assert (done.returncode, "check our own connection" in done.stdout) == (8, True)
