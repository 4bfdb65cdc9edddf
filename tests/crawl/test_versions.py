"""A better parser or a better vocabulary is no news: neither may look like a portal that changed."""

import json
import re
import shutil

import pytest

from tests.crawl.conftest import ROOT
from tests.replica import PortalSpec, World
from tests.replica.habits import Habit
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=60, habit=Habit.NEVER,
                     promise="每年", history=(-300, -100))  # fmt: skip
"""Every promise is kept by today's table, and broken by the one that the test puts in its place."""


@pytest.fixture
def world():
    world = World([GUIYANG], seed=5)
    world.script("guiyang", Incident(Kind.STOPS, 0))
    return world


@pytest.fixture
def next_release(tmp_path):
    """A copy of the product in which a test may improve a parser or a table."""
    for name in ("opendata_spiders", "alerts", "templates"):
        shutil.copytree(ROOT / name, tmp_path / "release" / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "scrapy.cfg", tmp_path / "release")
    return tmp_path / "release"


def change(path, pattern, replacement):
    text, count = re.subn(pattern, replacement, path.read_text("utf-8"))
    assert count, f"{path.name} no longer holds {pattern!r}"
    path.write_text(text, "utf-8")


def night(desk, number):
    crawled = desk.crawl("guiyang", number)
    assert crawled.status == 0, crawled.log
    done = desk.command("alerts", "diff", night=number)
    assert done.returncode == 0, done.stderr


def kinds(desk):
    done = desk.command("alerts", "events", "--json")
    return sorted(event["kind"] for event in json.loads(done.stdout))


def test_a_parser_that_reads_a_field_differently_is_no_event(desk, next_release):
    night(desk, 0)
    night(desk, 1)
    before = kinds(desk)
    desk.root = next_release
    change(
        next_release / "opendata_spiders/declared/json_pages.py",
        r"bodies\.scalar\(value\)",
        'str(bodies.scalar(value)) + "（新）" * (name == "description")',
    )
    family = next_release / "opendata_spiders/families/guizhou_api.py"
    change(family, r'( +)family = "guizhou_api"', r"\g<0>\n\1extractor_version = 2")
    night(desk, 2)
    night(desk, 3)
    assert desk.last_run("guiyang").extractor_version == 2
    assert kinds(desk) == before
    with desk.store() as store:
        runs = {run.id: run.seq for run in store.runs("520100.1")}
        read_in = {runs[one["first_run"]] for one in store.db["versions"].find({}, {"first_run": 1})}
    assert read_in == {1, 3}, "each version names the run that read it first"


def test_a_vocabulary_that_judges_differently_is_no_event(desk, next_release):
    night(desk, 0)
    night(desk, 1)
    before = kinds(desk)
    desk.root = next_release
    folder = next_release / "opendata_spiders/normalise"
    change(folder / "__init__.py", r"NORMALISER_VERSION = \d+", "NORMALISER_VERSION = 99")
    change(folder / "frequencies.csv", r"P1Y,365,365,425,455", "P1M,30,30,44,60")
    change(folder / "open_type_codes.csv", r"(guizhou_api,1,)[^,]+", r"\1closed")
    night(desk, 2)
    night(desk, 3)
    assert desk.last_run("guiyang").normaliser_version == 99
    assert kinds(desk) == before
