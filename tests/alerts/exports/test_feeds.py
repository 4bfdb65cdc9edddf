"""Feeds of single datasets and of watches: quiet events too, no dead link, nobody else's names."""

import json
from pathlib import Path

import pytest

from alerts.audience.watches import Watch, add
from alerts.exports.feeds import dataset_feed, dataset_file, watch_file, write_watch_feeds
from alerts.exports.source import Source
from alerts.exports.tables import datasets, events
from alerts.publish.folder import Folder
from tests.alerts.exports.conftest import FIRST, ODD, Night
from tests.alerts.publish.feeds.test_feeds import atom, jsonfeed

GUIYANG = "520100.1"


@pytest.fixture
def changed(source: Source, night: Night) -> Source:
    """One dataset's description changes and another gets a new date: quiet events."""
    left = {name: row for name, row in ODD.items() if name != "a5"}
    night(
        "guiyang",
        {**left, "a1": {**ODD["a1"], "description": "另一说明"}, "a2": {**ODD["a2"], "updated": "2026-10-03"}},
        5,
    )
    return source


def test_a_dataset_has_a_feed_with_quiet_events_and_links_that_lead_somewhere(changed: Source, tmp_path: Path) -> None:
    feed = dataset_feed(changed, GUIYANG, "a1")
    assert [entry.event.kind for entry in feed.entries] == ["dataset.updated", "dataset.changed"]
    gone = dataset_feed(changed, GUIYANG, "a5")
    assert "dataset.removed" in [entry.event.kind for entry in gone.entries]
    assert "医院名录" in gone.name.zh
    assert dataset_feed(changed, GUIYANG, "nothing").entries == ()
    assert dataset_file(GUIYANG, "a1") != dataset_file(GUIYANG, "a2")


def test_watches_have_a_feed_under_a_name_that_tells_nothing(changed: Source, tmp_path: Path) -> None:
    for subscriber, dataset, was in (("desk", "a1", ()), ("desk", "b9", ("a5",)), ("other", "a2", ())):
        add(changed.store, Watch(subscriber, GUIYANG, dataset, "", "", FIRST, was))
    folder = Folder(tmp_path)
    write_watch_feeds(changed, folder)
    names = {path.name for path in (tmp_path / "zh" / "feeds").iterdir()}
    mine, others = (watch_file(changed.store, one) for one in ("desk", "other"))
    assert mine != others
    assert {f"{mine}.atom", f"{mine}.json", f"{others}.atom", f"{dataset_file(GUIYANG, 'a1')}.json"} <= names
    assert not any("desk" in path.read_text("utf-8") for path in (tmp_path / "zh" / "feeds").iterdir())
    atom(tmp_path / "zh" / "feeds" / f"{mine}.atom")
    items = jsonfeed(tmp_path / "zh" / "feeds" / f"{mine}.json")["items"]
    assert {item["tags"][0] for item in items} == {"dataset.changed", "dataset.updated", "dataset.removed"}
    for item in items:
        assert item["url"].startswith("https://watch.example.cn/" if item["tags"][0] == "dataset.removed" else "http")
    [quiet] = [item for item in items if item["tags"][0] == "dataset.changed"]
    assert quiet["url"].startswith(changed.register.by_id(GUIYANG).base_url)
    again = Folder(tmp_path)
    write_watch_feeds(changed, again)
    assert again.written == 0
    assert json.loads((tmp_path / "zh" / "feeds" / f"{others}.json").read_text("utf-8"))["items"]


def test_an_early_word_is_in_the_watchers_feed_and_nowhere_public(source: Source, night: Night, tmp_path: Path) -> None:
    add(source.store, Watch("desk", GUIYANG, "a4", "", "", FIRST))
    night("guiyang", {name: row for name, row in ODD.items() if name not in ("a4", "a3", "a5")}, 5)
    [stated] = source.store.db["events"].find({"kind": "dataset.possibly_gone"})
    assert stated["dataset"] == "a4"
    write_watch_feeds(source, Folder(tmp_path))
    mine, public = (
        tmp_path / "zh" / "feeds" / f"{name}.json"
        for name in (watch_file(source.store, "desk"), dataset_file(GUIYANG, "a4"))
    )
    assert [item["tags"][0] for item in jsonfeed(mine)["items"]] == ["dataset.possibly_gone"]
    assert jsonfeed(public)["items"] == []
    assert "dataset.possibly_gone" not in {row["kind"] for row in events.rows(source)}
    assert [row["status"] for row in datasets.of_portal(source, GUIYANG) if row["id"] == "a4"] == ["missing"]
    night("guiyang", {name: row for name, row in ODD.items() if name != "a5"}, 6)
    assert source.store.db["events"].count_documents({"kind": "dataset.listed_again", "dataset": "a4"}) == 1
