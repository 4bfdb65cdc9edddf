"""Builds the site in its folder: pages first, then what links to them; what would stay the same is not made again.

The pages of events are made once, and again after a correction. Everything else is made in parts (the overview, one
city, the feeds …), each with a fingerprint of all it is made from.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from alerts.exports.site_files import write_site_files
from alerts.exports.source import Source
from alerts.model.events import Event
from alerts.publish.feed_library import Library
from alerts.publish.feeds import as_atom, as_json
from alerts.publish.folder import Folder
from alerts.records.isolation import apart
from alerts.records.published import all_after, by_ids, ids_up_to
from alerts.site.assets import put_assets
from alerts.site.dataset_parts import DatasetParts
from alerts.site.ledger import Ledger, fingerprint
from alerts.site.pages import chooser, city, compare, coverage, feeds, method, overview
from alerts.site.pages.event import EventPages, put_event
from alerts.site.part import SitePart
from alerts.site.sources import Sources
from alerts.site.states import shown
from alerts.site.tree import Trees
from alerts.text.links import city_path, event_path, feed_path
from alerts.text.templates import TEMPLATES
from alerts.text.wording import LANGUAGES
from opendata_spiders.register import Register
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.store import Store

FEEDS, ASSETS = "feeds", "assets"
"""The part with all feeds and their list; the one with the stylesheet and scripts."""
_BATCH = 500
_OF_ALL: Mapping[str, Callable[..., None]] = {
    "overview": overview.put,
    "compare": compare.put,
    "coverage": coverage.put,
    "method": method.put,
}
"""Pages made from all cities."""
_CODE = (
    "site/**/*.py",
    "site/**/*.csv",
    "exports/*.py",
    "publish/*.py",
    "text/*.py",
    "text/phrases/*.yaml",
    "model/kinds.csv",
)
"""What pages are made with, below alerts/."""


@dataclass(frozen=True)
class Site:
    """One site in one folder."""

    store: Store
    register: Register
    folder: Folder
    now: datetime
    """Time of the build, shown on the overview."""
    site_url: str = ""

    def write(self) -> None:
        """Bring the folder up to date, so that no link is ever dead. Raises OSError if a file cannot be written."""
        self.folder.clear()
        ledger = Ledger.read(self.folder, self._look)
        trees = Trees(self.folder, self.site_url.rstrip("/"), put_assets(self.folder))
        self._events(ledger, trees)
        ledger.seq = self._sources.seq
        whole = fingerprint(self._shown)
        if not ledger.holds_all(whole):
            source = Source(self.store, self.register, self.now, self.site_url)
            write_site_files(source, self.folder, lambda view: shown(view, self.now).stale)
            self._part(self._feeds_part(), ledger, trees)
            if self._has_figures():
                names = [self._part(part, ledger, trees) for part in self._parts(ledger)]
                ledger.made(ASSETS, self._look, trees.assets.values())
                ledger.keep_only([ASSETS, FEEDS, *names])
                ledger.whole = whole
        ledger.write()

    def _has_figures(self) -> bool:
        """Whether the figures can be worked out; if not, the pages made from them stay as they are."""
        with apart("page", "figures"):
            return bool(self._sources.board)
        return False

    @cached_property
    def _sources(self) -> Sources:
        return Sources(self.store, self.register, self.now)

    @cached_property
    def _look(self) -> str:
        """Fingerprint of what all pages are made from: templates, texts, code, names of places, the site's address."""
        alerts = Path(__file__).resolve().parents[1]
        files = sorted(path for pattern in _CODE for path in alerts.glob(pattern))
        files += sorted(path for path in (TEMPLATES / "site").rglob("*") if path.is_file())
        names = sorted(
            (place.slug, place.name_zh, place.name_en, place.host, place.home)
            for place in self._sources.places.values()
        )
        made_from = b"".join(path.read_bytes() for path in files) + f"{names}{self.site_url}".encode()
        return hashlib.sha256(made_from).hexdigest()[:16]

    @cached_property
    def _shown(self) -> Mapping[str, Any]:
        """What all parts together are made from: while it stays the same, not even the figures are worked out."""
        sources = self._sources
        return {
            "day": self.now.astimezone(SHANGHAI).date(),
            "seq": sources.seq,
            "states": sources.documents,
            "notes": sources.notes,
            "watches": sorted(str(one["_id"]) for one in self.store.db["watches"].find({}, {"_id": 1})),
            "without": sorted(sources.without),
        }

    def _parts(self, ledger: Ledger) -> Iterator[SitePart]:
        """Every part but events and feeds, those that others link to first."""
        sources = self._sources
        for slug, view in sources.paged.items():
            name = city_path(slug, "")
            yield SitePart(name, city.made_from(view, sources), partial(city.put, view=view, sources=sources))
            if ledger.has(name):
                sources.made.add(slug)
        yield from DatasetParts(sources).parts()
        linked = {**self._shown, "cities": sorted(sources.made)}
        for name, put in _OF_ALL.items():
            yield SitePart(name, linked, partial(put, sources=sources))
        yield SitePart("chooser", {}, chooser.put)

    @staticmethod
    def _part(part: SitePart, ledger: Ledger, trees: Trees) -> str:
        made_from = fingerprint(part.made_from)
        if not ledger.holds(part.name, made_from):
            trees.paths = set()
            ledger.begun(part.name)
            with apart("page", part.name):
                part.write(trees)
                ledger.made(part.name, made_from, trees.paths)
        return part.name

    def _events(self, ledger: Ledger, trees: Trees) -> None:
        pages = EventPages(self.store, self._sources.places, self._sources.paged)
        for event in self._due(ledger):
            self._sources.without.add(event.id)
            with apart("page", event.id):
                put_event(trees, pages.page(self._sources.withdrawals.mark(event)))
                self._sources.without.discard(event.id)

    def _due(self, ledger: Ledger) -> Iterator[Event]:
        """Events whose page is new, missing or has to change."""
        if ledger.seq:
            present = ledger.present
            missing = {
                name
                for name in ids_up_to(self.store, ledger.seq)
                if any(f"{language}/{event_path(name)}" not in present for language in LANGUAGES)
            }
            again = sorted(missing | set(self._sources.withdrawals.after(ledger.seq)))
            for start in range(0, len(again), _BATCH):
                yield from by_ids(self.store, again[start : start + _BATCH])
        yield from all_after(self.store, ledger.seq)

    def _feeds_part(self) -> SitePart:
        sources = self._sources
        listed = {"seq": sources.seq, "without": sorted(sources.without), "cities": list(sources.paged)}
        return SitePart(FEEDS, listed, self._feeds)

    def _feeds(self, trees: Trees) -> None:
        library = Library(self.store, self.register, trees.site_url, self._sources.without)
        listed = []
        for feed in library.feeds():
            for language in LANGUAGES:
                trees.put_file(f"{language}/{feed_path(feed.file, 'atom')}", as_atom(feed, language))
                trees.put_file(f"{language}/{feed_path(feed.file, 'json')}", as_json(feed, language))
            listed.append(feeds.Listed(feed.file, feed.name))
        feeds.put(trees, listed)
