"""`scrapy genspider` with this project's templates: what it writes runs, unchanged, in a copy of the project."""

import csv
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HTML = (ROOT / "templates" / "golden" / "list_plain" / "body.html.tmpl").read_text("utf-8")
ROWS = [
    {"id": 7, "title": "清河市小学名录", "office": "清河市教育局", "updateTime": "2026-03-07"},
    {"id": "3066/025", "title": "清河市林地信息", "office": None},
]


class Portal(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kind, body = {
            "/": ("text/html", b"<title>home</title>"),
            "/list": ("application/json", json.dumps({"total": 2, "rows": ROWS}).encode()),
            "/pages/list": ("text/html", HTML.encode()),
        }.get(self.path.partition("?")[0], ("text/html", b""))
        self.send_response(200 if body and "page=2" not in self.path else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def project(tmp_path) -> Path:
    for name in ("opendata_spiders", "templates", "tests/families", "tests/register"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "docs").mkdir()
    (tmp_path / "tests" / "fixtures").mkdir()
    for name in ("scrapy.cfg", "pyproject.toml", "docs/portals.md", "README.md", "README.zh.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    # The tests add portals of Nanchang, which may have one of its own by now.
    table = tmp_path / "opendata_spiders" / "register" / "portals.csv"
    rows = table.read_text("utf-8").splitlines(keepends=True)
    table.write_text("".join(row for row in rows if ",360100," not in row), "utf-8", newline="")
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key not in ("SCRAPY_SETTINGS_MODULE", "PYTHONPATH")}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=170, check=False)


def generate(project: Path, template: str, name: str, url: str, *options: str) -> str:
    done = run(project, "scrapy", "genspider", "-t", template, *options, name, url)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_clean(project: Path, written: str) -> None:
    lint = run(project, "ruff", "check", "--no-cache", f"opendata_spiders/{written}")
    assert lint.returncode == 0, lint.stdout
    assert run(project, "ruff", "format", "--check", "--no-cache", f"opendata_spiders/{written}").returncode == 0


def row(project: Path, slug: str) -> dict[str, str]:
    with (project / "opendata_spiders" / "register" / "portals.csv").open(encoding="utf-8-sig", newline="") as stream:
        return next(one for one in csv.DictReader(stream) if one["slug"] == slug)


def checked(project: Path) -> list[str]:
    """What checkall finds beside the golden pages, which this copy of the project lacks."""
    return [line for line in run(project, "scrapy", "checkall").stdout.splitlines() if "golden page" not in line]


def other_lines(project: Path, slug: str) -> list[str]:
    text = (project / "opendata_spiders" / "register" / "portals.csv").read_text("utf-8")
    return [line for line in text.splitlines() if f",{slug}," not in line]


def items(project: Path) -> list[dict]:
    return [json.loads(line) for line in (project / "out.jsonl").read_text("utf-8").splitlines()]


def test_every_template_is_listed(project):
    listed = run(project, "scrapy", "genspider", "--list").stdout.split()
    assert {"basic", "family", "family_html", "override", "inspur_oportal"} <= set(listed)


def test_basic(project, portal):
    said = generate(project, "basic", "trial", portal, "-s", "NEWSPIDER_MODULE=opendata_spiders.spiders")
    assert f"scrapy genspider -t FAMILY trial {portal}" in said, "it is no portal, and one is not made this way"
    again = run(project, "scrapy", "genspider", "-t", "basic", "trial", portal)
    assert (again.returncode, "already exists" in again.stdout) == (1, True)
    unknown = run(project, "scrapy", "genspider", "-t", "nosuch", "other", portal)
    assert (unknown.returncode, "Unable to find template: nosuch" in unknown.stdout) == (1, True)
    assert_clean(project, "spiders/trial.py")
    done = run(project, "scrapy", "runspider", "opendata_spiders/spiders/trial.py", "-O", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert items(project) == [{"url": portal, "title": "home"}]


@pytest.mark.parametrize(("template", "path"), [("family", ""), ("family_html", "/pages")])
def test_a_new_family_runs_as_it_is_written_and_one_test_says_what_to_fill_in(project, portal, template, path):
    said = generate(project, template, "qinghe_api", portal, "--government", "菏泽")
    assert "tests/families -k qinghe_api" in said
    assert_clean(project, "families/qinghe_api.py")
    written = row(project, "heze_new")
    assert (written["id"], written["family"], written["status"], written["base_url"]) == (
        "371700.2",
        "qinghe_api",
        "planned",
        portal,
    )
    done = run(
        project, "scrapy", "crawl", "qinghe_api", "-a", "slug=qinghe", "-a", f"base_url={portal}",
        "-a", f"context_path={path}", "-s", "STORE_ENABLED=0", "-O", "out.jsonl",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    read = {item["id"]: item for item in items(project)}
    assert {id_: item["title"] for id_, item in read.items()} == {"7": "清河市小学名录", "3066/025": "清河市林地信息"}
    assert read["3066/025"]["page_url"] == f"{portal}{path}/detail/3066%2F025"
    tested = run(
        project, "pytest", "-q", "-p", "no:cacheprovider", "tests/families/test_goldens.py", "-k", "qinghe_api"
    )
    assert tested.stdout.count("\nFAILED ") == 1, tested.stdout
    assert "TO FILL IN" in tested.stdout
    assert checked(project) == []
    again = generate(project, template, "qinghe_api", portal, "--force")
    assert "stays as it is: heze_new" in again
    table = (project / "opendata_spiders" / "register" / "portals.csv").read_text("utf-8")
    assert table.count(",qinghe_api,") == 1


def test_a_city_of_a_known_family_is_one_row(project):
    before = other_lines(project, "nanchang")
    said = generate(project, "inspur_oportal", "nanchang", "data.nanchang.example", "--context-path", "/nc")
    assert "scrapy crawl nanchang" in said
    assert other_lines(project, "nanchang") == before, "every other line stays as it was"
    written = row(project, "nanchang")
    assert (written["id"], written["government"], written["family"]) == ("360100.1", "360100", "inspur_oportal")
    assert (written["base_url"], written["context_path"]) == ("https://data.nanchang.example", "/nc")
    assert (written["status"], written["attested"]) == ("active", "unverified guess")
    assert "360100.1 nanchang" in (project / "tests/register/ids.txt").read_text("utf-8").splitlines()
    assert "nanchang" in run(project, "scrapy", "list").stdout.split()
    assert checked(project) == [], "documents are written anew, too"


def test_a_county_is_a_row_outside_the_364(project):
    said = generate(
        project, "gddata", "kunshan", "https://data.kunshan.example", "--outside-364", "昆山市", "--old-tls"
    )
    assert "CN.1 kunshan (昆山市)" in said
    written = row(project, "kunshan")
    assert (written["government"], written["scope"], written["name_zh"]) == ("", "outside_364", "昆山市")
    assert written["old_tls"] == "yes"
    assert checked(project) == []
    assert "昆山市" in (project / "docs" / "portals.md").read_text("utf-8")


def test_a_portal_of_another_country_is_a_row_with_its_language_and_zone(project):
    said = generate(
        project, "ckan", "klarwasser", "https://daten.klarwasser.example", "--outside-364", "Stadt Klarwasser",
        "--country", "DE", "--language", "de", "--timezone", "Europe/Berlin",
    )  # fmt: skip
    assert "DE.1 klarwasser (Stadt Klarwasser)" in said
    written = row(project, "klarwasser")
    assert (written["language"], written["timezone"]) == ("de", "Europe/Berlin")
    assert (written["scope"], written["family"]) == ("outside_364", "ckan")


def test_a_row_of_one_s_own_goes_into_one_s_own_register(project, tmp_path_factory, monkeypatch):
    own = tmp_path_factory.mktemp("own")
    monkeypatch.setenv("REGISTER_DIR", str(own))
    before = (project / "opendata_spiders" / "register" / "portals.csv").read_bytes()
    generate(project, "gddata", "nanchang", "https://data.nanchang.example", "--tenant", "officecCode=99")
    assert (project / "opendata_spiders" / "register" / "portals.csv").read_bytes() == before
    with (own / "portals.csv").open(encoding="utf-8", newline="") as stream:
        assert [one["tenant"] for one in csv.DictReader(stream)] == ["officecCode=99"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-t", "gddata", "nowhere", "https://x.example"), "--outside-364 NAME"),
        (
            ("-t", "gddata", "x", "https://x.example", "--outside-364", "昆山", "--government", "潍坊"),
            "not allowed with",
        ),
        (("-t", "gddata", "jinan", "https://x.example"), "stands in the register already"),
        (("-t", "gddata", "nanchang", "ftp://x.example"), "is no address"),
        (("-t", "gddata", "nanchang", "https://x.example", "--tenant", "nonsense"), "selects no tenant"),
        (("-t", "ckan", "x", "https://x.example", "--outside-364", "X", "--country", "Germany"), "no portal id"),
        (("-t", "ckan", "x", "https://x.example", "--outside-364", "X", "--timezone", "Berlin"), "time zone"),
        (("-t", "family", "gddata", "https://x.example"), "exists already"),
        (("-t", "override", "sichuan", "https://x.example", "--old-tls"), "leave out --old-tls"),
        (("-t", "override", "nowhere", "https://x.example"), "no portal has the slug"),
    ],
)
def test_what_makes_no_sense_writes_nothing(project, words, said):
    def files() -> dict[Path, bytes]:
        return {
            path: path.read_bytes() for path in project.rglob("*") if path.suffix in {".py", ".csv", ".json", ".txt"}
        }

    before = files()
    done = run(project, "scrapy", "genspider", *words)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert files() == before


def test_override(project):
    generate(project, "override", "sichuan", "https://www.scdata.net.cn")
    assert_clean(project, "spiders/sichuan.py")
    code = (
        "from opendata_spiders.loader import RegisterSpiderLoader as L; from scrapy.settings import Settings;"
        "s = L(Settings()).load('sichuan')(); print(s.list_request(2).url, s.target.slug, s.family)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [
        "https://www.scdata.net.cn/oportal/catalog/index?page=2", "sichuan", "inspur_oportal",
    ], done.stderr  # fmt: skip
