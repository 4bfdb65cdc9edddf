"""The night: many portals, one plan, one table; and the doctor."""

import json
import os
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from opendata_spiders.night.crawl_plan import NightGroup, NightPlan, plan_crawls
from opendata_spiders.night.crawl_run import Night
from opendata_spiders.night.values import Result
from opendata_spiders.register import load, packaged
from opendata_spiders.store.models import Verdict
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=30)
ZUNYI = PortalSpec("zunyi", "guizhou_api", "遵义", "520300", division="520300", datasets=30)
JINAN = PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=30)
PACKAGED = Path(sys.modules["opendata_spiders.register"].__file__).parent / "portals.csv"


@pytest.fixture
def world():
    return World([GUIYANG, ZUNYI, JINAN], seed=11)


@pytest.fixture
def overlaid(desk):
    """The desk of somebody whose portals all stand on this machine."""
    desk.stand_at({slug: desk.replica.url(slug) for slug in ("guiyang", "zunyi", "jinan")})
    return desk


ONLY = "guiyang,zunyi,jinan"


def test_a_dry_run_says_what_a_night_costs_and_sends_nothing(overlaid):
    done = overlaid.command("scrapy", "crawlall", "--only", ONLY, "--dry-run", night=0)
    assert done.returncode == 0, done.stderr
    assert "3 portals on 2 hosts" in done.stdout
    said = overlaid.command("scrapy", "crawlall", "--only", ONLY, "--dry-run", "--json", night=0)
    assert sorted(slug for group in json.loads(said.stdout) for slug in group["portals"]) == sorted(ONLY.split(","))
    assert "3 portals on 2 hosts" in said.stderr
    assert overlaid.replica.log.count() == 0


def test_names_without_only_are_refused_and_nothing_is_read(overlaid):
    done = overlaid.command("scrapy", "crawlall", "guiyang", night=0)
    assert (done.returncode, "name them as --only guiyang,jinan" in done.stderr) == (2, True), done.stderr
    assert overlaid.replica.log.count() == 0


def test_the_help_has_no_headings_but_its_own(desk):
    lines = desk.command("scrapy", "crawlall", "--help").stdout.splitlines()
    headings = [above for above, below in pairwise(lines) if below and not below.strip("=-")]
    assert headings == ["Usage", "Options", "Global Options"], "no option's text is taken for one"


def test_one_portal_that_fails_stops_nobody_and_the_night_ends_in_a_table(overlaid):
    overlaid.replica.script("zunyi", Incident(Kind.REFUSES, 0, status=403))
    done = overlaid.command("scrapy", "crawlall", "--only", ONLY, night=0)
    assert done.returncode == 0, done.stderr
    for slug, verdict in (("guiyang", "complete"), ("zunyi", "blocked"), ("jinan", "complete")):
        assert any(slug in line and verdict in line for line in done.stdout.splitlines()), done.stdout
    with overlaid.store() as store:
        night = store.db.nights.find_one()
    assert night["verdicts"] == {"guiyang": "complete", "zunyi": "blocked", "jinan": "complete"}
    assert night["uplink_suspect"] is False


def test_a_night_is_one_json_document_on_stdout_and_its_table_on_stderr(overlaid):
    overlaid.replica.script("zunyi", Incident(Kind.REFUSES, 0, status=403))
    done = overlaid.command("scrapy", "crawlall", "--only", ONLY, "--json", night=0)
    rows = json.loads(done.stdout)
    assert [(row["slug"], row["verdict"]) for row in rows] == [
        ("guiyang", "complete"), ("jinan", "complete"), ("zunyi", "blocked"),
    ]  # fmt: skip
    assert all(Path(row["log"]).is_file() and row["seconds"] > 0 for row in rows)
    assert "the night's verdicts" in done.stderr


def test_an_unknown_portal_is_refused_before_anything_is_asked(overlaid):
    done = overlaid.command("scrapy", "crawlall", "--only", "guiyangg", night=0)
    assert done.returncode == 2
    assert "guiyang" in done.stderr


