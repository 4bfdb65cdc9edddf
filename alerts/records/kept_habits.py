"""The habits of a portal as the collection `habits` holds them, in one document for each bucket of native ids."""

from collections.abc import Collection, Iterable, Mapping

from alerts.model.habits import Habit, KeptHabits
from alerts.model.states import bucket_id, habits_of
from opendata_spiders.store.manifests import bucket
from opendata_spiders.store.store import Store


class StoredHabits(KeptHabits):
    """The habits of a portal, or of a part of one; each bucket is loaded once."""

    def __init__(self, store: Store, part: str) -> None:
        self._habits = store.db["habits"]
        self._part = part
        self._buckets: dict[str, Mapping[str, Habit]] = {}

    def of(self, datasets: Collection[str]) -> Mapping[str, Habit]:
        places = {name: bucket(name) for name in datasets}
        held = self.in_buckets(places.values())
        return {name: held[place][name] for name, place in places.items() if name in held[place]}

    def in_buckets(self, buckets: Iterable[str]) -> Mapping[str, Mapping[str, Habit]]:
        wanted = set(buckets)
        if missing := sorted(wanted - self._buckets.keys()):
            names = {bucket_id(self._part, place): place for place in missing}
            self._buckets |= {place: {} for place in missing}
            for found in self._habits.find({"_id": {"$in": [*names]}}):
                self._buckets[names[found["_id"]]] = habits_of(found)
        return {place: self._buckets[place] for place in wanted}

    def every(self) -> Mapping[str, Habit]:
        found = self._habits.find({"portal": self._part})
        return {name: habit for document in found for name, habit in habits_of(document).items()}

    def slower_than(self, days: float, least: int) -> Mapping[str, Habit]:
        found = self._habits.find({"portal": self._part, f"longest.{least}": {"$gt": days}})
        return {name: habit for document in found for name, habit in habits_of(document).items()}
