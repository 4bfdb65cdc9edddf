"""The head start of officers: their readers hear of single late datasets a day later, of everything else at once.

No cursor holds an event back: whether one is told is worked out from its time and the two moments at which the reader
was and is considered, so that each is told exactly once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.digest.rules import policy
from alerts.events import Event
from alerts.outbox import Cursor
from alerts.read import event_from, tellable
from alerts.subscribers import Subscriber
from opendata_spiders.store.store import Store

KINDS = ("dataset.due", "dataset.overdue", "dataset.delinquent")


@dataclass(frozen=True, slots=True)
class HeadStart:
    """The portals whose officers go first."""

    slugs: frozenset[str] = frozenset()

    @property
    def wait(self) -> timedelta:
        return timedelta(hours=policy().head_start_hours)

    def holds(self, event: Event, reader: Subscriber, now: datetime) -> bool:
        """Whether this reader has to wait for this event yet."""
        return self._concerns(event, reader) and event.at + self.wait > now

    def _concerns(self, event: Event, reader: Subscriber) -> bool:
        return not goes_first(reader) and event.slug in self.slugs and event.kind in KINDS

    def told_now(
        self, store: Store, events: Iterable[Event], reader: Subscriber, before: Cursor, now: datetime
    ) -> list[Event]:
        """Of the new events those that need not wait, and of the earlier ones those whose wait has ended since."""
        fresh = [event for event in events if not self.holds(event, reader, now)]
        return [*self._ripe(store, reader, before, now), *fresh]

    def _ripe(self, store: Store, reader: Subscriber, before: Cursor, now: datetime) -> list[Event]:
        slugs = [slug for slug in self.slugs if reader.scope.follows(slug)]
        if not slugs or goes_first(reader):
            return []
        query = {
            "seq": {"$lte": before.seq},
            "slug": {"$in": slugs},
            "kind": {"$in": list(KINDS)},
            "at": {"$gt": before.considered_at - self.wait, "$lte": now - self.wait},
        }
        found = store.db["events"].find(query).sort("seq", 1)
        return tellable((event_from(document) for document in found), before.seq)


def goes_first(reader: Subscriber) -> bool:
    """Officers and operators never wait."""
    return reader.role in {"officer", "operator"}


def head_start(subscribers: Sequence[Subscriber]) -> HeadStart:
    """Who goes first: officers with a head start, in the cities they name; one who follows all of them names none."""
    named = [one.scope.slugs for one in subscribers if one.head_start and one.role == "officer" and one.scope.slugs]
    return HeadStart(frozenset().union(*named))
