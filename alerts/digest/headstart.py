"""The head start of officers: their readers hear of single late datasets a day later, of everything else at once.

No cursor holds an event back: whether one is told is worked out from its time and the two moments at which the reader
was and is considered, so that each is told exactly once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.audience.subscribers import Subscriber
from alerts.delivery.outbox import Cursor
from alerts.model.events import Event
from alerts.model.sections import policy
from alerts.records.queries import readable, tellable
from opendata_spiders.store.store import Store

KINDS = ("dataset.due", "dataset.overdue", "dataset.delinquent")


@dataclass(frozen=True, slots=True)
class HeadStart:
    """The portals whose officers go first."""

    slugs: frozenset[str] = frozenset()

    @property
    def wait(self) -> timedelta:
        return timedelta(hours=policy().head_start_hours)

    def told(  # noqa: PLR0913, PLR0917 -- one city, one sort of reader, two moments
        self, store: Store, slug: str, fresh: Sequence[Event], role: str, before: Cursor, now: datetime
    ) -> list[Event]:
        """Of a city's new events those that need not wait, and of the earlier ones those whose wait has ended since."""
        if slug not in self.slugs or goes_first(role):
            return list(fresh)
        free = [event for event in fresh if event.kind not in KINDS or event.at + self.wait <= now]
        return [*self._ripe(store, slug, before, now), *free]

    def _ripe(self, store: Store, slug: str, before: Cursor, now: datetime) -> list[Event]:
        query = {
            "seq": {"$lte": before.seq},
            "slug": slug,
            "kind": {"$in": list(KINDS)},
            "at": {"$gt": before.considered_at - self.wait, "$lte": now - self.wait},
        }
        found = store.db["events"].find(query).sort("seq", 1)
        return tellable(readable(found), before.seq)


def goes_first(role: str) -> bool:
    """Officers and operators never wait."""
    return role in {"officer", "operator"}


def head_start(subscribers: Sequence[Subscriber]) -> HeadStart:
    """Who goes first: officers with a head start, in the cities they name; one who follows all of them names none."""
    named = [one.scope.slugs for one in subscribers if one.head_start and one.role == "officer" and one.scope.slugs]
    return HeadStart(frozenset().union(*named))
