"""Data of a subscriber that are not in the subscribers file: watches, and silences already reported."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pymongo.client_session import ClientSession

from alerts.audience.watches import Key, Watch, rewrite, watches
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class Personal:
    """Watches and reported silences of one subscriber."""

    watches: tuple[Watch, ...] = ()
    silences: frozenset[str] = frozenset()
    """Keys of the silences beyond the subscriber's own threshold that were reported."""

    @property
    def watched(self) -> frozenset[Key]:
        return frozenset(one.key for one in self.watches)

    @property
    def all_keys(self) -> frozenset[Key]:
        """Keys under the current and all former ids, so that events from before a new id match too."""
        return frozenset((one.portal, name) for one in self.watches for name in (*one.was, one.dataset))

    @property
    def portals(self) -> frozenset[str]:
        return frozenset(one.portal for one in self.watches)


def everybody(store: Store) -> Mapping[str, Personal]:
    """Personal data by subscriber name; subscribers without any are left out."""
    by_name: dict[str, list[Watch]] = defaultdict(list)
    for one in watches(store):
        by_name[one.subscriber].append(one)
    silences = {row["_id"]: frozenset(row["keys"]) for row in store.db["silences"].find()}
    names = by_name.keys() | silences.keys()
    return {name: Personal(tuple(by_name[name]), silences.get(name, frozenset())) for name in names}


@dataclass(frozen=True, slots=True)
class PersonalChange:
    """The changes of personal data by a digest, committed with the cursor; repeatable."""

    store: Store
    name: str
    before: Sequence[Watch]
    after: Sequence[Watch]
    silences: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.silences) or list(self.before) != list(self.after)

    def __call__(self, session: ClientSession) -> None:
        """Record it."""
        rewrite(self.store, self.before, self.after, session)
        if self.silences:
            kept = {"$addToSet": {"keys": {"$each": list(self.silences)}}}
            self.store.db["silences"].update_one({"_id": self.name}, kept, upsert=True, session=session)
