"""The head start of officers: their readers hear of single late datasets a day later, of everything else at once.

No cursor holds an event back: whether one is told is worked out from its time and the two moments at which the reader
was and is considered, so that each is told exactly once.
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
    """The portals whose officers go first."""

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
        """What a reader is told of a city, who was last considered at `considered_at` and knows events up to `seq`.

        Of the `fresh` events those that need not wait, and of the earlier ones those whose wait has ended since.
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
    """Who goes first: officers with a head start, in the cities they name; one who follows all of them names none."""
    named = [one.scope.slugs for one in subscribers if one.head_start and one.role == "officer" and one.scope.slugs]
    return HeadStart(frozenset().union(*named))
