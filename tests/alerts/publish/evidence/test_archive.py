"""The archive of one event: complete, the same each time, harmless, and right about what was there."""

import hashlib
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from zipfile import ZipFile

import pytest

from alerts.corrections.correct import regrade_run, retract
from alerts.corrections.event_log import ManualCorrection
from alerts.engine.runner import PortalRef, fold_new, fold_rounds
from alerts.model.events import Event
from alerts.model.kinds import kinds
from alerts.model.policy import policy
from alerts.publish.evidence.archive import archive
from alerts.publish.evidence.gather import gather
from alerts.records.queries import events_after, find_event
from alerts.text.wording import texts
from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Verdict

PLACE = PortalRef("id-of-testcity", "testcity")
HOSTILE = "<script src=//evil.example/x.js></script>\x1b[31m\u202e{{7*7}} & \"'"
TOLD: dict[str, Any] = {
    "start": {"d1..d40": {}, "e": {"title": HOSTILE, "office": "<b>局</b>"}},
    "nights": [
        {"hide": ["e"], "look": {"e": "gone"}, "set": {"n1": {"title": "新的数据"}}},
        {"verdict": "blocked"},
        {"look": {"e": "gone"}, "set": {"d1": {"title": "改了的名字"}}},
    ],
}


def stated(store: Store, kind: str) -> Event:
    return next(one for one in events_after(store, 0) if one.kind == kind)


def nights(store: Store, story: Any, put: Any) -> list[str]:
    shelf = story.shelf
    shelf.known_versions = {
        name: replace(one, list_body=f'{{"row": "{one.dataset}"}}', detail_body=f"<p>{one.dataset}</p>\ud800")
        for name, one in shelf.known_versions.items()
    }
    ids: list[str] = put(story)
    fold_new(store, PLACE, policy())
    return ids


def opened(store: Store, event: Event) -> dict[str, bytes]:
    found = find_event(store, event.id)
    assert found
    with ZipFile(io.BytesIO(archive(gather(store, found)))) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


class Watcher(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in {"src", "href", "action"} or name[:2] == "on"]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def watched(files: dict[str, bytes]) -> Watcher:
    watcher = Watcher()
    watcher.feed(files["page.html"].decode())
    return watcher


def test_a_removal_holds_both_runs_the_last_entry_and_the_raw_bodies(store: Store, tell: Any, put: Any) -> None:
    ids = nights(store, tell(TOLD), put)
    files = opened(store, stated(store, "dataset.removed"))
    compared = json.loads(files["compared.json"])
    assert compared == {"before": ids[0], "after": ids[3]}
    assert {f"runs/{ids[n]}.json" for n in (0, 1, 3)} <= files.keys()
    assert json.loads(files[f"runs/{ids[3]}.json"])["run"] == json.loads(
        json.dumps(store.db["runs"].find_one({"_id": ids[3]}), default=lambda at: at.isoformat())
    )
    before, after = (json.loads(files[f"datasets/0001/{name}/entry.json"]) for name in ("before", "after"))
    assert (before["run"], before["entry"]["id"]) == (ids[0], "e")
    assert after == {"run": ids[3], "entry": None}
    assert json.loads(files["datasets/0001/before/version.json"])["content"]["title"] == HOSTILE
    assert files["datasets/0001/before/raw/list-row.txt"] == b'{"row": "e"}'
    assert files["datasets/0001/before/raw/detail.txt"] == "<p>e</p>\ud800".encode("utf-8", "surrogatepass")
    assert not any(name.startswith("datasets/0001/after/raw") for name in files)


def test_the_hashes_are_those_of_the_files(store: Store, tell: Any, put: Any) -> None:
    nights(store, tell(TOLD), put)
    files = opened(store, stated(store, "dataset.removed"))
    lines = dict(line.split("  ", 1)[::-1] for line in files["MANIFEST.txt"].decode().splitlines())
    assert lines == {name: hashlib.sha256(body).hexdigest() for name, body in files.items() if name != "MANIFEST.txt"}


