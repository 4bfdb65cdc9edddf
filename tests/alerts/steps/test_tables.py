"""What commands give to people and programs: a sheet of events, JSON of everything, addresses of a site."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result

from alerts.publish.feed_library import Library
from alerts.text.spreadsheets import BOM
from alerts.text.statements import statement_of
from opendata_spiders.register import Register, load
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import put
from tests.alerts.digest.making import NOW, PLACES, event
from tests.alerts.publish.filling import put_events

Alerts = Callable[..., Result]
FILE = "subscribers:\n  - name: desk\n    language: en\n    urls: ['json://127.0.0.1:9/']\n    filter: {cities: [guiyang]}\n"


def four() -> list:
    removed = {"title": "=公交\x1b[31m站点", "office": "交通局", "evidence": {"last_seen": NOW - timedelta(days=2)}}
    return [
        event("dataset.removed", "guiyang", "a1", at=NOW - timedelta(days=40), **removed),
        event("dataset.unlisted", "guiyang", "a2", at=NOW - timedelta(days=9), title="雨量"),
        event("city.slowed", "jinan", at=NOW - timedelta(days=1), since=NOW - timedelta(days=99), evidence={"days_silent": 98}),
        event("dataset.removed", "jinan", "b1", at=NOW, title="医院"),
    ]  # fmt: skip


def sheet(alerts: Alerts, out: Path, *words: str) -> list[dict[str, str]]:
    done = alerts("events", *words, "--csv", str(out))
    assert done.exit_code == 0, done.output
    assert "events written to" in done.stderr
    text = out.read_text("utf-8")
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def test_removals_of_a_month_as_a_sheet_with_ids(store: Store, alerts: Alerts, tmp_path: Path) -> None:
    put_events(store, *four())
    out = tmp_path / "events.csv"
    rows = sheet(alerts, out, "--kind", "dataset.removed")
    assert [(one["id 编号"], one["dataset 数据集编号"]) for one in rows] == [
        ("dataset.removed/guiyang/a1", "a1"), ("dataset.removed/jinan/b1", "b1")
    ]  # fmt: skip
    assert rows[0]["title 标题"].startswith("'=公交")
    day = f"{(NOW - timedelta(days=9)).date()}"
    assert [one["slug 地方简称"] for one in sheet(alerts, out, "--until", day)] == ["guiyang", "guiyang"], (
        "that day included"
    )
    assert len(sheet(alerts, out, "--since", day, "--until", day)) == 1
    jinan = load().portals["jinan"].id
    store.db["events"].update_many({"slug": "jinan"}, {"$set": {"portal": jinan}})
    assert len(sheet(alerts, out, "--portal", "济南", "--kind", "city", "--kind", "dataset.*")) == 2
    assert {one["id"] for one in json.loads(alerts("events", "--json", "--kind", "city.*").stdout)} == {
        "city.slowed/jinan/None"
    }
    assert "city.slowed/jinan" in alerts("events").stdout.replace("\n", "")


def test_the_sheet_has_the_evidence_of_a_removal(store: Store, alerts: Alerts, tmp_path: Path) -> None:
    seen, missed = NOW - timedelta(days=3), NOW - timedelta(days=2)
    evidence = {"last_seen": seen, "absent": [{"run": "r1", "at": missed, "look": "gone"}], "entry": {"version": "abc"},
                "runs": ["r0", "r1"]}  # fmt: skip
    put_events(
        store,
        event("dataset.removed", "guiyang", "a1", title="医院", page_url="https://p.example/a1", evidence=evidence),
    )
    lines = tmp_path / "events.jsonl"
    done = alerts(
        "events", "--csv", str(tmp_path / "e.csv"), "--jsonl", str(lines), SITE_URL="https://watch.example.cn"
    )
    assert done.exit_code == 0, done.output
    [row] = csv.DictReader(io.StringIO((tmp_path / "e.csv").read_text("utf-8-sig"), newline=""))
    [known] = map(json.loads, lines.read_text("utf-8").splitlines())
    assert row["page_url 数据集页面"] == known["page_url"] == "https://p.example/a1"
    assert known["event_page_zh"].startswith("https://watch.example.cn/zh/")
    assert row["event_page_en 事件页面（英文）"] == known["event_page_en"]
    assert (row["version 版本"], known["absent"], known["runs"]) == (
        "abc",
        [f"{missed:%Y-%m-%dT%H:%M:%SZ}"],
        ["r0", "r1", "guiyang-20261123"],
    )
    assert json.loads(row["evidence 依据"]) == known["evidence"]
    assert known["last_seen"] == f"{seen:%Y-%m-%dT%H:%M:%SZ}"
    assert row["severity 程度"] == "值得注意 / notable"


def test_sheet_page_and_feed_say_the_same(store: Store, alerts: Alerts, tmp_path: Path, register: Register) -> None:
    put_events(store, *four())
    entries = {one.id.rpartition("event/")[2]: one for feed in Library(store, register).feeds() for one in feed.entries}
    for row, stated in zip(sheet(alerts, tmp_path / "e.csv"), four(), strict=True):
        words = statement_of(stated, PLACES)
        assert (row["zh 内容"], row["en 内容（英文）"]) == (words.what.zh, words.what.en)
        assert entries[stated.id].words.what == words.what


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("events", "--kind", "dataset.remove"), "did you mean 'dataset.removed'?"),
        (("events", "--until", "soon"), "--until 'soon' is no date"),
        (("events", "--portal", "济"), "names no portal"),
        (("audit", "贵阳市x"), "names no portal"),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_one(alerts: Alerts, words: tuple[str, ...], said: str) -> None:
    refused = alerts(*words)
    assert refused.exit_code == 2
    assert said in refused.stderr


@pytest.mark.parametrize(
    "words", [("audit", "贵阳"), ("events", "--portal", "贵阳市"), ("states", "--portal", "Guiyang"), ("diff", "贵阳")]
)
def test_places_go_by_their_names_in_every_command(store: Store, alerts: Alerts, words: tuple[str, ...]) -> None:
    put(store, "guiyang", {"a1": None})
    done = alerts(*words, "--json")
    assert done.exit_code == 0, done.output
    assert words[0] in {"events", "diff"} or "guiyang" in done.stdout


@pytest.mark.parametrize(
    "url",
    [
        "ftp://watch.example.cn",
        "watch.example.cn",
        "https://",
        "https://a b.cn",
        "https://x.cn/?q=1",
        "http://u:p@x.cn",
    ],
)
def test_an_address_that_leads_nowhere_never_reaches_a_feed(
    store: Store, alerts: Alerts, subscribe, tmp_path: Path, url: str
) -> None:
    put_events(store, *four())
    subscribe(FILE)
    for words in (("site", "--out", str(tmp_path / "site")), ("digest", "--preview")):
        refused = alerts(*words, SITE_URL=url)
        assert refused.exit_code == 1
        assert "SITE_URL" in refused.stderr
        assert "https://watch.example.cn" in refused.stderr
    assert not (tmp_path / "site" / "feeds").exists()


def test_programs_get_one_document(store: Store, alerts: Alerts, subscribe, tmp_path: Path) -> None:
    put(store, "guiyang", {"a1": {"frequency": "每月", "updated": "2026-01-05"}})
    subscribe(FILE.replace("language: en", "language: en\n    role: officer"))
    put_events(store, event("dataset.removed", "guiyang", "a1", title="公交"))
    [check] = json.loads(alerts("subscribe", "check", "--json").stdout)
    assert (check["name"], check["targets"][0]["service"], check["tests"]) == ("desk", "Webhook (JSON)", [])
    [preview] = json.loads(alerts("digest", "--preview", "--json").stdout)
    assert preview["subject"].startswith("State of play")
    assert "每月" in preview["list"]
    [late] = json.loads(alerts("subscribe", "overdue", "--subscriber", "desk", "--json").stdout)
    assert (late["dataset"], late["promise"], late["state"]) == ("a1", "每月", "delinquent")
    zipped = tmp_path / "e.zip"
    made = json.loads(alerts("evidence", "dataset.removed/guiyang/a1", "--out", str(zipped), "--json").stdout)
    assert (made["kind"], made["bytes"]) == ("dataset.removed", zipped.stat().st_size)
    [gone] = json.loads(alerts("subscribe", "remove", "--subscriber", "desk", "--watch", "guiyang:a1", "--json").stdout)
    assert gone["result"] == "was not watched"
