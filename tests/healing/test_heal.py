"""`scrapy heal` as a person runs it: portals rewritten after an honest reading, and portals that cannot be mended."""

import json
from pathlib import Path

import pytest

from opendata_spiders.exits import Exit
from opendata_spiders.store.connect import open_store
from tests.commands import run_module
from tests.families.goldens import loader
from tests.healing.bench import DATASETS, env_of, mend, played_families, store_reading
from tests.replica import Incident, Kind, Replica, World
from tests.replica.declared.portals import declared_spec, spider_of
from tests.replica.moved import Scheme

pytestmark = pytest.mark.slow
CASES = [
    ("guangan_opendoor", Scheme.IDS),
    ("fujian_openportal", Scheme.NOTATIONS),
    ("gddata", Scheme.WORDS),
    ("dataservice_getpage", Scheme.ENVELOPE),
    ("aba_gateway", Scheme.IDS),
    ("prodapi_openresource", Scheme.NOTATIONS),
]
"""GET and POST, JSON, form and XML, lists of ids alone, pages counted from 0."""


@pytest.mark.parametrize(("family", "scheme"), CASES)
def test_a_rewritten_portal_is_read_by_its_draft(family: str, scheme: Scheme, store_config, tmp_path: Path):
    out = tmp_path / "draft"
    done = mend(played_families()[family], scheme, store_config, out)
    assert (done.result, done.wrong) == ("drafted", ()), done.said
    assert done.found == done.rows > 0
    assert done.ids_survive is (scheme is not Scheme.IDS)
    assert {"title", "office"} <= done.read
    assert len(done.read) >= 0.6 * len(done.known)
    files = {str(one.relative_to(out)) for one in out.rglob("*") if one.is_file()}
    slug = played_families()[family].slug
    assert {
        "report.md", f"opendata_spiders/families/{family}_v2.py", "opendata_spiders/register/portals.csv",
        "tests/families/asked.py", f"tests/fixtures/{family}_v2/list_recorded_{slug}/meta.json",
    } <= files  # fmt: skip
    assert f"{family}_v2" in (out / "opendata_spiders/register/portals.csv").read_text("utf-8")


def heal(config, folder: Path, now, *words: str):
    settings = ("-s", "DOWNLOAD_DELAY=0", "--out", str(folder / "draft"))
    return run_module("scrapy", "heal", *settings, *words, env=env_of(config, folder, now))


def test_nothing_is_drafted_where_nothing_is_proven(store_config, tmp_path: Path):
    """A portal that reads, one whose page loads no list, one without a reading; wrong use; nothing is written."""
    slug = "fujian"
    world = World([declared_spec(loader().register.get(slug), datasets=DATASETS)], seed=5)
    now = world.moment(1)
    with Replica(world) as replica:
        replica.night = 1
        url = replica.url(slug)
        unread = heal(store_config, tmp_path, now, slug, "--base-url", url)
        with open_store(store_config, env={"WATCH_NOW": now.isoformat()}) as store:
            store_reading(store, spider_of(slug), world.listed(slug, 1), world.moment(0))
        reads = heal(store_config, tmp_path, now, slug, "--base-url", url, "--json")
        world.script(slug, Incident(Kind.REDESIGN, 0))
        refused = heal(store_config, tmp_path, now, slug, "--base-url", url, "--json")
        gone = heal(store_config, tmp_path, now, slug, "--base-url", url, "--url", f"{url}/no/such/page")
    assert (unread.returncode, "crawl it first" in unread.stderr) == (Exit.FAILED, True)
    assert (reads.returncode, json.loads(reads.stdout)["result"]) == (Exit.DONE, "reads")
    assert (refused.returncode, json.loads(refused.stdout)["result"]) == (Exit.DRIFTED, "refused")
    assert "--url" in json.loads(refused.stdout)["said"]
    assert gone.returncode in (Exit.DRIFTED, Exit.UNREACHABLE)
    assert not (tmp_path / "draft").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    for words in ((), ("nowhere",), (slug, "--out", str(tmp_path / "full")), (slug, "--url", "https://example.org/")):
        assert heal(store_config, tmp_path, now, *words).returncode == Exit.WRONG_USE
