"""Where the states of portals are read: as the last diff left them, or as they were at a past moment."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from alerts.model.file_states import FileMemory, memory_of
from opendata_spiders.store.store import Store

Document = Mapping[str, Any]


class States(Protocol):
    """The states of portals, and of parts of them, as documents of the collection `states`."""

    def ids(self) -> Iterable[str]:
        """The ids of all states, without reading them."""

    def documents(self) -> Iterable[Document]:
        """Every state, in no order."""

    def document(self, part: str) -> Document | None:
        """The state of a portal or part; None for one never folded."""

    def missing(self) -> Mapping[str, Mapping[str, int]]:
        """Number of missing and gone datasets of each portal and part, by status."""

    def files(self, portal: str) -> FileMemory:
        """What is known of the files of a portal's watched datasets; empty without a folded round."""


class StoredStates:
    """The states after the last diff."""

    def __init__(self, store: Store) -> None:
        self._db = store.db

    def ids(self) -> Iterable[str]:
        return (str(one["_id"]) for one in self._db["states"].find({}, {"_id": 1}))

    def documents(self) -> Iterable[Document]:
        return self._db["states"].find()

    def document(self, part: str) -> Document | None:
        return self._db["states"].find_one({"_id": part})

    def missing(self) -> Mapping[str, Mapping[str, int]]:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for found in self._db["missing_datasets"].find({}, {"portal": 1, "statuses": 1}):
            counts[found["portal"]].update(found["statuses"])
        return counts

    def files(self, portal: str) -> FileMemory:
        return memory_of(portal, self._db["file_states"].find_one({"_id": portal}))


class PastStates:
    """States that were derived again in memory (`corrections/past.py`)."""

    def __init__(
        self,
        documents: Mapping[str, Document],
        missing: Mapping[str, Mapping[str, int]],
        files: Mapping[str, FileMemory],
    ) -> None:
        self._documents, self._missing, self._files = documents, missing, files

    def ids(self) -> Iterable[str]:
        return self._documents.keys()

    def documents(self) -> Iterable[Document]:
        return self._documents.values()

    def document(self, part: str) -> Document | None:
        return self._documents.get(part)

    def missing(self) -> Mapping[str, Mapping[str, int]]:
        return self._missing

    def files(self, portal: str) -> FileMemory:
        return self._files.get(portal, FileMemory(portal))
