"""The site as files: what is there, what it says, and that nothing is touched that stays the same."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.cli import main
from alerts.events import Event, event_id
from alerts.pages.addresses import event_url
from alerts.pages.told import told
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound, insert
from opendata_spiders.store.store import Store
from tests.alerts.digest.making import NOW, PLACES, ago, event, night
from tests.alerts.pages.filling import HOSTILE, a_run, put_city, put_events


def stable(one: Event) -> Event:
    """With an id as real ones are: a hash, fit for a file's name."""
    return replace(one, id=event_id(one.kind, one.portal, one.dataset or "", one.run))


def withdrawal(of: Event) -> Event:
    evidence = {"retracted": of.id, "of": of.kind, "why": "portal was half closed", "by": "person", "of_seq": of.seq}
    return stable(event("event.retracted", of.slug, at=NOW + timedelta(hours=1), evidence=evidence))


class Page(HTMLParser):
    """Tags, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        known = dict(attrs)
        if tag in {"a", "link"}:
            self.links.append((known.get("href") or "", known.get("rel") or ""))
        assert not any(name.startswith("on") for name in known), attrs
        assert "src" not in known

    def handle_data(self, data: str) -> None:
        self.text += data


def snapshot(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(root)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_page_tells_what_since_when_how_sure_and_on_what(store: Store, write) -> None:
    [stopped] = put_events(store, stable(night()[0]))
    for number, run in enumerate(stopped.evidence["runs"]):
        store.db["runs"].insert_one({**_run_document(run, number)})
    folder = write()
    page = Page((folder.root / "events" / f"{stopped.id}.html").read_text("utf-8"))
    assert told(stopped, PLACES).title.zh == "贵阳 · 城市停更"
    for words in ("贵阳 · 城市停更", "Guiyang · city has stopped updating", "已 251 天", "2026-03", "按平台自报日期",
                  "By the portal's own dates", "guiyang-20261122", "guiyang-20261123", "512", "510"):  # fmt: skip
        assert words in page.text, words
    assert "完整 / complete" in page.text


def _run_document(run: str, number: int) -> dict:
    from opendata_spiders.store.runs import to_document  # noqa: PLC0415 -- only here

    return {**to_document(a_run(run, "guiyang.1", "guiyang", NOW - timedelta(days=number))), "seq": number + 1}


def test_hostile_text_is_text_and_only_the_portals_own_page_is_linked(store: Store, write) -> None:
    evil = event(
        "dataset.removed",
        "guiyang",
        HOSTILE,
        title=HOSTILE,
        office=HOSTILE,
        evidence={"reason": HOSTILE, "datasets": [{"title": HOSTILE}]},
    )
    other, own = (replace(stable(evil), id=f"page{n}", page_url=url) for n, url in
                  enumerate(("https://evil.example/x", 'http://data.guizhou.gov.cn/x?id=1"><script>')))  # fmt: skip
    put_events(store, other, own)
    root = write().root
    for name, links in (("page0", 0), ("page1", 1)):
        text = (root / "events" / f"{name}.html").read_text("utf-8")
        page = Page(text)
        assert "script" not in page.tags
        assert "<script>" not in text
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ufffe]", text)
        outside = [(href, rel) for href, rel in page.links if "://" in href]
        assert len(outside) == links
        assert all({"noopener", "nofollow"} <= set(rel.split()) for _, rel in outside)
    assert "script" not in Page((root / "index.html").read_text("utf-8")).tags


def test_a_page_about_a_file_shows_the_looks_it_rests_on(store: Store, write) -> None:
    looks = [
        FileCheck("a1", "f1", HOSTILE, FileOutcome.OK, "", 200, 80, "csv", "csv", ("站点", HOSTILE), 7, "hash-of-it"),
        FileCheck("other", "f2", "别的文件.csv", FileOutcome.FAILED, "html"),
    ]
    at = ago(3)
    insert(store.db, FileRound("round-1", "jinan.1", "jinan", 0, at, at, at, checks=tuple(looks)))
    broken = event("resource.broken", "jinan", "a1", evidence={"why": "not_found", "rounds": ["round-1"], "runs": ()})
    (one,) = put_events(store, stable(broken))
    text = (write().root / "events" / f"{one.id}.html").read_text("utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert "hash-of-it" in page.text
    assert "站点 | " in page.text
    assert "别的文件" not in page.text
    assert "查看文件的记录" in page.text


def test_a_night_without_news_touches_no_file(store: Store, write) -> None:
    put_events(store, *map(stable, night()[:12]))
    put_city(store, "guiyang.1", "guiyang", "stopped", ago(0.2), silent=251)
    first = write()
    before = snapshot(first.root)
    again = write()
    assert (again.written, snapshot(again.root)) == (0, before)
    elsewhere = write(name="elsewhere")
    assert {name: data for name, (_, data) in snapshot(elsewhere.root).items()} == {
        name: data for name, (_, data) in before.items()
    }


def feeds(name: str) -> list[str]:
    return [f"feeds/{name}.atom", f"feeds/{name}.json"]


def test_news_touch_only_what_they_concern(store: Store, write, register) -> None:
    put_events(store, *map(stable, night()[:12]))
    before = snapshot(write().root)
    [fresh] = put_events(
        store, stable(event("dataset.new", "jinan", "fresh", title="新", portal=register.portals["jinan"].id))
    )
    after = snapshot(write().root)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {
        f"events/{fresh.id}.html",
        "index.html",
        ".site.json",
        *feeds("country"),
        *feeds("city-jinan"),
        *feeds("province-shandong"),
    }


def test_a_withdrawn_statement_says_so_on_its_page_and_in_the_list(store: Store, write) -> None:
    [wrong, right] = put_events(store, *map(stable, (night()[0], night()[1])))
    write()
    [correction] = put_events(store, withdrawal(wrong))
    root = write().root
    page = Page((root / "events" / f"{wrong.id}.html").read_text("utf-8"))
    assert "已被更正撤回" in page.text
    assert f"{correction.id}.html" in [href for href, _ in page.links]
    assert f"{wrong.id}.html" in [
        href for href, _ in Page((root / "events" / f"{correction.id}.html").read_text("utf-8")).links
    ]
    assert "撤回" not in Page((root / "events" / f"{right.id}.html").read_text("utf-8")).text
    assert 'class="severe gone"' in (root / "index.html").read_text("utf-8")


def test_a_page_that_got_lost_is_written_again(store: Store, write) -> None:
    [one] = put_events(store, stable(night()[0]))
    path = write().root / "events" / f"{one.id}.html"
    text = path.read_text("utf-8")
    path.unlink()
    assert write().written == 1
    assert path.read_text("utf-8") == text


def test_what_readers_are_not_told_has_no_page(store: Store, write) -> None:
    put_events(store, *map(stable, night()))
    root = write().root
    names = {path.stem for path in (root / "events").iterdir()}
    hidden = [stable(one).id for one in night() if one.kind.startswith(("ops.", "platform.blocked", "dataset.updated"))]
    assert hidden
    assert names.isdisjoint(hidden)
    assert "HTTP 412" not in (root / "index.html").read_text("utf-8")


def test_every_link_of_the_site_leads_to_a_file_of_it(store: Store, write) -> None:
    put_events(store, *map(stable, night()))
    put_city(store, "guiyang.1", "guiyang", "stopped", ago(0.2), silent=251)
    root = write("https://watch.example.cn/").root
    for path in root.rglob("*.html"):
        for href, _ in Page(path.read_text("utf-8")).links:
            if "://" not in href:
                assert (path.parent / href).resolve().is_file(), (path, href)


def test_the_address_in_a_digest_is_the_pages(store: Store, write) -> None:
    [one] = put_events(store, stable(night()[0]))
    url = event_url("https://watch.example.cn/", one.id)
    assert (write().root / url.removeprefix("https://watch.example.cn/")).is_file()


@pytest.mark.parametrize("kind", ["claim.mismatch", "not.known"])
def test_any_kind_can_be_told(store: Store, write, kind: str) -> None:
    [one] = put_events(
        store,
        stable(
            event(kind, "nowhere", evidence={"declared": 9, "seen": 7, "share": 0.22, "odd": {"a": None, "b": [1]}})
        ),
    )
    assert "nowhere" in (write().root / "events" / f"{one.id}.html").read_text("utf-8")


def test_the_command(store: Store, store_config: StoreConfig, tmp_path: Path) -> None:
    put_events(store, *map(stable, night()[:3]))
    env = os.environ | {
        "MONGODB_URI": str(store_config.uri),
        "MONGODB_DATABASE": store_config.database,
        "SITE_URL": "https://watch.example.cn",
    }

    def site(out: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "alerts", "site", "--out", str(out), "--json"]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=90, check=False)

    first = site(tmp_path / "a" / "b")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["written"] > 50
    assert json.loads(site(tmp_path / "a" / "b").stdout)["written"] == 0
    (tmp_path / "file").touch()
    refused = site(tmp_path / "file" / "below")
    assert refused.returncode == 1
    assert "name another folder" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture
def site(
    store: Store, store_config: StoreConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """The command within this process, in a folder without a `.env`."""
    put_events(store, *map(stable, night()[:3]))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MONGODB_URI", str(store_config.uri))
    monkeypatch.setenv("MONGODB_DATABASE", store_config.database)
    monkeypatch.delenv("SITE_DIR", raising=False)
    return lambda *words: CliRunner().invoke(main, ["site", *words])


def test_a_setting_names_the_folder_for_the_night(site, tmp_path: Path) -> None:
    nothing = site("--if-set")
    assert (nothing.exit_code, nothing.output) == (0, ""), "nothing was done, and nothing is said to be"
    refused = site()
    assert refused.exit_code == 2
    assert "name the folder with --out, or set SITE_DIR" in refused.stderr
    (tmp_path / ".env").write_text("SITE_DIR=web/watch\n", "utf-8")
    built = site("--if-set")
    assert built.exit_code == 0
    assert "web/watch: " in built.stdout
    assert (tmp_path / "web/watch/feeds/country.atom").is_file()
    assert site("--out", "other").stdout.startswith("other: ")
    (tmp_path / ".env").write_text("SITE_DIR=.env/below\n", "utf-8")
    unwritable = site("--if-set")
    assert unwritable.exit_code == 1
    assert "name another folder with SITE_DIR" in unwritable.stderr


def test_what_a_killed_call_left_half_written_goes_but_not_what_another_is_writing(write, tmp_path: Path) -> None:
    (tmp_path / "site/events").mkdir(parents=True)
    stale, fresh = (tmp_path / "site/events" / name for name in (".part-old", ".part-new"))
    for part in (stale, fresh):
        part.write_text("half")
    os.utime(stale, (0, 0))
    write()
    assert not stale.exists()
    assert fresh.exists()


def test_the_night_builds_the_site_before_it_sends_what_links_to_it() -> None:
    root = Path(__file__).parents[3]
    shown = subprocess.run(["make", "-n", "nightly"], cwd=root, capture_output=True, text=True, check=True).stdout
    steps = [shown.index(f"alerts {name}") for name in ("diff", "digest", "site --if-set", "send", "health")]
    assert steps == sorted(steps)
