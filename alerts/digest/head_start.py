"""The head start of officers: other readers are told of single late datasets a day later, of everything else at once.

Cursors are not delayed: whether an event is reported follows from its time and the two times at which the reader was
last and is now considered, so that each event is reported exactly once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.audience.subscribers import Subscriber
from alerts.model.events import Event
from alerts.model.sections import policy
from alerts.records.queries import readable, tellable
from opendata_spiders.store.store import Store

KINDS = ("dataset.due", "dataset.overdue", "dataset.delinquent")


@dataclass(frozen=True, slots=True)
class HeadStart:
    """The portals whose officers have a head start."""

    slugs: frozenset[str] = frozenset()

    def told(  # noqa: PLR0913, PLR0917 -- one city, one sort of reader, two moments
        self,
        store: Store,
        slug: str,
        fresh: Sequence[Event],
        role: str,
        seq: int,
        considered_at: datetime,
        now: datetime,
    ) -> list[Event]:
        """The events of a city for a reader who was last considered at `considered_at` and knows events up to `seq`.

        These are the `fresh` events that need not wait, and earlier ones whose wait has ended since.
        """
        if slug not in self.slugs or role in {"officer", "operator"}:
            return list(fresh)
        wait = timedelta(hours=policy().head_start_hours)
        query = {
            "seq": {"$lte": seq},
            "slug": slug,
            "kind": {"$in": list(KINDS)},
            "at": {"$gt": considered_at - wait, "$lte": now - wait},
        }
        waited = tellable(readable(store.db["events"].find(query).sort("seq", 1)), seq)
        return [*waited, *(event for event in fresh if event.kind not in KINDS or event.at + wait <= now)]


def head_start(subscribers: Sequence[Subscriber]) -> HeadStart:
    """The cities named by officers with a head start; an officer who follows all cities names none."""
    named = [one.scope.slugs or () for one in subscribers if one.hears_first]
    return HeadStart(frozenset().union(*named))
