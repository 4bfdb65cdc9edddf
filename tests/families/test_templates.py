"""`scrapy genspider` with this project's templates: what it writes runs, unchanged, in a copy of the project."""

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
ROWS = [
    {"id": 7, "title": "清河市小学名录", "office": "清河市教育局", "updateTime": "2026-03-07"},
    {"id": "3066/025", "title": "清河市林地信息", "office": None},
]


class Portal(BaseHTTPRequestHandler):
    def do_GET(self):
        status = 200 if self.path.startswith("/list?page=1&") or self.path == "/" else 404
        body = b"<title>home</title>" if self.path == "/" else json.dumps({"total": 2, "rows": ROWS}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "application/json")
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
    for name in ("opendata_spiders", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("scrapy.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if key not in ("SCRAPY_SETTINGS_MODULE", "PYTHONPATH")}
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=60, check=False)


def generate(project: Path, template: str, name: str, url: str, *options: str, package: str = "spiders") -> None:
    settings = ("-s", f"NEWSPIDER_MODULE=opendata_spiders.{package}")
    done = run(project, "scrapy", "genspider", "-t", template, *settings, *options, name, url)
    assert f"Created spider '{name}'" in done.stdout, done.stdout + done.stderr
    written = f"opendata_spiders/{package}/{name}.py"
    lint = run(project, "ruff", "check", "--no-cache", written)
    assert lint.returncode == 0, lint.stdout
    assert run(project, "ruff", "format", "--check", "--no-cache", written).returncode == 0


def items(project: Path) -> list[dict]:
    return [json.loads(line) for line in (project / "out.jsonl").read_text("utf-8").splitlines()]


def test_every_template_is_listed(project):
    listed = run(project, "scrapy", "genspider", "--list").stdout.split()
    assert {"basic", "family", "override"} <= set(listed)


def test_basic(project, portal):
    generate(project, "basic", "trial", portal)
    done = run(project, "scrapy", "runspider", "opendata_spiders/spiders/trial.py", "-O", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert items(project) == [{"url": portal, "title": "home"}]


def test_family(project, portal):
    generate(project, "family", "trial_api", portal, package="families")
    done = run(
        project, "scrapy", "crawl", "trial_api", "-a", "slug=qinghe", "-a", f"base_url={portal}",
        "-s", "STORE_ENABLED=0", "-O", "out.jsonl",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    read = {item["id"]: item for item in items(project)}
    assert {id_: item["title"] for id_, item in read.items()} == {"7": "清河市小学名录", "3066/025": "清河市林地信息"}
    assert read["3066/025"]["page_url"] == f"{portal}/detail/3066%2F025"


def test_override(project):
    generate(project, "override", "sichuan", "https://www.scdata.net.cn", "--force")
    code = (
        "from opendata_spiders.loader import RegisterSpiderLoader as L; from scrapy.settings import Settings;"
        "s = L(Settings()).load('sichuan')(); print(s.list_request(2).url, s.target.slug, s.family)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [
        "https://www.scdata.net.cn/oportal/catalog/?page=2", "sichuan", "inspur_oportal",
    ], done.stderr  # fmt: skip
