"""Where the states of portals are read: as the last diff left them, or as they were at a past moment."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from opendata_spiders.store.store import Store

Document = Mapping[str, Any]


class States(Protocol):
    """The states of portals, and of parts of them, as documents of the collection `states`."""

    def documents(self) -> Iterable[Document]:
        """Every state, in no order."""

    def document(self, part: str) -> Document | None:
        """The state of a portal or part; None for one never folded."""

    def missing(self) -> Mapping[str, Mapping[str, int]]:
        """Number of missing and gone datasets of each portal and part, by status."""


class StoredStates:
    """The states after the last diff."""

    def __init__(self, store: Store) -> None:
        self._db = store.db

    def documents(self) -> Iterable[Document]:
        return self._db["states"].find()

    def document(self, part: str) -> Document | None:
        return self._db["states"].find_one({"_id": part})

    def missing(self) -> Mapping[str, Mapping[str, int]]:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for found in self._db["missing_datasets"].find({}, {"portal": 1, "statuses": 1}):
            counts[found["portal"]].update(found["statuses"])
        return counts


class PastStates:
    """States that were derived again in memory (`corrections/past.py`)."""

    def __init__(self, documents: Mapping[str, Document], missing: Mapping[str, Mapping[str, int]]) -> None:
        self._documents, self._missing = documents, missing

    def documents(self) -> Iterable[Document]:
        return self._documents.values()

    def document(self, part: str) -> Document | None:
        return self._documents.get(part)

    def missing(self) -> Mapping[str, Mapping[str, int]]:
        return self._missing
