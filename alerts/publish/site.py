"""Writes the site: pages of new events, the first page, the feeds; nothing that is the same as before."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from alerts.audience.remarks import RemarkKind, holding
from alerts.model.events import Event
from alerts.publish.event_page import Clerk
from alerts.publish.feed_library import Library
from alerts.publish.feeds import as_atom, as_json
from alerts.publish.folder import Folder
from alerts.publish.index_page import city_rows, event_rows
from alerts.publish.policy import policy
from alerts.records.isolation import apart
from alerts.records.parts import states_told
from alerts.records.published import all_after, by_ids, ids_up_to, newest
from alerts.records.queries import Withdrawals, newest_seq
from alerts.text.links import event_path
from alerts.text.templates import TEMPLATES, render, when
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store

_MARK = ".site.json"
"""How far the pages in the folder go: they never change but by a correction or a new look."""
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Mark:
    """What an earlier call left in the folder."""

    look: str = ""
    seq: int = 0


@dataclass(frozen=True)
class Site:
    """One site in one folder."""

    store: Store
    register: Register
    folder: Folder
    now: datetime
    """When the pages are made, as each of them says."""
    site_url: str = ""
    _without: set[str] = field(default_factory=set)
    """Events whose page could not be made this time: nothing links to them."""

    def write(self) -> None:
        """Bring the folder up to date: first the pages, then what links to them, so that no link is ever dead.

        Raises OSError where it cannot be written.
        """
        self.folder.clear()
        newest_now = newest_seq(self.store)
        self._events()
        self._index()
        self._feeds()
        self.folder.put(_MARK, json.dumps({"look": self._look, "seq": newest_now}) + "\n")

    @cached_property
    def _library(self) -> Library:
        return Library(self.store, self.register, self.site_url, self._without)

    @cached_property
    def _withdrawals(self) -> Withdrawals:
        return Withdrawals(self.store)

    @cached_property
    def _look(self) -> str:
        """What else a page is made from beside its event: changes whenever templates, texts, code or names do."""
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
        clerk = Clerk(self.store, self._library.places)
        for event in self._due():
            text = ""
            with apart("page", event.id):
                page = clerk.page(self._withdrawals.mark(event))
                text = render("site/event.html.j2", page=page, made=when(self.now))
            if text:
                self.folder.put(event_path(event.id), text)
            else:
                self._without.add(event.id)

    def _due(self) -> Iterator[Event]:
        """Events whose page is new, missing or has to say something else."""
        mark = read_mark(self.folder.root / _MARK)
        if mark.look != self._look:
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
        cities = city_rows(states_told(self.store, self._library.register), places, self.now, notes)
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
    """What the last call left; of a file that is not there or not ours, nothing, so that all is written anew."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return Mark(str(found["look"]), int(found["seq"]))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Mark()
