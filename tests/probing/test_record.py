"""`scrapy record`: golden pages of a live portal, redacted, and a register row that says who saw it."""

import csv
import json

import pytest

from tests.families.goldens import Case
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

JINAN = PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=30)
CASES = ("inspur_oportal/list_recorded_jinan", "inspur_oportal/detail_recorded_jinan")


@pytest.fixture
def world() -> World:
    return World([JINAN], seed=11)


@pytest.fixture
def fixtures(tmp_path):
    folder = tmp_path / "fixtures"
    folder.mkdir()
    return folder


def record(desk, fixtures, *args: str):
    done = desk.command("scrapy", "record", "jinan", "--out", str(fixtures), "-s", "RETRY_ENABLED=0", *args)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def row(desk) -> dict[str, str]:
    with (desk.register_dir / "portals.csv").open(encoding="utf-8", newline="") as stream:
        return next(csv.DictReader(stream))


def test_a_portal_at_its_own_address_is_recorded_and_attested(desk, fixtures):
    desk.stand_at({"jinan": desk.replica.url("jinan")})
    before = row(desk)
    done = record(desk, fixtures)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(f"python -m tests.families.goldens {case}" in done.stdout for case in CASES)
    listed, detail = (Case(fixtures / case) for case in CASES)
    assert {path.name for path in listed.path.iterdir()} == {"meta.json", "body.html"}
    assert len(listed.page.rows) == 10
    assert detail.meta["id"] == listed.page.rows[0].id
    assert detail.page.values["title"]
    assert not set("123456789") & set(detail.page.values["contact_phone"])
    assert detail.page.values["contact_email"] in ("", "somebody@example.org")
    after = row(desk)
    assert after["attested"] == "read live once"
    assert after["verified_on"][:2] == "20"
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"attested", "verified_on"}


def test_no_golden_page_is_written_over_unless_forced(desk, fixtures):
    desk.stand_at({"jinan": desk.replica.url("jinan")})
    for case in CASES:
        (fixtures / case).mkdir(parents=True)
        (fixtures / case / "expected.json").write_text("{}")
    refused = record(desk, fixtures)
    assert (refused.returncode, "--force" in refused.stderr) == (2, True)
    assert desk.replica.log.count() == 0
    assert record(desk, fixtures, "--force").returncode == 0
    assert not (fixtures / CASES[0] / "expected.json").exists(), "it was the expectation of another page"


def test_a_recording_elsewhere_attests_nothing(desk, fixtures):
    url = desk.replica.url("jinan")
    desk.stand_at({"jinan": "http://127.0.0.1:1"})
    before = row(desk)
    done = record(desk, fixtures, "-a", f"base_url={url}")
    assert (done.returncode, "the register stays as it is" in done.stdout) == (0, True)
    assert json.loads((fixtures / CASES[0] / "meta.json").read_text("utf-8"))["about"].startswith(
        f"Recorded from {url}"
    )
    assert row(desk) == before


def test_a_portal_without_a_row_is_recorded_with_what_it_was_asked_by(desk, fixtures):
    given = ("-a", "slug=qinghe", "-a", f"base_url={desk.replica.url('jinan')}", "-a", "context_path=/jinan")
    done = desk.command("scrapy", "record", "inspur_oportal", "--out", str(fixtures), *given)
    assert (done.returncode, "the register stays as it is" in done.stdout) == (0, True), done.stderr
    listed = Case(fixtures / "inspur_oportal" / "list_recorded_qinghe")
    assert listed.spider.target.context_path == "/jinan"
    assert len(listed.page.rows) == 10


def test_what_is_not_read_attests_nothing(desk, fixtures):
    desk.stand_at({"jinan": desk.replica.url("jinan")})
    before = row(desk)
    desk.replica.script("jinan", Incident(Kind.REFUSES, 0, 0, status=403))
    assert record(desk, fixtures).returncode == 4
    assert list(fixtures.iterdir()) == []
    desk.replica.night = 1
    desk.replica.script("jinan", Incident(Kind.REDESIGN, 1))
    assert record(desk, fixtures).returncode == 5
    assert [path.name for path in (fixtures / "inspur_oportal").iterdir()] == ["list_recorded_jinan"]
    assert row(desk) == before


def test_wrong_words_are_refused(desk, fixtures):
    assert desk.command("scrapy", "record", "nowhere").returncode == 2
    assert record(desk, fixtures / "none").returncode == 2
