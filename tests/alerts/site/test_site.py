"""The site as files: what is there, what it says, and that nothing is touched that stays the same."""

import csv
import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.audience import remarks
from alerts.audience.remarks import Remark, RemarkKind, day_end
from alerts.audit.rules import rules
from alerts.cli import main
from alerts.engine.repository import prepare
from alerts.model import kinds as kinds_module
from alerts.model.events import Event, event_id
from alerts.model.states import DatasetState, DatasetStatus, bucket_document
from alerts.publish.rows import OWN
from alerts.scoreboard.definitions import components, definitions
from alerts.site.pages.method import chinese, kinds_told
from alerts.text.labels import labels
from alerts.text.links import event_path, page_url
from alerts.text.statements import statement_of
from alerts.text.wording import LANGUAGES
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound, insert
from opendata_spiders.store.models import Entry
from opendata_spiders.store.runs import to_document
from opendata_spiders.store.store import Store
from tests.alerts.digest.making import NOW, PLACES, ago, event, night
from tests.alerts.publish.filling import HOSTILE, a_run, put_city, put_events
from tests.commands import run_module


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
        source = r"((\.\./)+(assets/[a-z_]+-[0-9a-f]{16}\.js|badges/[a-z0-9.-]+\.svg))?"
        assert re.fullmatch(source, known.get("src") or ""), attrs
        assert "style" not in known

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
    assert statement_of(stopped, PLACES).title.zh == "贵阳 · 城市停更"
    told = {
        "zh": ("贵阳 · 城市停更", "已 251 天", "按平台自报日期", "完整"),
        "en": ("Guiyang · city has stopped updating", "251 days", "By the portal's own dates", "complete"),
    }
    for language, words in told.items():
        page = Page((folder.root / language / event_path(stopped.id)).read_text("utf-8"))
        for word in (*words, "2026-03", "guiyang-20261122", "guiyang-20261123", "512", "510"):
            assert word in page.text, word


def _run_document(run: str, number: int) -> dict:
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
    for name, links in (("page0", 1), ("page1", 2)):  # the portal's first page, and the dataset's where it is its own
        text = (root / "zh/events" / f"{name}.html").read_text("utf-8")
        page = Page(text)
        assert "script" not in page.tags
        assert "<script>" not in text
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ufffe]", text)
        outside = [(href, rel) for href, rel in page.links if "://" in href]
        assert len(outside) == links
        assert all({"noopener", "nofollow"} <= set(rel.split()) for _, rel in outside)
    assert "script" not in Page((root / "zh/index.html").read_text("utf-8")).tags


