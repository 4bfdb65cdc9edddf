"""Datasets on the site: their tables, their pages, tombstones and the lists of what was removed."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from alerts.model.events import Event
from alerts.model.states import bucket_document, bucket_states
from alerts.publish.folder import Folder
from alerts.records.published import of_datasets
from alerts.site.policy import policy
from alerts.text.links import city_path, dataset_path, office_page, short_hash
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store
from opendata_spiders.store.views import key
from tests.alerts.digest.making import event
from tests.alerts.publish.filling import HOSTILE, put_events
from tests.alerts.site.test_site import Page, snapshot, stable
from tests.bench.site_store import NOW, Size, fill

SMALL = Size(portals=2, datasets=240, told=24)


@pytest.fixture
def root(store: Store, register: Register, write) -> Path:
    fill(store, register, SMALL)
    return write(now=NOW).root


def a_gone(store: Store) -> tuple[str, str, str]:
    """Slug, portal and id of a dataset that was removed."""
    document = store.db["missing_datasets"].find_one(sort=[("_id", 1)])
    assert document
    portal = document["portal"]
    slug = store.db["states"].find_one({"_id": portal})["slug"]
    return slug, portal, bucket_states(document)[0].dataset


def read(root: Path, path: str, language: str = "zh") -> Page:
    return Page((root / language / path).read_text("utf-8"))


def written(folder: Folder, before: dict[str, tuple[int, bytes]]) -> set[str]:
    after = snapshot(folder.root)
    return {name for name in after if after[name] != before.get(name)}


def test_no_page_is_large_and_an_unchanged_night_writes_nothing(root: Path, write) -> None:
    assert max(path.stat().st_size for path in root.rglob("*.html")) < 200_000
    before = snapshot(root)
    again = write(now=NOW)
    assert again.written == 0
    assert snapshot(root) == before


def test_every_dataset_stands_in_the_table_of_its_office(store: Store, root: Path) -> None:
    for view in store.db.datasets.find({}, {"slug": 1, "office": 1, "title": 1}).limit(40):
        pages = root.glob(f"zh/city/{view['slug']}/office-{short_hash(view['office'])}-*.html")
        assert any(view["title"] in path.read_text("utf-8") for path in pages), view


def test_a_long_table_has_pages(store: Store, register: Register, write) -> None:
    fill(store, register, Size(1, policy().table_rows + 2, 1))
    store.db.datasets.update_many({}, {"$set": {"office": "市统计局"}})
    root = write(now=NOW).root
    slug = store.db.datasets.find_one()["slug"]
    first, last = (root / "en" / "city" / slug / office_page("市统计局", number) for number in (1, 2))
    assert first.read_text("utf-8").count('<th scope="row"') == policy().table_rows
    assert [href for href, _ in Page(last.read_text("utf-8")).links].count(first.name) == 1
    assert not last.with_name(office_page("市统计局", 3)).exists()


def test_a_tombstone_says_when_it_was_seen_how_to_cite_it_and_where_else_to_look(store: Store, root: Path) -> None:
    slug, portal, dataset = a_gone(store)
    path = dataset_path(slug, portal, dataset)
    shown = store.db.datasets.find_one({"_id": key(portal, dataset)})
    zh, en = read(root, path), read(root, path, "en")
    for words in ("已下架", "2026年11月21日 仍在列 · 2026年11月22日、2026年11月23日 不在列", f"{dataset}2",
                  f"{slug}-1", f"{slug}-3", f"{shown['office']}. {shown['title']}[DS/OL]", "[2026-11-21]"):  # fmt: skip
        assert words in zh.text, words
    assert "seen 21 November 2026 · absent on 22 November 2026, 23 November 2026" in en.text
    links = [href for href, _ in zh.links]
    assert f"https://web.archive.org/web/20261121/{shown['page_url']}" in links
    [letter] = [href for href in links if href.endswith(".txt")]
    text = (root / "zh" / path).parent.joinpath(letter).resolve().read_text("utf-8")
    assert text.startswith(f"政府信息公开申请\n\n{shown['office']}：")
    assert shown["page_url"] in text
    assert text in zh.text


def test_a_page_shows_the_log_with_quiet_events_versions_and_the_promise(store: Store, root: Path) -> None:
    listed = next(
        one for one in told(store) if store.db.datasets.find_one({"_id": key(one.portal, one.dataset)})["listed"]
    )
    text = (root / "en" / dataset_path(listed.slug, listed.portal, listed.dataset)).read_text("utf-8")
    page = Page(text)
    for words in ("dataset updated", "dataset description changed", "overdue", "旧 → 新", f"{listed.dataset}1"):
        assert words in page.text, words
    assert 'class="timeline"' in text
    assert re.search(r"\d updates seen, \d periods? without one", page.text)


def told(store: Store) -> Iterator[Event]:
    for state in store.db["states"].find():
        yield from of_datasets(store, state["_id"])


def test_one_that_came_back_says_since_when(store: Store, root: Path, write) -> None:
    slug, portal, dataset = a_gone(store)
    [gone] = [one for one in told(store) if one.dataset == dataset and one.kind == "dataset.removed"]
    store.db["missing_datasets"].delete_many({"portal": portal})
    store.db.datasets.update_one({"_id": key(portal, dataset)}, {"$set": {"listed": True}})
    back = event("dataset.reappeared", slug, dataset, portal=portal, title=gone.title, evidence={"ended_by": gone.id})
    put_events(store, stable(back))
    write(now=NOW)
    page = read(root, dataset_path(slug, portal, dataset))
    assert "起重新列出" in page.text
    assert "依申请公开" not in page.text
    [row] = [row for row in rows(root / "zh" / "removed" / f"{gone.at:%Y-%m}.html") if gone.title in row]
    assert "已重新列出" in row


def rows(path: Path) -> list[str]:
    return re.findall("<tr>.*?</tr>", path.read_text("utf-8"))


def test_the_removed_are_listed_by_month_and_by_province(store: Store, register: Register, root: Path) -> None:
    slug, portal, dataset = a_gone(store)
    path = dataset_path(slug, portal, dataset)
    index = read(root, "removed/index.html")
    lists = {href for href, _ in index.links if re.fullmatch(r"(\d{4}-\d\d|province-[a-z-]+)\.html", href)}
    assert any(href.startswith("province-") for href in lists)
    months = [name for name in lists if name[0] == "2"]
    assert sum(f"../{path}" in (root / "zh" / "removed" / name).read_text("utf-8") for name in months) == 1
    assert len(rows(root / "en" / "removed" / months[0])) > 1


def test_an_event_touches_the_pages_of_its_place_alone(store: Store, root: Path, write) -> None:
    before = snapshot(root)
    one = next(told(store))
    fresh = event("dataset.overdue", one.slug, one.dataset, portal=one.portal, title=one.title, at=NOW)
    put_events(store, stable(fresh))
    changed = written(write(now=NOW), before)
    paths = (dataset_path(one.slug, one.portal, one.dataset), city_path(one.slug))
    own = {f"{language}/{path}" for language in ("zh", "en") for path in paths}
    assert own == {name for name in changed if "/city/" in name}
    assert not {name for name in changed if name.startswith("search/")}


def test_hostile_text_stays_text(store: Store, register: Register, write) -> None:
    fill(store, register, Size(1, 30, 10))
    evil = {"title": HOSTILE, "office": HOSTILE, "page_url": "javascript:alert(1)", "frequency_raw": HOSTILE}
    store.db.datasets.update_many({}, {"$set": evil | {"raw": dict.fromkeys(("title", "description"), HOSTILE)}})
    for document in store.db["missing_datasets"].find():
        states = [
            replace(one, title=HOSTILE, office=HOSTILE, page_url="javascript:x") for one in bucket_states(document)
        ]
        place = document["_id"].rpartition("#")[2]
        store.db["missing_datasets"].replace_one(
            {"_id": document["_id"]}, bucket_document(document["portal"], place, states)
        )
    root = write(now=NOW).root
    made = [*root.glob("*/city/*/*.html"), *root.glob("*/removed/*.html")]
    assert len(made) >= 30
    for path in made:
        text = path.read_text("utf-8")
        assert "<script>" not in text, path
        assert "javascript:" not in re.sub(">[^<]*<", "><", text), path
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text), path


@pytest.mark.parametrize("field", ["title", "office", "page_url"])
def test_a_dataset_without_a_field_is_shown_all_the_same(store: Store, register: Register, write, field: str) -> None:
    fill(store, register, Size(1, 20, 4))
    store.db.datasets.update_many({}, {"$set": {field: None}, "$unset": {f"raw.{field}": 1}})
    assert list(write(now=NOW).root.glob("zh/city/*/office-*.html"))


def test_a_dataset_that_cannot_be_read_does_not_stop_the_others(store: Store, register: Register, write) -> None:
    fill(store, register, Size(1, 20, 4))
    first = store.db.datasets.find_one({"listed": True})
    store.db.datasets.update_one({"_id": first["_id"]}, {"$set": {"frequency_raw": {"$odd": datetime(2026, 1, 1)}}})  # noqa: DTZ001
    root = write(now=NOW).root
    assert sum(path.read_text("utf-8").count('<th scope="row"') for path in root.glob("zh/city/*/office-*.html")) >= 19


def test_what_got_another_id_leads_to_it(store: Store, root: Path, write) -> None:
    slug, portal, dataset = a_gone(store)
    twin = next(one.dataset for one in told(store) if one.portal == portal and one.dataset != dataset)
    document = store.db["missing_datasets"].find_one({"portal": portal}, sort=[("_id", 1)])
    states = [replace(one, twin=twin) if one.dataset == dataset else one for one in bucket_states(document)]
    place = document["_id"].rpartition("#")[2]
    store.db["missing_datasets"].replace_one({"_id": document["_id"]}, bucket_document(portal, place, states))
    store.db["states"].update_one({"_id": portal}, {"$set": {"known": "another"}})
    write(now=NOW + timedelta(hours=1))
    page = read(root, dataset_path(slug, portal, dataset))
    assert "已换编号列出" in page.text
    assert dataset_path(slug, portal, twin).rpartition("/")[2] in [href for href, _ in page.links]
    tables = root.glob(f"zh/city/{slug}/office-*.html")
    assert not any(dataset_path(slug, portal, dataset).rpartition("/")[2] in path.read_text("utf-8") for path in tables)
