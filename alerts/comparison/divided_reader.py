"""A portal's list divided by the governments whose datasets it holds: the part of it that one fold is about."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from alerts.comparison.run_view import Entries, ManifestReader, Owners
from alerts.comparison.streamed_entries import StreamedEntries
from opendata_spiders.store.models import Entry, Version


class DividedReader(Owners):
    """A `ManifestReader` that shows of every manifest what belongs to those a fold is about.

    Whose a dataset is, the run that is folded says; of one it does not list, its own entry. So a dataset that is
    attributed anew belongs to its new owner in both lists that are compared: nothing vanished, nothing came.
    Like the reader it stands on, it reads only what it is asked for.
    """

    def __init__(self, whole: ManifestReader, newest: str | None, ours: frozenset[str]) -> None:
        """`newest`: manifest of the run that is folded; `ours`: the owners the fold is about (`owners_told`)."""
        self._whole = whole
        self._manifest = newest
        self._newest = whole.entries(newest)
        self._ours = ours

    def entries(self, manifest: str | None) -> Entries:
        return DividedCatalogue(self._whole.entries(manifest), self._listed_otherwise(manifest), self._ours)

    def marked(self, manifest: str | None, marks: Collection[bytes]) -> Iterator[Entry]:
        found = {entry.id: entry for entry in self._whole.marked(manifest, marks)}
        return DividedCatalogue(found, self._listed_otherwise(manifest), self._ours).stream()

    def changed_entries(self, before: str | None, after: str | None) -> tuple[Entries, Entries]:
        own = after == self._manifest
        old, new = self._since(before) if own else self._whole.changed_entries(before, after)
        # What differs and is not in the run's own list is not listed: it need not be searched there.
        listed = new if own else self._newest
        left, right = (DividedCatalogue(side, listed, self._ours) for side in (old, new))
        return dict(left.items()), dict(right.items())

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> Mapping[str, Version]:
        return self._whole.versions(ids, evidence=evidence)

    @property
    def division(self) -> str:
        return ",".join(sorted(self._ours))

    def handed_over(self, since: str | None) -> frozenset[str]:
        return frozenset(name for name, entry in self._since(since)[1].items() if entry.owner not in self._ours)

    def is_reassigned(self, manifest: str | None) -> bool:
        before, after = self._since(manifest) if manifest else ({}, {})
        return any(name in after and after[name].owner != entry.owner for name, entry in before.items())

    def counted(self, known: Mapping[str, int], since: str | None) -> Mapping[str, int]:
        before, after = self._since(since) if since else ({}, self._newest)
        counts = Counter(known)
        counts.update(entry.owner for entry in after.values() if entry.owner)
        counts.subtract(entry.owner for entry in before.values() if entry.owner)
        return dict(sorted((+counts).items()))

    def _listed_otherwise(self, manifest: str | None) -> Entries:
        """The run's entries of the datasets that it has otherwise than that manifest; all others keep their owners."""
        return self._since(manifest)[1] if manifest and manifest != self._manifest else {}

    def _since(self, manifest: str | None) -> tuple[Entries, Entries]:
        """The entries of all owners that the run has otherwise than that manifest; none if it has read no list."""
        return self._whole.changed_entries(manifest, self._manifest) if self._manifest else ({}, {})


class DividedCatalogue(StreamedEntries):
    """Those entries of a manifest that belong to some owners, by what another list says of them, else by their own."""

    def __init__(self, whole: Entries, listed: Entries, ours: frozenset[str]) -> None:
        self._whole = whole
        self._listed = listed
        self._ours = ours

    def __getitem__(self, name: str) -> Entry:
        entry = self._whole[name]
        if not self._is_ours(entry):
            raise KeyError(name)
        return entry

    def __len__(self) -> int:
        return sum(1 for _ in self.stream())

    def stream(self) -> Iterator[Entry]:
        return filter(self._is_ours, self._whole.values())

    def _is_ours(self, entry: Entry) -> bool:
        return self._listed.get(entry.id, entry).owner in self._ours