def test_the_bytes_are_the_same_each_time_until_something_is_corrected(store: Store, tell: Any, put: Any) -> None:
    ids = nights(store, tell(TOLD), put)
    event = stated(store, "dataset.removed")
    first = archive(gather(store, event))
    assert archive(gather(store, event)) == first
    word = ManualCorrection("<i>it was there</i>", datetime(2026, 11, 1, tzinfo=UTC))
    retract(store, PLACE, event.id, word)
    files = opened(store, event)
    page = files["page.html"].decode()
    assert "This report has been withdrawn" in page
    assert "&lt;i&gt;it was there" in page
    assert json.loads(files["event.json"])["retracted"]
    assert len(json.loads(files["corrections.json"])) == 1
    run = store.run(ids[3])
    assert run
    regrade_run(store, PLACE, run, Verdict.PARTIAL, word)
    assert json.loads(opened(store, event)[f"runs/{ids[3]}.json"])["regraded"]["verdict"] == "partial"


def test_a_hostile_title_runs_and_loads_nothing(store: Store, tell: Any, put: Any) -> None:
    nights(store, tell(TOLD), put)
    files = opened(store, stated(store, "dataset.removed"))
    page = watched(files)
    assert page.loads == []
    assert not {"script", "b", "img", "a", "iframe", "link", "form"} & page.tags
    text = "".join(page.text)
    assert "{{7*7}}" in text
    assert not set("\x1b\u202e") & set(text)
    assert "default-src 'none'" in files["page.html"].decode()
    assert "https://p.example/e" in text


@pytest.mark.parametrize("kind", ["dataset.new", "dataset.renamed", "platform.blocked"])
def test_other_events_have_theirs(store: Store, tell: Any, put: Any, kind: str) -> None:
    ids = nights(store, tell(TOLD), put)
    event = stated(store, kind)
    files = opened(store, event)
    assert json.loads(files["event.json"])["kind"] == kind
    assert f"runs/{event.run}.json" in files
    if kind == "dataset.new":
        assert json.loads(files["compared.json"]) == {"before": ids[0], "after": ids[1]}
        assert "datasets/0001/before/entry.json" not in files
        assert b"n1" in files["datasets/0001/after/raw/list-row.txt"]
    if kind == "dataset.renamed":
        titles = [
            json.loads(files[f"datasets/0001/{side}/version.json"])["content"]["title"] for side in ("before", "after")
        ]
        assert titles == ["d1号数据", "改了的名字"]


def test_a_bulk_deletion_holds_every_dataset(store: Store, tell: Any, put: Any) -> None:
    gone = {"look": {"d1..d12": "gone"}}
    nights(store, tell({"start": {"d1..d40": {}}, "nights": [{"hide": ["d1..d12"], **gone}, gone, gone]}), put)
    files = opened(store, stated(store, "bulk.deletion"))
    raw = [name for name in files if name.endswith("before/raw/detail.txt")]
    assert len(raw) == 12
    assert "datasets/0012/after/entry.json" in files


def test_the_page_says_each_thing_once_in_both_languages(store: Store, tell: Any, put: Any) -> None:
    gone = {"look": {"d1..d12": "gone"}}
    nights(store, tell({"start": {"d1..d40": {}}, "nights": [{"hide": ["d1..d12"], **gone}, gone, gone]}), put)
    text = " ".join("".join(watched(opened(store, stated(store, "bulk.deletion"))).text).split())
    assert text.count("d7号数据") == 1, "a row, in one table for both languages"
    for words in ("结论 Finding", "无法判断的事项 What we cannot know", "一次下架 12 个数据集", "12 datasets removed at once",
                  "All fields of each dataset are in the archive"):  # fmt: skip
        assert words in text


def test_contacts_of_persons_are_in_the_archive_and_not_on_paper(store: Store, tell: Any, put: Any) -> None:
    contact = {"contact_phone": "0851-7654321", "contact_email": "li@example.cn", "title": "公交线路"}
    nights(
        store, tell({"start": {"d1..d40": {}, "e": contact}, "nights": [{"set": {"e": {"title": "公交站点"}}}]}), put
    )
    files = opened(store, stated(store, "dataset.renamed"))
    page = files["page.html"].decode()
    assert "公交站点" in page
    assert not re.search(r"7654321|li@example", page)
    assert "not printed" in page
    kept = b"".join(data for name, data in files.items() if name.endswith("version.json"))
    assert b"0851-7654321" in kept
    assert b"li@example.cn" in kept