@pytest.mark.parametrize(
    ("verdicts", "suspect"),
    [
        (["unreachable", "unreachable", "unreachable", "complete"], True),
        (["unreachable", "blocked", "complete", "complete"], False),
        (["unreachable", "unreachable"], False),
        (["partial", "partial", "partial"], False),
    ],
)
def test_most_hosts_failing_at_once_is_our_own_line(verdicts, suspect, tmp_path):
    night = Night(NightPlan(()), tmp_path, at=load_time())
    results = [Result(f"s{n}", f"h{n}", Verdict(one), 1.0, tmp_path) for n, one in enumerate(verdicts)]
    assert night.uplink_suspect(results) is suspect


def test_hosts_that_were_dead_before_are_no_witnesses(tmp_path):
    groups = tuple(NightGroup(f"h{n}", (), 1, 0.0, 1, dead=n < 4) for n in range(8))
    night = Night(NightPlan(groups), tmp_path, at=load_time())

    def suspects(*failed):
        verdicts = {n: Verdict.UNREACHABLE if n in failed else Verdict.COMPLETE for n in range(8)}
        return night.uplink_suspect([Result(f"s{n}", f"h{n}", one, 1.0, tmp_path) for n, one in verdicts.items()])

    assert not suspects(0, 1, 2, 3, 4), "one more than before of the four that lived"
    assert suspects(4, 5, 6)
    by_hand = [Result(f"s{n}", f"h{n}", Verdict.UNREACHABLE, 1.0, tmp_path) for n in range(4)]
    assert not night.uplink_suspect(by_hand)


def test_a_host_is_dead_by_its_last_run_outside_our_own_bad_nights(overlaid):
    for slug in ("guiyang", "jinan"):
        overlaid.replica.script(slug, Incident(Kind.REFUSES, 0, 1, status=403))
    overlaid.command("scrapy", "crawlall", "--only", "guiyang,jinan", night=0)
    with overlaid.store() as store:
        portal = next(one for one in packaged().crawlable() if one.slug == "jinan")
        plan = plan_crawls([portal], lambda one: store.last_fair_run(one.id), delay=1.0, budget=100)
        assert plan.groups[0].dead
        store.db.nights.update_many({}, {"$set": {"uplink_suspect": True}})
        assert store.last_run(portal.id) is not None
        assert store.last_fair_run(portal.id) is None
        plan = plan_crawls([portal], lambda one: store.last_fair_run(one.id), delay=1.0, budget=100)
        assert not plan.groups[0].dead


def load_time():
    from datetime import UTC, datetime  # noqa: PLC0415

    return datetime(2026, 1, 1, tzinfo=UTC)


def test_the_plan_of_a_real_night_is_counted_in_hosts_and_minutes():
    portals = packaged().crawlable()
    plan = plan_crawls(portals, lambda _: None, delay=1.0, budget=3000)
    assert len(plan.portals) == len(portals)
    guizhou = next(group for group in plan.groups if group.host == "data.guizhou.gov.cn")
    assert isinstance(guizhou, NightGroup)
    assert len(guizhou.portals) == 11
    assert guizhou.budget == 3000 // 11
    assert guizhou.minutes == guizhou.requests / 60
    assert load() is not None


def test_the_doctor_says_answers_blocked_or_unreachable(overlaid):
    overlaid.replica.script("jinan", Incident(Kind.REFUSES, 0, status=412))
    done = overlaid.command("alerts", "doctor", "guiyang", "jinan", "--json", night=0)
    found = {one["slug"]: one["says"] for one in json.loads(done.stdout)}
    assert found == {"guiyang": "answers", "jinan": "blocked"}
    assert done.stderr == ""
    assert done.returncode == 1
    assert sum(overlaid.replica.log.by_path().values()) == 2, "one request per host"
    nobody = overlaid.command("alerts", "doctor", "guiyang", "--base-url", "http://127.0.0.1:1", "--json", night=0)
    assert json.loads(nobody.stdout)[0]["says"] == "unreachable"


def test_list_and_check_know_every_portal(desk):
    listed = desk.command("scrapy", "list").stdout.split()
    assert listed == sorted(portal.slug for portal in packaged().crawlable())
    checked = desk.command("scrapy", "check", "guiyang")
    assert checked.returncode == 0, checked.stderr


