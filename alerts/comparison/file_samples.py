"""Stored file checks made before the run being processed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerts.comparison.run_view import Samples
from opendata_spiders.store.file_checks import LIST, PREVIEW, FileOutcome
from opendata_spiders.store.store import Store


@dataclass(frozen=True, slots=True)
class StoredSamples(Samples):
    """The file checks of one portal's watched datasets."""

    store: Store
    portal: str

    def hashed(self, dataset: str, since: datetime, until: datetime) -> bool:
        return any(_is_hashed(checks) for checks in self._checks(dataset, since, until))

    def counted(self, dataset: str, since: datetime, until: datetime) -> bool:
        looks = (one for checks in self._checks(dataset, since, until) for one in checks)
        return any(_is_ok(one) and one["rows"] is not None for one in looks)

    def _checks(self, dataset: str, since: datetime, until: datetime) -> Iterator[list[Mapping[str, Any]]]:
        query = {"portal": self.portal, "checks.dataset": dataset, "at": {"$gt": since, "$lte": until}}
        for found in self.store.db["file_rounds"].find(query, {"checks": 1}).sort("seq", -1):
            yield [one for one in found["checks"] if one["dataset"] == dataset]


def _is_hashed(checks: Iterable[Mapping[str, Any]]) -> bool:
    files = [one for one in checks if one["file"] not in (LIST, PREVIEW)]
    return bool(files) and all(_is_ok(one) and one["content_hash"] for one in files)


def _is_ok(check: Mapping[str, Any]) -> bool:
    return bool(check["outcome"] == FileOutcome.OK.value)