def test_a_bulk_import_holds_the_new_ones(store: Store, tell: Any, put: Any) -> None:
    nights(store, tell({"start": {"d1..d40": {}}, "nights": [{"set": {"n1..n30": {}}}]}), put)
    files = opened(store, stated(store, "bulk.import"))
    assert len([name for name in files if name.endswith("after/raw/list-row.txt")]) == 30


def test_a_stop_holds_the_last_sign_of_life(store: Store, tell: Any, put: Any) -> None:
    told = {"start": {"a": {"updated": "D-240"}, "b": {"updated": "D-400"}}, "nights": [{"times": 5}]}
    nights(store, tell(told), put)
    event = stated(store, "city.stopped")
    files = opened(store, event)
    assert json.loads(files["datasets/0001/dataset.json"])["id"] == "a"
    text = "".join(watched(files).text)
    assert "2026-01-04 18:00:00 UTC" in text
    assert "2026-01-05 02:00:00 +08:00" in text
    for words in ("已 244 天没有更新", "No update for 244 days", "平台之外是否有更新", "outside the portal"):
        assert words in text


def test_every_kind_has_words_on_what_cannot_be_known() -> None:
    for language in ("zh", "en"):
        limits = texts(language)["evidence_page"]["limits"]
        for kind in kinds():
            assert kind in limits or kind.partition(".")[0] in limits or kind.partition(".")[0] in {
                "claim", "event", "resource", "coverage", "audit",
            }  # fmt: skip


def test_the_command(store: Store, tell: Any, put: Any, alerts: Any, tmp_path: Any) -> None:
    nights(store, tell(TOLD), put)
    out = tmp_path / "a.zip"
    event = stated(store, "dataset.removed")
    done = alerts("evidence", event.id, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == archive(gather(store, event))
    wrong = alerts("evidence", "nonsense")
    assert (wrong.returncode, "there is no event 'nonsense'" in wrong.stderr) == (2, True)
    nowhere = alerts("evidence", event.id, "--out", str(tmp_path / "no" / "a.zip"))
    assert (nowhere.returncode, len(nowhere.stderr.splitlines())) == (1, 1)


LOOKS: dict[str, Any] = {
    "start": {"a": {}, "b": {}},
    "files": {"a/x.csv": {"columns": ["名称", HOSTILE[:30]], "rows": 7}, "b/y.csv": {}},
    "nights": [{"files": {"a/x.csv": {"columns": ["名称", "地址", HOSTILE[:30]]}}, "times": 2}],
}


def test_looks_at_files_hold_both_checks_and_no_other_dataset(store: Store, tell: Any, put: Any) -> None:
    story = tell(LOOKS)
    nights(store, story, put)
    fold_rounds(store, PLACE, policy())
    files = opened(store, stated(store, "dataset.schema_changed"))
    names = [looked.id for looked in story.rounds]
    assert json.loads(files["compared.json"]) == {"before": names[0], "after": names[2]}
    assert {f"rounds/{name}.json" for name in names} <= files.keys()
    first, last = (json.loads(files[f"rounds/{name}.json"]) for name in (names[0], names[2]))
    assert [one["dataset"] for one in first["checks"] + last["checks"]] == ["a", "a"]
    assert (first["checks"][0]["columns"], len(last["checks"][0]["columns"])) == (["名称", HOSTILE[:30]], 3)
    page = watched(files)
    text = "".join(page.text)
    for look in (first, last):
        assert look["checks"][0]["content_hash"] in text
        assert look["checks"][0]["url"] in text
        assert datetime.fromisoformat(look["at"]).strftime("%Y-%m-%d %H:%M:%S UTC") in text
    assert "名称 | 地址" in text
    assert "script" not in page.tags
    assert page.loads == []
