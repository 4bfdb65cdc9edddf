"""Stored file checks made before the run being processed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
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

    def hashed(self, datasets: Collection[str], since: datetime, until: datetime) -> frozenset[str]:
        return frozenset(name for name, checks in self._checks(datasets, since, until) if _is_hashed(checks))

    def counted(self, datasets: Collection[str], since: datetime, until: datetime) -> frozenset[str]:
        found = self._checks(datasets, since, until)
        return frozenset(name for name, checks in found for one in checks if _is_ok(one) and one["rows"] is not None)

    def _checks(
        self, datasets: Collection[str], since: datetime, until: datetime
    ) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        """What each round found of each of the datasets; nothing is asked where there are none."""
        wanted = frozenset(datasets)
        query = {"portal": self.portal, "at": {"$gt": since, "$lte": until}}
        for found in self.store.db["file_rounds"].find(query, {"checks": 1}) if wanted else ():
            checks = defaultdict[str, list[Mapping[str, Any]]](list)
            for one in found["checks"]:
                checks[one["dataset"]].append(one)
            yield from ((name, checks[name]) for name in wanted & checks.keys())


def _is_hashed(checks: Iterable[Mapping[str, Any]]) -> bool:
    files = [one for one in checks if one["file"] not in (LIST, PREVIEW)]
    return bool(files) and all(_is_ok(one) and one["content_hash"] for one in files)


def _is_ok(check: Mapping[str, Any]) -> bool:
    return bool(check["outcome"] == FileOutcome.OK.value)