def test_a_page_about_a_file_shows_the_looks_it_rests_on(store: Store, write) -> None:
    looks = [
        FileCheck("a1", "f1", HOSTILE, FileOutcome.OK, "", 200, 80, "csv", "csv", ("站点", HOSTILE), 7, "hash-of-it"),
        FileCheck("other", "f2", "别的文件.csv", FileOutcome.FAILED, "html"),
    ]
    at = ago(3)
    insert(store.db, FileRound("round-1", "jinan.1", "jinan", 0, at, at, at, checks=tuple(looks)))
    broken = event("resource.broken", "jinan", "a1", evidence={"why": "not_found", "rounds": ["round-1"], "runs": ()})
    (one,) = put_events(store, stable(broken))
    text = (write().root / "zh/events" / f"{one.id}.html").read_text("utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert "hash-of-it" in page.text
    assert "站点 | " in page.text
    assert "别的文件" not in page.text
    assert "文件检查记录" in page.text


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
    return [f"{language}/feeds/{name}.{kind}" for language in LANGUAGES for kind in ("atom", "json")]


def test_news_touch_only_what_they_concern(store: Store, write, register) -> None:
    put_events(store, *map(stable, night()[:12]))
    before = snapshot(write().root)
    [fresh] = put_events(
        store, stable(event("dataset.new", "jinan", "fresh", title="新", portal=register.portals["jinan"].id))
    )
    after = snapshot(write().root)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {
        ".site.json",
        "data/events/2026-11.csv",
        *(f"{language}/{name}" for language in LANGUAGES for name in (event_path(fresh.id), "index.html")),
        *feeds("country"),
        *feeds("city-jinan"),
        *feeds("province-shandong"),
    }


def test_a_withdrawn_statement_says_so_on_its_page_and_in_the_list(store: Store, write) -> None:
    [wrong, right] = put_events(store, *map(stable, (night()[0], night()[1])))
    write()
    [correction] = put_events(store, withdrawal(wrong))
    root = write().root
    page = Page((root / "zh/events" / f"{wrong.id}.html").read_text("utf-8"))
    assert "本条消息有误，已撤回" in page.text
    assert f"../events/{correction.id}.html" in [href for href, _ in page.links]
    assert f"../events/{wrong.id}.html" in [
        href for href, _ in Page((root / "zh/events" / f"{correction.id}.html").read_text("utf-8")).links
    ]
    assert "撤回" not in Page((root / "zh/events" / f"{right.id}.html").read_text("utf-8")).text
    assert 'class="severe gone"' in (root / "zh/index.html").read_text("utf-8")


def test_a_page_that_got_lost_is_written_again(store: Store, write) -> None:
    [one] = put_events(store, stable(night()[0]))
    path = write().root / "zh/events" / f"{one.id}.html"
    text = path.read_text("utf-8")
    path.unlink()
    assert write().written == 1, "the page of one language"
    assert path.read_text("utf-8") == text


def test_without_figures_reports_and_feeds_are_still_written_and_other_pages_stay(store: Store, write, caplog) -> None:
    put_city(store, "guiyang.1", "guiyang", "live", ago(0.2), silent=0)
    city = write().root / "zh/city/guiyang/index.html"
    before = city.read_bytes()
    put_city(store, "guiyang.1", "guiyang", "stopped", NOW + timedelta(days=2), silent=250)
    [one] = put_events(store, stable(night()[0]))
    root = write().root
    assert "figures failed alone" in caplog.text
    assert (root / "zh" / event_path(one.id)).is_file()
    assert one.id in (root / "en/feeds/country.json").read_text("utf-8")
    assert city.read_bytes() == before
    write(now=NOW + timedelta(days=3))
    assert city.read_bytes() != before


def test_what_readers_are_not_told_has_no_page(store: Store, write) -> None:
    put_events(store, *map(stable, night()))
    root = write().root
    names = {path.stem for path in (root / "zh/events").iterdir()}
    hidden = [stable(one).id for one in night() if one.kind.startswith(("ops.", "platform.blocked", "dataset.updated"))]
    assert hidden
    assert names.isdisjoint(hidden)
    assert "HTTP 412" not in (root / "zh/index.html").read_text("utf-8")


def test_every_link_of_the_site_leads_to_a_file_of_it(store: Store, write) -> None:
    put_events(store, *map(stable, night()))
    put_city(store, "guiyang.1", "guiyang", "stopped", ago(0.2), silent=251)
    root = write("https://watch.example.cn/").root
    for path in root.rglob("*.html"):
        for href, _ in Page(path.read_text("utf-8")).links:
            if "://" not in href:
                file, _, anchor = href.partition("#")
                target = (path.parent / file).resolve() if file else path
                assert target.is_file(), (path, href)
                assert not anchor or f' id="{anchor}"' in target.read_text("utf-8"), (path, href)


def test_the_address_in_a_digest_is_the_pages(store: Store, write) -> None:
    [one] = put_events(store, stable(night()[0]))
    url = page_url("https://watch.example.cn/", "en", event_path(one.id))
    assert (write().root / url.removeprefix("https://watch.example.cn/")).is_file()


@pytest.mark.parametrize("kind", ["claim.mismatch", "not.known"])
def test_any_kind_can_be_told(store: Store, write, kind: str) -> None:
    [one] = put_events(
        store,
        stable(
            event(kind, "nowhere", evidence={"declared": 9, "seen": 7, "share": 0.22, "odd": {"a": None, "b": [1]}})
        ),
    )
    assert "nowhere" in (write().root / "zh/events" / f"{one.id}.html").read_text("utf-8")


def test_the_command(store: Store, store_config: StoreConfig, tmp_path: Path) -> None:
    put_events(store, *map(stable, night()[:3]))
    store.db["meta"].update_one({"_id": "store"}, {"$set": {"mode": "replay"}})
    env = os.environ | {
        "MONGODB_URI": str(store_config.uri),
        "MONGODB_DATABASE": store_config.database,
        "SITE_URL": "https://watch.example.cn",
        "WATCH_NOW": NOW.isoformat(),
    }

    def site(out: Path) -> subprocess.CompletedProcess[str]:
        return run_module("alerts", "site", "--out", str(out), "--json", env=env)

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
    assert (tmp_path / "web/watch/zh/feeds/country.atom").is_file()
    assert site("--out", "other").stdout.startswith("other: ")
    (tmp_path / ".env").write_text("SITE_DIR=.env/below\n", "utf-8")
    unwritable = site("--if-set")
    assert unwritable.exit_code == 1
    assert "name another folder with SITE_DIR" in unwritable.stderr


def test_what_a_killed_call_left_half_written_goes_but_not_what_another_is_writing(write, tmp_path: Path) -> None:
    (tmp_path / "site/zh/events").mkdir(parents=True)
    stale, fresh = (tmp_path / "site/zh/events" / name for name in (".part-old", ".part-new"))
    for part in (stale, fresh):
        part.write_text("half")
    os.utime(stale, (0, 0))
    write()
    assert not stale.exists()
    assert fresh.exists()


def test_the_night_builds_the_site_before_it_sends_what_links_to_it() -> None:
    night = (Path(__file__).parents[3] / "scripts" / "nightly.sh").read_text("utf-8")
    said = ['run "${comparing[@]}"', *(f"run alerts {name}" for name in ("digest", "site --if-set", "send", "health"))]
    steps = [night.index(step) for step in said]
    assert steps == sorted(steps)


def rows(page: str) -> dict[str, tuple[str, str]]:
    """City to the style of its state and the text of its line, in the table of all cities."""
    found = re.findall(r'<tr><th scope="row">(?:<a [^>]*>)?(.*?)(?:</a>)?</th>(.*?)</tr>', page, re.DOTALL)
    return {place: (re.findall(r'class="state (\w+)"', text)[0], Page(text).text) for place, text in found}


@pytest.mark.parametrize(("days", "style"), [(0.2, "good"), (6.9, "good"), (7.1, "unknown"), (213, "unknown")])
def test_who_was_not_read_lately_is_not_shown_as_alive(store: Store, write, days: float, style: str) -> None:
    put_city(store, "guiyang.1", "guiyang", "live", ago(days), silent=0)
    put_city(store, "jinan.1", "jinan", "stopped", ago(days), silent=251)
    put_city(store, "zunyi.1", "zunyi", "slowed", ago(0.1), silent=99)
    page = (write().root / "en/compare/index.html").read_text("utf-8")
    shown = rows(page)
    assert shown["Guiyang"][0] == style
    assert shown["Jinan"][0] == (style if style == "unknown" else "bad")
    day = f"{ago(days).astimezone(SHANGHAI):%Y-%m-%d}"
    for city, state in (("Guiyang", "updating"), ("Jinan", "stopped")):
        assert (f"{state} as of {day}" in shown[city][1]) == (style == "unknown")
        assert day in shown[city][1]
    assert shown["Zunyi"][0] == "warn"
    assert ("Grey: not fully read lately" in page) == (style == "unknown")
    assert list(shown)[-1] != "Zunyi" or style != "unknown"


def test_a_reading_that_failed_is_told_beside_the_last_one_that_did_not(store: Store, write) -> None:
    put_city(store, "guiyang.1", "guiyang", "live", ago(3), silent=0)
    tried = {"last_at": ago(0.1), "last_verdict": "blocked"}
    store.db["states"].update_one({"_id": "guiyang.1"}, {"$set": tried})
    line = rows((write().root / "en/compare/index.html").read_text("utf-8"))["Guiyang"][1]
    assert f"{ago(3).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" in line
    assert "Last tried" in line
    assert "blocked" in line


def test_the_overview_says_when_it_was_made_and_what_a_person_notes(store: Store, write) -> None:
    put_city(store, "guiyang.1", "guiyang", "stopped", ago(0.2), silent=251)
    prepare(store)
    until = day_end(NOW.date() + timedelta(days=9), SHANGHAI)
    remarks.put(store, [Remark(RemarkKind.NOTE, "guiyang.1", ago(1), until, HOSTILE, "李")])
    root = write().root
    told = {
        "zh": ("本页生成于 2026-11-24 08:00", "有效至 2026年12月3日"),
        "en": ("Page made 2026-11-24 08:00", "through 3 December 2026"),
    }
    for language, words in told.items():
        page = Page((root / language / "index.html").read_text("utf-8"))
        assert "script" not in page.tags
        assert all(one in page.text for one in words)


def test_a_page_that_stays_the_same_is_the_same_on_any_later_day(store: Store, write) -> None:
    put_events(store, *map(stable, night()[:3]))
    before = snapshot(write().root)
    after = snapshot(write(now=NOW + timedelta(days=1)).root)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {".site.json", "zh/index.html", "en/index.html"}


def test_no_code_of_ours_is_shown_to_people(store: Store, write) -> None:
    told = [
        event("dataset.overdue", "guiyang", "a", evidence={"frequency": "P1D", "before": "due", "claimed": ago(9)}),
        event("dataset.delinquent", "guiyang", "b", evidence={"frequency": "P14D", "before": "overdue"}),
        event("dataset.unlisted", "guiyang", "c", evidence={"look": "open", "absent": [{"run": "r", "look": "gone"}]}),
        event("city.stopped", "guiyang", evidence={"evidence": {"date": ago(250), "kind": "claimed"}}),
        event("resource.broken", "guiyang", "d", evidence={"why": "not_found"}),
        event("dataset.promise_weakened", "guiyang", "e", evidence={"status_before": "delinquent", "before": {"iso": "P3M"}, "after": {"iso": "P1Y"}}),
        event("dataset.open_type_changed", "guiyang", "f", evidence={"before": "open", "after": "conditional"}),
    ]  # fmt: skip
    put_events(store, *map(stable, told))
    root = write().root
    words = {
        "zh": ("每日", "每两周", "页面仍能打开", "严重逾期", "平台所示日期", "有条件开放"),
        "en": ("daily", "every two weeks", "page still opens", "long overdue", "date the portal shows", "open under conditions"),
    }  # fmt: skip
    for language in LANGUAGES:
        pages = [Page(path.read_text("utf-8")) for path in (root / language / "events").glob("*.html")]
        text = "\n".join(page.text for page in pages)
        assert len(pages) == len(told)
        for code in ("P1D", "P14D", "P3M", "P1Y", "delinquent\n", "not_found", ": open\n", "conditional\n"):
            assert code not in re.sub(r"dataset\.delinquent", "", text), code
        assert [one for one in words[language] if one not in text] == []


def test_every_value_that_events_rest_on_has_words_in_both_languages() -> None:
    with Path(kinds_module.__file__).with_name("kinds.csv").open(encoding="utf-8") as table:
        names = {name for row in csv.DictReader(table) for name in row["evidence"].split()}
    assert sorted(name for name in names - OWN if f"evidence.{name}" not in labels()) == []


def test_a_bulk_event_shows_the_reading_that_still_listed_what_is_gone(store: Store, write) -> None:
    for number, seen in enumerate((44, 38, 38, 38), start=1):
        run = a_run(f"jinan-{number}", "jinan.1", "jinan", ago(5 - number), seen=seen, declared=seen)
        store.db["runs"].insert_one({**to_document(run), "seq": number, "manifest": store.put_entries([])})
    absent = [{"run": f"jinan-{number}", "at": ago(5 - number), "look": "gone"} for number in (2, 3, 4)]
    bulk = event("bulk.deletion", "jinan", run="jinan-4", evidence={"count": 6, "absent": absent, "runs": ()})
    [one] = put_events(store, stable(bulk))
    page = Page((write().root / "zh/events" / f"{one.id}.html").read_text("utf-8"))
    assert [page.text.count(name) for name in ("jinan-1", "jinan-2", "jinan-4")] == [1, 2, 2]
    assert "44" in page.text
    assert f"python -m alerts evidence {one.id}" in page.text


def test_every_definition_and_criterion_stands_there_in_chinese_too() -> None:
    shown = {one.name for one in kinds_told()} | {*definitions(), *components(), *rules()}
    assert sorted(shown - chinese().keys()) == [], "add rows to alerts/site/chinese.csv"
    compared = {code for code, one in definitions().items() if one.differs}
    assert sorted(code for code in compared if not chinese()[code].differs) == []


TITLES = {"old": "学校名录", "back": "医院名录", "wrong": "公园名录", "gone": "药店名录"}


def test_a_city_lists_what_is_gone_and_the_overview_the_week(store: Store, write, register) -> None:
    jinan = {"slug": "jinan", "portal": register.portals["jinan"].id}
    put_city(store, jinan["portal"], "jinan", "stopped", ago(0.2), silent=251)

    def removed(name: str, days: float) -> Event:
        return stable(event("dataset.removed", dataset=name, title=TITLES[name], at=ago(days), **jinan))

    back = stable(event("dataset.reappeared", dataset="back", at=ago(2), **jinan))
    stop = stable(event("city.stopped", at=ago(3), since=ago(251), **jinan))
    put_events(store, removed("old", 9), removed("back", 4), removed("wrong", 4), removed("gone", 1), back, stop)
    [wrong] = store.db["events"].find({"dataset": "wrong"})
    put_events(store, withdrawal(replace(removed("wrong", 4), seq=wrong["seq"])))
    ended = {"old": ago(9), "gone": ago(1), "pending": None}
    states = [
        DatasetState(
            dataset=name,
            status=DatasetStatus.REMOVED if at else DatasetStatus.PENDING,
            entry=Entry(name, "f", "v"),
            last_seen=ago(12),
            gap_before=0,
            title=TITLES.get(name, "候审名录"),
            ended=at,
        )
        for name, at in ended.items()
    ]
    store.db["missing_datasets"].insert_one(bucket_document(jinan["portal"], "00", states))
    root = write().root
    for language in LANGUAGES:
        city = (root / language / "city/jinan/index.html").read_text("utf-8")
        assert "候审名录" not in city
        gone = city.partition('id="gone"')[2].partition("<h2")[0]
        assert [name for name, title in TITLES.items() if title in gone] == ["old", "gone"]
        week = (root / language / "index.html").read_text("utf-8").partition('id="week"')[2].partition("<h2")[0]
        assert [name for name, title in TITLES.items() if title in week] == ["back", "gone"]
        assert event_path(stop.id) in week


def test_a_city_that_is_told_no_more_loses_its_page(store: Store, write) -> None:
    put_city(store, "guiyang.1", "guiyang", "live", ago(0.2), silent=0)
    put_city(store, "jinan.1", "jinan", "live", ago(0.2), silent=0)
    root = write().root
    (root / "own.txt").write_text("of somebody else")
    assert (root / "en/city/jinan/index.html").is_file()
    store.db["states"].delete_one({"_id": "jinan.1"})
    write()
    assert not (root / "en/city/jinan/index.html").exists()
    assert (root / "en/city/guiyang/index.html").is_file()
    assert (root / "own.txt").is_file()
    assert "city/jinan" not in (root / "zh/index.html").read_text("utf-8")
