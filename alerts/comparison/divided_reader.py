"""A portal's list divided by the governments whose datasets it holds: the part of it that one fold is about."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from alerts.comparison.run_view import Entries, ManifestReader
from opendata_spiders.store.models import Entry, Version

Tells = Callable[[str], bool]
"""Whether a fold is about the datasets of that owner (adcode; empty: the portal's own government)."""


class DividedReader:
    """A `ManifestReader`, and `Owners`, that shows of every manifest what belongs to those a fold is about.

    Whose a dataset is, the run that is folded says; of one it does not list, its own entry. So a dataset that is
    attributed anew belongs to its new owner in both lists that are compared: nothing vanished, nothing came.
    """

    def __init__(self, whole: ManifestReader, newest: str | None, tells: Tells) -> None:
        """`newest`: manifest of the run that is folded."""
        self._whole = whole
        self._manifest = newest
        self._newest = whole.entries(newest)
        self._tells = tells
        self._read: dict[str | None, Entries] = {}

    @cached_property
    def owners(self) -> frozenset[str]:
        """The governments whose datasets the run lists; empty: the portal's own."""
        return frozenset(entry.owner for entry in self._newest.values())

    def is_anothers(self, dataset: str) -> bool:
        listed = self._newest.get(dataset)
        return listed is not None and not self._tells(listed.owner)

    def is_reassigned(self, manifest: str | None) -> bool:
        before, after = self._whole.changed_entries(manifest, self._manifest) if manifest else ({}, {})
        return any(name in after and after[name].owner != entry.owner for name, entry in before.items())

    def entries(self, manifest: str | None) -> Entries:
        if manifest not in self._read:
            self._read[manifest] = self._ours(self._whole.entries(manifest))
        return self._read[manifest]

    def changed_entries(self, before: str | None, after: str | None) -> tuple[Entries, Entries]:
        old, new = self._whole.changed_entries(before, after)
        return self._ours(old), self._ours(new)

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> Mapping[str, Version]:
        return self._whole.versions(ids, evidence=evidence)

    def _ours(self, entries: Entries) -> Entries:
        return {name: entry for name, entry in entries.items() if self._tells(self._owner(name, entry))}

    def _owner(self, name: str, entry: Entry) -> str:
        return self._newest.get(name, entry).owner
