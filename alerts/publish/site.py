"""Writes the site: pages of new events, the first page and the feeds; unchanged files are not written."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from alerts.audience.remarks import RemarkKind, holding
from alerts.model.events import Event
from alerts.publish.event_page import EventPages
from alerts.publish.feed_library import Library
from alerts.publish.feeds import as_atom, as_json
from alerts.publish.folder import Folder
from alerts.publish.index_page import city_rows, event_rows
from alerts.publish.policy import policy
from alerts.records.isolation import apart
from alerts.records.parts import states_told
from alerts.records.published import all_after, by_ids, ids_up_to, newest
from alerts.records.queries import Withdrawals, newest_seq
from alerts.records.state_source import StoredStates
from alerts.text.links import event_path
from alerts.text.templates import TEMPLATES, render, when
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store

_MARK = ".site.json"
"""Holds the last event already published. A page is rewritten only after a correction or when the templates change."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """The state of the folder after the last call: what pages are made from, and the seq of the last event."""

    sources: str = ""
    seq: int = 0


@dataclass(frozen=True)
class Site:
    """One site in one folder."""

    store: Store
    register: Register
    folder: Folder
    now: datetime
    """Time at which the pages are made, shown on each of them."""
    site_url: str = ""
    _without: set[str] = field(default_factory=set)
    """Ids of events whose page failed in this call: nothing links to them."""

    def write(self) -> None:
        """Bring the folder up to date: first the pages, then what links to them, so that no link is ever dead.

        Raises OSError if a file cannot be written.
        """
        self.folder.clear()
        newest_now = newest_seq(self.store)
        self._events()
        self._index()
        self._feeds()
        self.folder.put(_MARK, json.dumps({"look": self._sources_hash, "seq": newest_now}) + "\n")

    @cached_property
    def _library(self) -> Library:
        return Library(self.store, self.register, self.site_url, self._without)

    @cached_property
    def _withdrawals(self) -> Withdrawals:
        return Withdrawals(self.store)

    @cached_property
    def _sources_hash(self) -> str:
        """Hash of what all pages are made from: templates, texts, code, names of places."""
        alerts = Path(__file__).resolve().parents[1]
        sources = [*sorted((TEMPLATES / "site").glob("*.j2")), alerts / "model" / "kinds.csv"]
        for folder, pattern in (("text/phrases", "*.yaml"), ("text", "*.py"), ("publish", "*.py")):
            sources += sorted((alerts / folder).glob(pattern))
        names = sorted(
            (place.slug, place.name_zh, place.name_en, place.host, place.home)
            for place in self._library.places.values()
        )
        made_from = b"".join(path.read_bytes() for path in sources) + f"{names}".encode()
        return hashlib.sha256(made_from).hexdigest()[:16]

    def _events(self) -> None:
        pages = EventPages(self.store, self._library.places)
        for event in self._due():
            text = ""
            with apart("page", event.id):
                page = pages.page(self._withdrawals.mark(event))
                text = render("site/event.html.j2", page=page, made=when(self.now))
            if text:
                self.folder.put(event_path(event.id), text)
            else:
                self._without.add(event.id)

    def _due(self) -> Iterator[Event]:
        """Events whose page is new, missing or has to change."""
        mark = read_mark(self.folder.root / _MARK)
        if mark.sources != self._sources_hash:
            yield from all_after(self.store, 0)
            return
        present = {name.removesuffix(".html") for name in self.folder.names("events")}
        missing = {name for name in ids_up_to(self.store, mark.seq) if name not in present}
        again = sorted(missing | set(self._withdrawals.after(mark.seq)))
        for start in range(0, len(again), _BATCH):
            yield from by_ids(self.store, again[start : start + _BATCH])
        yield from all_after(self.store, mark.seq)

    def _index(self) -> None:
        places = self._library.places
        known = (event for event in newest(self.store, policy().index_events) if event.id not in self._without)
        events = [self._withdrawals.mark(event) for event in known]
        notes = holding(self.store, RemarkKind.NOTE, self.now)
        cities = city_rows(states_told(StoredStates(self.store), self._library.register), places, self.now, notes)
        page = render("site/index.html.j2", cities=cities, events=event_rows(events, places), made=when(self.now))
        self.folder.put("index.html", page)

    def _feeds(self) -> None:
        listed = []
        for feed in self._library.feeds():
            self.folder.put(f"feeds/{feed.file}.atom", as_atom(feed))
            self.folder.put(f"feeds/{feed.file}.json", as_json(feed))
            listed.append({"file": feed.file, "name": feed.name})
        self.folder.put("feeds/index.html", render("site/feeds.html.j2", feeds=listed, made=when(self.now)))


def read_mark(path: Path) -> Mark:
    """The mark of the last call; an empty one if the file is missing or invalid, so that all pages are written anew."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return Mark(str(found["look"]), int(found["seq"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Mark()
