"""The store with the versions it has read kept in memory: a year of nights reads the same ones again and again."""

from collections.abc import Iterable
from dataclasses import replace

from opendata_spiders.store.connect import Store
from opendata_spiders.store.models import Version


class Shelf(Store):
    """Everything kept is addressed by its content, so it cannot grow stale. Clear it between portals."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.db, store.mode)
        self.clear()

    def clear(self) -> None:
        self._versions: dict[str, Version] = {}

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> dict[str, Version]:
        wanted = set(ids)
        if unknown := wanted - self._versions.keys():
            self._versions |= super().versions(unknown)
        found = {one: self._versions[one] for one in sorted(wanted) if one in self._versions}
        return found if evidence else {one: replace(version, page_url="") for one, version in found.items()}