def test_check_refuses_a_name_that_nobody_bears(desk):
    checked = desk.command("scrapy", "check", "nowhere")
    assert checked.returncode == 2
    assert "nowhere" in checked.stderr
    assert "Traceback" not in checked.stderr


def test_ctrl_c_ends_the_night_and_keeps_what_was_read(overlaid):
    overlaid.replica.script("*", Incident(Kind.SLOW, 0, seconds=0.4))
    command = [sys.executable, "-m", "scrapy", "crawlall", "--only", ONLY, "--hosts", "1"]
    night = subprocess.Popen(command, cwd=overlaid.root, env=overlaid.env(0), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, start_new_session=True)  # fmt: skip
    ends = time.monotonic() + 60
    while overlaid.replica.log.count() < 3 and time.monotonic() < ends:
        time.sleep(0.05)
    os.killpg(night.pid, signal.SIGINT)  # as a terminal does: the night and the crawl it waits for
    said, _ = night.communicate(timeout=90)
    assert (night.returncode, "Traceback" in said) == (130, False), said
    with overlaid.store() as store:
        runs = list(store.runs(None))
        assert [run.verdict for run in runs] == [Verdict.PARTIAL]
        assert store.db.nights.find_one()["verdicts"] == {runs[0].slug: "partial"}


def test_a_night_that_was_broken_off_is_gone_on_with_and_again_reads_all(overlaid):
    overlaid.command("scrapy", "crawlall", "--only", ONLY, "--until", "0h", night=0)
    assert overlaid.replica.log.count() == 0
    with overlaid.store() as store:
        night = store.last_night()
        assert (sorted(night["planned"]), night["verdicts"]) == (sorted(ONLY.split(",")), {})
        store.put_night({**night, "verdicts": {"guiyang": "complete"}})
    planned = overlaid.command("scrapy", "crawlall", "--only", ONLY, "--dry-run", "--json", night=0)
    assert sorted(slug for group in json.loads(planned.stdout) for slug in group["portals"]) == ["jinan", "zunyi"]
    rest = overlaid.command("scrapy", "crawlall", "--only", ONLY, night=0)
    assert "was broken off after 1 of 3 portals: the others are left to be read (--again reads all)" in rest.stdout
    with overlaid.store() as store:
        assert sorted(run.slug for run in store.runs(None)) == ["jinan", "zunyi"]
        assert store.db.nights.count_documents({}) == 1
        assert store.last_night()["verdicts"] == dict.fromkeys(("guiyang", "jinan", "zunyi"), "complete")
        store.put_night({**store.last_night(), "verdicts": {}})
    overlaid.command("scrapy", "crawlall", "--only", ONLY, "--again", night=1)
    with overlaid.store() as store:
        assert sorted(run.slug for run in store.runs(None)) == ["guiyang", "jinan", "jinan", "zunyi", "zunyi"]


def test_when_its_time_is_up_a_night_begins_nothing_and_says_so(overlaid):
    done = overlaid.command("scrapy", "crawlall", "--only", ONLY, "--until", "0h", night=0)
    assert done.returncode == 0, done.stderr
    assert "the night's time was up at" in done.stdout
    assert "3 portals were not begun" in done.stdout
    wrong = overlaid.command("scrapy", "crawlall", "--only", ONLY, "--until", "soon", night=0)
    assert (wrong.returncode, "write 06:30, or 8h" in wrong.stderr) == (2, True)


def test_each_portal_has_a_log_of_its_own(overlaid):
    overlaid.command("scrapy", "crawlall", "--only", ONLY, "-s", "DETAIL_BUDGET=3", night=0)
    (folder,) = (overlaid.tmp_path / "data" / "logs").iterdir()
    logs = {path.stem: path.read_text("utf-8") for path in folder.glob("*.log") if not path.name.startswith("worker")}
    assert sorted(logs) == sorted(ONLY.split(","))
    for slug, name in (("guiyang", "Guiyang"), ("zunyi", "Zunyi"), ("jinan", "Jinan")):
        assert f"{name} (" in logs[slug]
        assert "verdict   COMPLETE" in logs[slug]
        assert not [other for other in ("Guiyang", "Zunyi", "Jinan") if other != name and other in logs[slug]]
    assert "".join(path.read_text("utf-8") for path in sorted(folder.glob("worker-*.log"))) == ""
