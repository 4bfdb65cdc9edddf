"""A portal of another country as a register row: its own zone, language and words, from the crawl to the digest."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from opendata_spiders.register.edit import header
from opendata_spiders.store.models import LookResult, Verdict
from tests.commands import run_module
from tests.crawl.conftest import Desk
from tests.replica import PortalSpec, World
from tests.replica.worldwide import CkanPortal, OpendatasoftPortal, UdataPortal, WorldPortal, entries, playing

pytestmark = pytest.mark.slow
SLUG = "klarwasser"
SUBSCRIBERS = f"""
subscribers:
  - name: zh-desk
    language: zh
    urls: ['json://127.0.0.1:9/a']
    filter: {{cities: [{SLUG}]}}
  - name: en-desk
    language: en
    urls: ['json://127.0.0.1:9/b']
    filter: {{cities: [{SLUG}]}}
"""


@pytest.fixture
def world() -> World:
    """A clock: the portal is played by a server of its own."""
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)], seed=1)


def add_row(desk: Desk, portal: WorldPortal, url: str) -> None:
    """Have the register know the portal, beside those of China."""
    desk.register_dir = desk.tmp_path / "register"
    desk.register_dir.mkdir()
    row = {
        "id": "DE.1", "slug": SLUG, "name_zh": "Offene Daten Klarwasser", "name_en": "Open data of Klarwasser",
        "short_zh": "Klarwasser", "short_en": "Klarwasser", "scope": "outside_364", "family": portal.family,
        "base_url": url, "host_group": url.removeprefix("http://"), "language": "de", "timezone": "Europe/Berlin",
        "status": "active", "attested": "unverified guess", "relists": "no", "old_tls": "no",
    }  # fmt: skip
    with (desk.register_dir / "portals.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header())
        writer.writeheader()
        writer.writerow(row)


def alerts(desk: Desk, night: int, *words: str) -> str:
    subscribers = desk.tmp_path / "subscribers.yaml"
    subscribers.write_text(SUBSCRIBERS, "utf-8")
    env = {**desk.env(night), "SUBSCRIBERS": str(subscribers)}
    done = run_module("alerts", *words, env=env, cwd=desk.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("software", [CkanPortal, OpendatasoftPortal, UdataPortal])
def test_every_dataset_and_field_is_kept(desk: Desk, software, tmp_path: Path):
    portal = software(entries(120))
    with playing(portal) as url:
        add_row(desk, portal, url)
        done = desk.command("scrapy", "crawl", SLUG, "-O", str(tmp_path / "out.jsonl"), night=0)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    known = {portal.id_of(one): one for one in portal.listed}
    assert {line["id"] for line in lines} == known.keys()
    codes = {"daily": "DAILY", "monthly": "MONTHLY", "annual": "ANNUAL"}
    for line in lines:
        entry = known[line["id"]]
        assert (line["title"], line["office"]) == (entry.title, entry.office)
        assert line["frequency_code"] == codes[entry.frequency]
        assert line["updated"] == entry.modified.isoformat()
        assert line["published"] == entry.created.isoformat()
        assert line["page_url"].startswith(url)


def test_what_is_removed_or_made_private_reaches_a_digest(desk: Desk):
    portal = CkanPortal(entries(120))
    with playing(portal) as url:
        add_row(desk, portal, url)
        for night in range(6):
            if night == 2:
                portal.held = [replace(one, private=one.number == 5) for one in portal.held if one.number > 2]
            assert desk.command("scrapy", "crawl", SLUG, night=night).returncode == 0
            alerts(desk, night, "diff")
            run = desk.last_run(SLUG)
            assert (run.verdict, run.seen) == (Verdict.COMPLETE, 120 if night < 2 else 116), run.reason
        shown = alerts(desk, 5, "digest", "--preview", "--since", f"{desk.replica.world.moment(0):%Y-%m-%d}")
    with desk.store() as store:
        looks = [run.look for run in store.runs(None) if run.look]
        removed = [event["title"] for event in store.db.events.find({"portal": "DE.1", "kind": "dataset.removed"})]
    assert sorted(removed) == [f"Dataset {number:05}" for number in (0, 1, 2, 5)]
    gone = {portal.id_of(one): LookResult.GONE for one in entries(3)}
    assert looks[0] == gone | {portal.id_of(entries(6)[5]): LookResult.UNKNOWN}
    assert "Klarwasser removed 4 datasets" in shown
    assert "“Dataset 00005” (Direction de la voirie)" in shown
    assert "《Dataset 00005》（Direction de la voirie）" in shown
