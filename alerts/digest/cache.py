"""Data shared by the digests of one session, read and built once: a thousand readers cost little more than one."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from typing import NamedTuple

from alerts.audience.filters import Filter
from alerts.audience.personal import Personal, everybody
from alerts.audience.subscribers import Subscriber
from alerts.audience.watches import followed
from alerts.delivery.outbox import Cursor
from alerts.digest.build import footer
from alerts.digest.city_news import CityNews, Watched, city_news, fingerprint, heard
from alerts.digest.head_start import HeadStart
from alerts.digest.model import CityGroup, Digest, Situation
from alerts.digest.overdue import OverdueDataset, overdue_in, overdue_list
from alerts.digest.situation import situation_of
from alerts.model.events import Event
from alerts.records.isolation import apart
from alerts.records.parts import parts_told
from alerts.records.queries import Document, events_after, events_named, newest_seq, tellable
from alerts.records.state_source import StoredStates
from opendata_spiders.register import Portal, Register
from opendata_spiders.store.store import Store

_NOBODY = Personal()


@dataclass(frozen=True, slots=True)
class Aside:
    """An event that is left out of the digests until it can be decoded and worded."""

    id: str
    portal: str
    slug: str


@dataclass(frozen=True, slots=True)
class News:
    """The events after a seq, by slug, so that a reader of one city does not go through all."""

    last: int
    """The seq it goes up to."""
    by_slug: Mapping[str, Sequence[Event]]
    """Events in order of writing."""
    aside: Sequence[Aside] = ()
    """Events that could not be worded or not even decoded."""

    def of(self, follows: Callable[[str], bool], portals: frozenset[str] = frozenset()) -> list[Event]:
        """Events of followed cities, and all events of `portals` (with watched datasets), in order of writing."""
        found: list[Event] = []
        for slug, events in self.by_slug.items():
            if follows(slug):
                found += events
            elif portals:
                found += (event for event in events if event.portal in portals)
        return sorted(found, key=lambda event: event.seq)


class _Share(NamedTuple):
    """All that determines a reader's news of one city: readers with the same key get the same news."""

    slug: str
    scope: Filter
    """The filter without places; if the city is not followed, one that matches nothing."""
    role: str
    watched: Watched
    """Empty if no event of the city is of a portal with watched datasets."""
    seq: int
    considered_at: datetime
    aside: tuple[str, ...]


class DigestCache:
    """Lives as long as one command: it does not see events stated after it was first used."""

    def __init__(self, store: Store, register: Register, site_url: str, first: HeadStart, now: datetime) -> None:
        self._store = store
        self._register = register
        self._first = first
        self._now = now
        self._probed: dict[str, bool] = {}
        self._same: dict[Hashable, CityNews] = {}
        self._digests: dict[Hashable, Digest | None] = {}
        self.groups: dict[Hashable, CityGroup] = {}
        """See View.groups."""
        self.news = cache(self._gathered)
        """News by (seq, event ids): for readers who know everything up to that seq except these events."""
        self._city_news = cache(self._shared_city_news)
        self._overdue_in = cache(self._listed_overdue)
        self._situation = cache(lambda since: situation_of(store, register, Filter(), since, site_url, now))

    @cached_property
    def newest(self) -> int:
        """The last seq; read before any state, so that no event is missed between the two."""
        return newest_seq(self._store)

    def personal(self, name: str) -> Personal:
        """The stored watches and reported silences of this subscriber."""
        return self._everybody.get(name, _NOBODY)

    def personal_now(self, name: str, before: Cursor | None) -> Personal:
        """The same as `personal`, with the watched datasets under their current ids."""
        known = self.personal(name)
        if before is None or not known.watches:
            return known
        news = self.news(before.seq, before.aside).of(lambda slug: not slug, known.portals)
        return replace(known, watches=tuple(followed(self._store, known.watches, news)))

    @cached_property
    def _everybody(self) -> Mapping[str, Personal]:
        return everybody(self._store)

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
        """Whether `phrase` fails for some of these events; those are left out of all news from now on."""
        found = False
        for event in events:
            if event.id not in self._probed:
                with apart("event", event.id):
                    self._probed[event.id] = False
                    phrase(event)
                    self._probed[event.id] = True
                found |= not self._probed[event.id]
        if found:
            self.news.cache_clear()
            self._city_news.cache_clear()
        return found

    def heard(self, reader: Subscriber, before: Cursor, watched: Watched) -> list[CityNews]:
        """The news of each city for this reader."""
        news = self.news(before.seq, before.aside)
        everywhere, portals = reader.scope.without_places, frozenset(portal for portal, _ in watched)
        nowhere = replace(everywhere, slugs=frozenset())
        told: list[CityNews] = []
        for slug in dict.fromkeys((*news.by_slug, *sorted(self._first.slugs))):
            follows = reader.scope.follows(slug)
            here = portals and any(event.portal in portals for event in news.by_slug.get(slug, ()))
            if follows or here:
                mine = watched if here else frozenset()
                share = _Share(
                    slug, everywhere if follows else nowhere, reader.role, mine,
                    before.seq, before.considered_at, before.aside,
                )  # fmt: skip
                told.append(self._city_news(share))
        return told

    def _shared_city_news(self, share: _Share) -> CityNews:
        fresh = self.news(share.seq, share.aside).by_slug.get(share.slug, ())
        told = self._first.told(self._store, share.slug, fresh, share.role, share.seq, share.considered_at, self._now)
        taken = heard(told, share.scope, share.role, share.watched)
        # Most filters take the same events of a city.
        key = (share.slug, fingerprint(taken), share.watched)
        if key not in self._same:
            self._same[key] = city_news(share.slug, taken, share.watched)
        return self._same[key]

    def overdue(self, scope: Filter, now: datetime) -> list[OverdueDataset]:
        """What is past its promise, as of the last readings up to `now`, of what somebody with this scope follows."""
        told = [*self._register.crawlable(), *self._parts]
        portals = [portal for portal in told if scope.follows(portal.slug)]
        return overdue_list((row for portal in portals for row in self._overdue_in(portal, now)), scope)

    @cached_property
    def _parts(self) -> Sequence[Portal]:
        return parts_told(StoredStates(self._store), self._register)

    def _listed_overdue(self, portal: Portal, now: datetime) -> Sequence[OverdueDataset]:
        with apart("portal", portal.slug):
            return list(overdue_in(self._store, self._register, portal, now))
        return ()

    def situation(self, scope: Filter, since: datetime) -> Situation:
        """The situation for a reader with this scope whose last digest was at `since`."""
        whole = self._situation(since)
        followed = tuple(one for one in whole.standings if scope.follows(one.slug))
        return replace(whole, standings=followed, silent=scope.silent_but(one.slug for one in followed))

    def digest(self, subscriber: Subscriber, context: Hashable, build: Callable[[], Digest | None]) -> Digest | None:
        """The digest by `build` under this subscriber's name, built once for all subscribers who get the same.

        Those are subscribers who differ only in name and targets and have the same `context`.
        """
        key = (replace(subscriber, name="", targets=()), context)
        if key not in self._digests:
            self._digests[key] = build()
        digest = self._digests[key]
        if digest is None or digest.subscriber == subscriber.name:
            return digest
        return replace(digest, subscriber=subscriber.name, footer=footer(subscriber, subscriber.wording))
