"""Composes one subscriber's digest from the store; changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

from alerts.audience.personal import Personal
from alerts.audience.subscribers import Subscriber
from alerts.delivery.outbox import Cursor
from alerts.digest.build import build, build_first, build_heard, build_heartbeat, build_list
from alerts.digest.cache import DigestCache
from alerts.digest.city_news import CityNews
from alerts.digest.head_start import HeadStart
from alerts.digest.model import Digest, View
from alerts.digest.overdue import OverdueDataset
from alerts.digest.overdue_section import list_subject, with_list
from alerts.digest.reminders import reminders, silences
from alerts.digest.situation import situation_of
from alerts.model.sections import policy
from alerts.records.queries import events_where, tellable
from opendata_spiders.register import Register
from opendata_spiders.store.store import Store


@dataclass(frozen=True)
class Composer:
    """Composes digests for all subscribers at one time, with a shared cache. Make a new one for each call."""

    store: Store
    register: Register
    now: datetime
    """Domain time."""
    site_url: str = ""
    first: HeadStart = field(default_factory=HeadStart)
    """Portals whose officers are told of late datasets before others are."""

    @cached_property
    def cache(self) -> DigestCache:
        """Data read and built for one reader and shared with the others."""
        return DigestCache(self.store, self.register, self.site_url, self.first, self.now)

    def compose(self, subscriber: Subscriber, before: Cursor | None) -> tuple[Digest | None, int]:
        """The digest (None: nothing to report) and the seq of the last event it covers."""
        since = before.written_at if before else self.now - timedelta(days=1)
        seq = self.cache.news(before.seq, before.aside).last if before else self.cache.newest
        personal = self.cache.personal_now(subscriber.name, before)

        def built() -> Digest | None:
            view = self.view(subscriber, since, personal)
            if before is None:
                silent = silences(view.situation, subscriber.silent_days, personal.silences)
                return self._with_list(subscriber, build_first(subscriber, view, silent), view)
            news = self.cache.heard(subscriber, before, view.situation.watched)
            return self.changes(subscriber, news, view, before, personal.silences)

        told = (before.seq, before.considered_at, before.aside) if before else None
        context = (told, since, personal.all_keys, personal.silences)
        return self.cache.digest(subscriber, context, built), seq

    def view(self, subscriber: Subscriber, since: datetime, personal: Personal) -> View:
        """The view of this subscriber, whose last digest was at `since`."""
        situation = replace(self.cache.situation(subscriber.scope, since), watched=personal.all_keys)
        return View(situation, subscriber.wording, self.now, self.cache.groups)

    def replay(self, subscriber: Subscriber, since: datetime) -> Digest | None:
        """One digest of everything stated since then."""
        situation = situation_of(self.store, self.register, subscriber.scope, since, self.site_url, self.now)
        view = View(situation, subscriber.wording, self.now)
        events = [event for event in events_where(self.store, since=since) if event.at <= self.now]
        told = events[0].seq - 1 if events else 0
        digest = build(subscriber, tellable(events, told), view)
        return self._with_list(subscriber, digest, view) if digest else self._list(subscriber, view)

    def changes(
        self, subscriber: Subscriber, news: Sequence[CityNews], view: View, before: Cursor, told: Iterable[str]
    ) -> Digest | None:
        """The digest of these news and of reminders due since `before`; `told`: keys of silences already reported."""
        due = [
            *reminders(view.situation, before.considered_at, view.now),
            *silences(view.situation, subscriber.silent_days, told),
        ]
        digest = build_heard(subscriber, news, view, due)
        if digest:
            return self._with_list(subscriber, digest, view)
        quiet_for = view.wording.days(before.written_at, view.now)
        if quiet_for >= policy().list_days and (listed := self._list(subscriber, view)):
            return listed
        if subscriber.heartbeat and quiet_for >= policy().heartbeat_days:
            return build_heartbeat(subscriber, view)
        return None

    def _with_list(self, subscriber: Subscriber, digest: Digest, view: View) -> Digest:
        """The digest with the overdue list if the subscriber is an officer."""
        return with_list(digest, self._overdue(subscriber, view.now), subscriber.scope, view)

    def _list(self, subscriber: Subscriber, view: View) -> Digest | None:
        """The digest of an officer in a night without events; None if nothing is overdue either."""
        rows = self._overdue(subscriber, view.now)
        if not rows:
            return None
        return with_list(build_list(subscriber, list_subject(rows, view), view), rows, subscriber.scope, view)

    def _overdue(self, subscriber: Subscriber, now: datetime) -> Sequence[OverdueDataset]:
        """An officer's overdue list; empty for other roles."""
        return self.cache.overdue(subscriber.scope, now) if subscriber.role == "officer" else ()
