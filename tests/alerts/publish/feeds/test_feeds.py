"""Feeds as a feed reader gets them: valid, stable, harmless, and unchanged where nothing changed."""

import email.utils
import functools
import http.client
import http.server
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from opendata_spiders.store.store import Store
from tests.alerts.digest.making import event, night
from tests.alerts.publish.feeds.schema import faults
from tests.alerts.publish.filling import HOSTILE, put_events
from tests.alerts.site.test_site import stable, withdrawal

ATOM = "{http://www.w3.org/2005/Atom}"
SCHEMA = json.loads(Path(__file__).with_name("jsonfeed-1.1.schema.json").read_text("utf-8"))


def atom(path: Path) -> etree._Element:
    """Parsed, and checked for what RFC 4287 demands of a feed and of an entry."""
    root = etree.fromstring(path.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
    assert root.tag == f"{ATOM}feed"
    for node in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(node.findall(ATOM + name)) == 1, (path, name)
        assert re.fullmatch(r"tag:[a-z.-]+,2026:\S+", node.findtext(f"{ATOM}id"))
        assert datetime.fromisoformat(node.findtext(f"{ATOM}updated")).tzinfo
        assert len([one for one in node.findall(f"{ATOM}link") if one.get("rel") == "alternate"]) == 1
    assert root.find(f"{ATOM}author") is not None
    ids = [one.findtext(f"{ATOM}id") for one in root.iter(f"{ATOM}entry")]
    assert len(set(ids)) == len(ids)
    return root


def entries(path: Path) -> dict[str, etree._Element]:
    return {one.findtext(f"{ATOM}id").rpartition("/")[2]: one for one in atom(path).iter(f"{ATOM}entry")}


def jsonfeed(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert faults(document, SCHEMA) == []
    return document


def real(name: str, register) -> dict[str, str]:
    return {"slug": name, "portal": register.portals[name].id}


def test_every_feed_is_valid_in_both_formats_and_says_the_same(store: Store, feeds, register) -> None:
    put_events(
        store,
        *(
            stable(replace(one, portal=register.portals[one.slug].id))
            for one in night()
            if one.slug in register.portals
        ),
    )
    for site_url in ("https://watch.example.cn/", ""):
        folder = feeds(site_url, name=f"site{len(site_url)}")
        files = sorted(folder.glob("*.atom"))
        assert len(files) == 1 + 31 + len({*(portal.slug for portal in register.crawlable())})
        for path in files:
            root, document = atom(path), jsonfeed(path.with_suffix(".json"))
            assert [one.findtext(f"{ATOM}id") for one in root.iter(f"{ATOM}entry")] == [
                one["id"] for one in document["items"]
            ]
            assert root.findtext(f"{ATOM}title") == document["title"]
        assert ("feed_url" in document) == bool(site_url)


def test_an_event_stands_in_the_feeds_of_its_city_its_province_and_the_country(store: Store, feeds, register) -> None:
    [one] = put_events(store, stable(replace(night()[0], **real("jinan", register))))
    folder = feeds()
    for name in ("country", "province-shandong", "city-jinan"):
        [(found, entry)] = entries(folder / f"{name}.atom").items()
        assert found == one.id
        assert entry.findtext(f"{ATOM}title") == "济南 · 城市停更"
        assert entry.findtext(f"{ATOM}updated") == f"{one.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        assert entry.find(f"{ATOM}link").get("href") == f"https://watch.example.cn/zh/events/{one.id}.html"
    assert entries(folder / "province-guizhou.atom") == {}


def test_hostile_titles_cannot_act_in_a_feed(store: Store, feeds, register) -> None:
    put_events(
        store,
        stable(
            event(
                "dataset.removed",
                dataset=HOSTILE,
                title=HOSTILE,
                office=HOSTILE,
                page_url="javascript:x",
                **real("jinan", register),
            )
        ),
    )
    [entry] = entries(feeds() / "country.atom").values()
    shown = etree.HTML(entry.findtext(f"{ATOM}content"))
    assert {one.tag for one in shown.iter()} <= {"html", "body", "p", "strong"}
    assert "@all" not in entry.findtext(f"{ATOM}title")
    [item] = jsonfeed(feeds() / "country.json")["items"]
    assert "<script" not in item["content_html"]
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", item["title"] + item["content_text"])


def test_quiet_and_internal_events_stay_out(store: Store, feeds) -> None:
    put_events(store, *map(stable, night()))
    kinds = {tag for item in jsonfeed(feeds() / "country.json")["items"] for tag in item["tags"]}
    assert "city.stopped" in kinds
    assert kinds.isdisjoint({"dataset.updated", "ops.drifted", "platform.blocked", "quiet"})


def test_a_withdrawn_event_keeps_its_id_and_counts_as_updated(store: Store, feeds) -> None:
    [wrong] = put_events(store, stable(night()[0]))
    before = entries(feeds() / "country.atom")[wrong.id].findtext(f"{ATOM}updated")
    [correction] = put_events(store, withdrawal(wrong))
    found = entries(feeds() / "country.atom")
    assert found.keys() == {wrong.id, correction.id}
    assert found[wrong.id].findtext(f"{ATOM}title").startswith("【已撤回】")
    assert found[wrong.id].findtext(f"{ATOM}updated") > before
    assert "撤回" in found[wrong.id].findtext(f"{ATOM}content")


def test_a_feed_holds_the_newest_only(store: Store, feeds, register) -> None:
    made = [stable(event("dataset.new", dataset=f"d{n}", title=f"{n}", **real("jinan", register))) for n in range(120)]
    put_events(store, *made)
    folder = feeds()
    assert list(entries(folder / "city-jinan.atom")) == [one.id for one in reversed(made)][:100]
    assert len(entries(folder / "country.atom")) == 120


@contextmanager
def served(folder: Path) -> Iterator[int]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def status(port: int, path: str, since: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"If-Modified-Since": since})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_an_unchanged_feed_is_answered_with_304_by_any_server(store: Store, feeds, register) -> None:
    put_events(store, stable(replace(night()[0], **real("jinan", register))))
    folder = feeds()
    with served(folder) as port:
        modified = email.utils.formatdate((folder / "city-jinan.atom").stat().st_mtime, usegmt=True)
        feeds()
        assert status(port, "/city-jinan.atom", modified) == 304
        assert status(port, "/city-jinan.atom", email.utils.formatdate(0, usegmt=True)) == 200
