"""What is kept of single datasets of a portal, as the database holds it: one document for each bucket of native ids."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from alerts.model.by_dataset import KeptByDataset
from alerts.model.habits import Habit, KeptHabits
from alerts.model.memory import KeptMissing
from alerts.model.states import ENDED, WAITING, DatasetState, DatasetStatus, bucket_id, bucket_states, habits_of
from opendata_spiders.store.manifests import bucket
from opendata_spiders.store.store import Store

V = TypeVar("V")
Document = Mapping[str, Any]


class StoredByDataset(KeptByDataset[V]):
    """The values of a portal, or of a part of one, in a collection; each bucket is loaded once."""

    def __init__(self, store: Store, name: str, part: str, read: Callable[[Document], Mapping[str, V]]) -> None:
        """`read`: the values from the document of a bucket."""
        self._collection = store.db[name]
        self._part = part
        self._read = read
        self._buckets: dict[str, Mapping[str, V]] = {}

    def of(self, datasets: Collection[str]) -> Mapping[str, V]:
        places = {name: bucket(name) for name in datasets}
        held = self.in_buckets(places.values())
        return {name: held[place][name] for name, place in places.items() if name in held[place]}

    def in_buckets(self, buckets: Iterable[str]) -> Mapping[str, Mapping[str, V]]:
        wanted = set(buckets)
        if missing := sorted(wanted - self._buckets.keys()):
            names = {bucket_id(self._part, place): place for place in missing}
            self._buckets |= {place: {} for place in missing}
            for found in self._collection.find({"_id": {"$in": [*names]}}):
                self._buckets[names[found["_id"]]] = self._read(found)
        return {place: self._buckets[place] for place in wanted}

    def every(self) -> Mapping[str, V]:
        return self._where({}, self._read)

    def _where(self, query: Document, read: Callable[[Document], Mapping[str, V]]) -> Mapping[str, V]:
        """What `read` takes from the buckets that fit a query."""
        found = self._collection.find({"portal": self._part, **query})
        return {name: value for document in found for name, value in read(document).items()}


class StoredHabits(StoredByDataset[Habit], KeptHabits):
    """The habits of a portal, or of a part of one."""

    def __init__(self, store: Store, part: str) -> None:
        super().__init__(store, "habits", part, habits_of)

    def slower_than(self, days: float, least: int) -> Mapping[str, Habit]:
        return self._where({f"longest.{least}": {"$gt": days}}, habits_of)


class StoredMissing(StoredByDataset[DatasetState], KeptMissing):
    """The missing datasets of a portal, or of a part of one.

    Of a bucket that an earlier version has written it is unknown when its datasets ended, or since when they are left
    behind, so it is always read.
    """

    def __init__(self, store: Store, part: str) -> None:
        super().__init__(store, "missing_datasets", part, _states)
        self._waiting: Mapping[str, DatasetState] | None = None

    def waiting(self) -> Mapping[str, DatasetState]:
        if self._waiting is None:  # several rules of one fold ask for them
            self._waiting = self._of_status(WAITING, {})
        return self._waiting

    def ended_since(self, moment: datetime) -> Mapping[str, DatasetState]:
        return self._of_status(ENDED, {"last_ended": {"$not": {"$lt": moment}}})

    def left(self, last_seen_before: datetime | None = None) -> Mapping[str, DatasetState]:
        late = {} if last_seen_before is None else {"oldest_left": {"$not": {"$gte": last_seen_before}}}
        return self._of_status((DatasetStatus.LEFT,), late)

    def _of_status(self, statuses: Sequence[DatasetStatus], query: Document) -> Mapping[str, DatasetState]:
        holding = {"$or": [{f"statuses.{one}": {"$gt": 0}} for one in statuses]}
        return self._where({**holding, **query}, lambda document: _states(document, statuses))


def _states(document: Document, statuses: Sequence[DatasetStatus] | None = None) -> Mapping[str, DatasetState]:
    return {one.dataset: one for one in bucket_states(document, statuses)}
