"""What the digests of one call share, read and built once: a thousand readers of a night are no thousand nights."""

import gc
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from alerts.audience.filters import Filter
from alerts.audience.personal import Personal, everybody
from alerts.audience.subscribers import Subscriber
from alerts.delivery.outbox import Cursor
from alerts.digest.build import footer
from alerts.digest.headstart import HeadStart
from alerts.digest.late import Late, late_in, overdue_list
from alerts.digest.lots import CityNews, Watched, city_news, heard
from alerts.digest.model import Digest, Picture
from alerts.digest.picture import pictures
from alerts.model.events import Event
from alerts.records.isolation import apart
from alerts.records.queries import Document, events_after, events_named, newest_seq, tellable
from alerts.text.wording import Wording
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class Aside:
    """An event that stays out of the digests until it can be told."""

    id: str
    portal: str
    slug: str


@dataclass(frozen=True, slots=True)
class News:
    """What was stated after a seq, sorted by portal so that a reader of one city does not go through all."""

    last: int
    """The seq it goes up to."""
    by_slug: Mapping[str, Sequence[Event]]
    """In order of writing."""
    aside: Sequence[Aside] = ()
    """What could not be put into words, nor read at all."""

    def of(self, scope: Filter, portals: frozenset[str] = frozenset()) -> list[Event]:
        """Everything a reader with this scope, who watches datasets of `portals`, may hear of, in order of writing."""
        found: list[Event] = []
        for slug, events in self.by_slug.items():
            if scope.follows(slug):
                found += events
            elif portals:
                found += (event for event in events if event.portal in portals)
        return sorted(found, key=lambda event: event.seq)


_NOTHING = Personal()


class Shared:
    """Lives as long as one command: it never sees what is stated after it first looked."""

    def __init__(self, store: Store, register: Register, site_url: str, first: HeadStart, now: datetime) -> None:
        self._store = store
        self._register = register
        self._site_url = site_url
        self._first = first
        self._now = now
        self._cities: dict[Hashable, CityNews] = {}
        self._same: dict[Hashable, CityNews] = {}
        self._late: dict[tuple[str, datetime], Sequence[Late]] = {}
        self._news: dict[Hashable, News] = {}
        self._pictures: dict[datetime, Picture] = {}
        self._digests: dict[Hashable, Digest | None] = {}
        self._probed: dict[str, bool] = {}

    @cached_property
    def newest(self) -> int:
        """The last seq; asked for before any state is read, so that no event falls between the two."""
        return newest_seq(self._store)

    def personal_of(self, name: str) -> Personal:
        """What this subscriber watches and was told of."""
        return self._everybody.get(name, _NOTHING)

    @cached_property
    def _everybody(self) -> Mapping[str, Personal]:
        return everybody(self._store)

    def news(self, after: int, again: tuple[str, ...] = ()) -> News:
        """What may be told to somebody who knows everything up to the seq `after`, but for the events `again`."""
        if (after, again) not in self._news:
            self._news[after, again] = self._gathered(after, again)
        return self._news[after, again]

    def _gathered(self, after: int, again: tuple[str, ...]) -> News:
        unread: list[Document] = []
        fresh = events_after(self._store, after, unread=unread)
        last = max((event.seq for event in fresh), default=after)
        last = max([last, *(one["seq"] for one in unread if isinstance(one.get("seq"), int))])
        known = [*events_named(self._store, again, unread=unread), *fresh] if again else fresh
        by_slug: dict[str, list[Event]] = defaultdict(list)
        aside = [Aside(one["_id"], str(one.get("portal")), str(one.get("slug") or "")) for one in unread]
        for event in tellable(known, after):
            if self._probed.get(event.id, True):
                by_slug[event.slug].append(event)
            else:
                aside.append(Aside(event.id, event.portal, event.slug))
        return News(last, by_slug, aside)

    def put_aside(self, events: Iterable[Event], phrase: Callable[[Event], object]) -> bool:
        """Whether some of these events cannot be told by `phrase`: they are left out of what is told from now on."""
        found = False
        for event in events:
            if event.id not in self._probed:
                with apart("event", event.id):
                    self._probed[event.id] = False
                    phrase(event)
                    self._probed[event.id] = True
                found |= not self._probed[event.id]
        if found:
            self._news.clear()
            self._cities.clear()
            self._same.clear()
        return found

    def heard(self, reader: Subscriber, before: Cursor, watched: Watched) -> list[CityNews]:
        """What each city has to tell this reader; a city is gone through once for all who are told the same of it."""
        news = self.news(before.seq, before.aside)
        slugs = dict.fromkeys((*news.by_slug, *sorted(self._first.slugs)))
        taste, portals = reader.scope.taste, frozenset(portal for portal, _ in watched)
        told: list[CityNews] = []
        for slug in slugs:
            fresh = news.by_slug.get(slug, ())
            follows = reader.scope.follows(slug)
            mine = any(event.portal in portals for event in fresh) and watched if portals else frozenset()
            if not follows and not mine:
                continue
            key = (slug, follows, mine, taste, reader.role, before.seq, before.considered_at, before.aside)
            if key not in self._cities:
                self._cities[key] = self._city(slug, reader, before, fresh, mine or frozenset())
            told.append(self._cities[key])
        return told

    def _city(
        self, slug: str, reader: Subscriber, before: Cursor, fresh: Sequence[Event], watched: Watched
    ) -> CityNews:
        events = self._first.told(self._store, slug, fresh, reader.role, before, self._now)
        taken = heard(events, reader.scope, reader.role, watched)
        # Most tastes take the same events of a city; by their identity, for whatever was made of them keeps them alive.
        same = (slug, tuple(map(id, taken)), watched)
        if same not in self._same:
            self._same[same] = city_news(slug, taken, watched)
        return self._same[same]

    def late(self, scope: Filter, now: datetime) -> list[Late]:
        """What is past its promise, as of the last readings up to `now`, of what somebody with this scope follows."""
        followed = [portal for portal in self._register.crawlable() if scope.follows(portal.slug)]
        return overdue_list((row for portal in followed for row in self._late_in(portal, now)), scope)

    def _late_in(self, portal: Portal, now: datetime) -> Sequence[Late]:
        if (portal.id, now) not in self._late:
            self._late[portal.id, now] = []
            with apart("portal", portal.slug):
                self._late[portal.id, now] = list(late_in(self._store, portal, now))
        return self._late[portal.id, now]

    def picture(self, scope: Filter, since: datetime) -> Picture:
        """How things stand for a reader with this scope."""
        if since not in self._pictures:
            self._pictures[since] = pictures(self._store, self._register, Filter(), since, self._site_url, self._now)
        whole = self._pictures[since]
        followed = tuple(one for one in whole.standings if scope.follows(one.slug))
        return replace(whole, standings=followed, silent=scope.silent)

    def built(self, subscriber: Subscriber, *context: Hashable) -> tuple[Hashable, bool]:
        """A key that two readers share only if they are to read the same, and whether that digest is there."""
        key = (replace(subscriber, name="", targets=()), *context)
        return key, key in self._digests

    def keep(self, key: Hashable, digest: Digest | None) -> None:
        """Remember what was built for everybody with this key."""
        self._digests[key] = digest

    def personal(self, key: Hashable, subscriber: Subscriber, wording: Wording) -> Digest | None:
        """The digest under this key with this reader's own name in it."""
        digest = self._digests[key]
        if digest is None or digest.subscriber == subscriber.name:
            return digest
        return replace(digest, subscriber=subscriber.name, footer=footer(subscriber, wording))


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for cycles meanwhile: with a night's events in memory it takes a third of the time and finds none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
