"""What events cite of lists: a dataset as the run of the event listed it, and as the last earlier run that did.

While the lists are kept it is read from them. Before they are thinned out (`alerts/upkeep`) it is kept apart: the
*excerpt* of a run holds what its events about single datasets cite, and never counts as its list.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from alerts.model.events import items
from opendata_spiders.store.codec import from_document
from opendata_spiders.store.content import canonical, pack, read_canonical, unpack
from opendata_spiders.store.manifests import Manifest, bucket, find_entries, get_manifest, line_of
from opendata_spiders.store.models import Entry
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import missing_ids

BACK_MAX = 400
"""Number of earlier lists that are searched for the last one that named a dataset."""

_VERSION = re.compile(rb'"version":"(\w+)"')


@dataclass(frozen=True, slots=True)
class Sighting:
    """One dataset in one run; without an entry the run did not list it."""

    run: str
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """One dataset before and after."""

    before: Sighting | None = None
    """In the last earlier run that listed it; None if none is known."""
    after: Sighting | None = None
    """In the run of the event; None if that read no list, or nothing of it is kept."""


NOTHING = Citation()


def cited_datasets(dataset: str | None, title: str, evidence: Mapping[str, Any]) -> dict[str, str]:
    """Native id and title of each dataset that an event itself names."""
    found = {} if dataset is None else {dataset: title}
    if old := evidence.get("old_id"):
        found[str(old)] = str(evidence.get("old_title") or "")
    for one in items(evidence.get("datasets")):
        if isinstance(one, Mapping) and "id" in one:
            found.setdefault(str(one["id"]), str(one.get("title") or ""))
    for sign in signs_of(evidence):
        if sign.get("dataset"):
            found.setdefault(str(sign["dataset"]), "")
    return found


def signs_of(evidence: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The signs of updates in the evidence of an event."""
    signs = (evidence.get(key) for key in ("evidence", "evidence_before"))
    return [sign for sign in signs if isinstance(sign, Mapping)]


class CitationFinder:
    """Finds datasets in the lists of one portal, and in the excerpts of those that were thinned out."""

    def __init__(self, store: Store, portal: str) -> None:
        self._store, self._portal = store, portal
        found = store.db["runs"].find({"portal": portal}, {"manifest": 1}).sort("seq", 1)
        self._lists: dict[str, str | None] = {one["_id"]: one["manifest"] for one in found}
        """The manifest of every run, oldest first."""
        self._gone = missing_ids(store.db["manifests"], filter(None, self._lists.values()))
        self._manifests: dict[str, Manifest] = {}

    def find(self, run: str, datasets: Iterable[str]) -> dict[str, Citation]:
        """What the events of a run cite of these datasets, by native id; each gets a citation."""
        wanted = set(datasets)
        found = {name: one for name, one in get_excerpt(self._store, self._portal, run).items() if name in wanted}
        left = wanted - found.keys()
        found |= {name: Citation(after=seen) for name, seen in self._listed(run, left).items()}
        for name, before in self._before(run, left):
            found[name] = replace(found.get(name, NOTHING), before=before)
        return {name: found.get(name, NOTHING) for name in wanted}

    def _before(self, run: str, datasets: Collection[str]) -> Iterator[tuple[str, Sighting]]:
        """The last sighting of each dataset before a run, as far as there is one."""
        left, names = set(datasets), list(self._lists)
        earlier = names[: names.index(run)] if run in self._lists else []
        with_list = [one for one in earlier if self._lists[one]][-BACK_MAX:]
        told = self._told(left) if any(self._lists[one] in self._gone for one in with_list) else set[str]()
        looked: dict[str, set[str]] = {}
        for name in reversed(with_list):
            if not left:
                return
            seen = self._excerpted(name, left) if name in told else {}
            seen |= {dataset: one for dataset, one in self._listed(name, left, looked).items() if one.entry}
            yield from seen.items()
            left -= seen.keys()

    def _told(self, datasets: Collection[str]) -> set[str]:
        """The runs that events about these datasets were stated in, whose excerpts may know of older lists."""
        about = {"portal": self._portal, "dataset": {"$in": sorted(datasets)}}
        return {one["run"] for one in self._store.db["events"].find(about, {"run": 1})}

    def _excerpted(self, run: str, datasets: Collection[str]) -> dict[str, Sighting]:
        """The last sightings that the excerpt of a run knows of: of the run itself, or of an earlier one."""
        found = get_excerpt(self._store, self._portal, run)
        both = ((name, found[name]) for name in datasets if name in found)
        seen = ((name, one.after if one.after and one.after.entry else one.before) for name, one in both)
        return {name: one for name, one in seen if one is not None}

    def _listed(
        self, run: str, datasets: Collection[str], looked: dict[str, set[str]] | None = None
    ) -> dict[str, Sighting]:
        """Sightings in the list of a run; none where it read no list, or that is not stored.

        `looked`: chunks in which datasets were looked for in vain, by dataset; those are not read again.
        """
        address = self._lists.get(run)
        if not address or address in self._gone or not datasets:
            return {}
        known, vain = self._manifest(address), looked if looked is not None else {}
        chunks = {name: known.chunks.get(bucket(name), "") for name in datasets}
        entries = find_entries(self._store.db, known, [one for one in datasets if chunks[one] not in vain.get(one, ())])
        for name, chunk in chunks.items():
            vain.setdefault(name, set()).add(chunk)
        return {name: Sighting(run, entries.get(name)) for name in datasets}

    def _manifest(self, address: str) -> Manifest:
        if address not in self._manifests:
            if len(self._manifests) > BACK_MAX:
                del self._manifests[next(iter(self._manifests))]
            self._manifests[address] = get_manifest(self._store.db, address)
        return self._manifests[address]


def put_excerpt(store: Store, portal: str, run: str, citations: dict[str, Citation]) -> None:
    """Keep what the events of a run cite, beside what was kept of them before; repeating writes nothing."""
    known = get_excerpt(store, portal, run)
    if citations.keys() <= known.keys():
        return
    rows = citations | known
    lines = (canonical([name, *_cells(one.before), *_cells(one.after)]) for name, one in sorted(rows.items()))
    document = {"n": len(rows), "blob": pack(b"\n".join(lines))}
    store.db["excerpts"].replace_one({"_id": f"{portal}#{run}"}, document, upsert=True)


def get_excerpt(store: Store, portal: str, run: str) -> dict[str, Citation]:
    """What is kept of the list of a run for its events, by native id; empty if nothing is kept apart."""
    found = store.db["excerpts"].find_one({"_id": f"{portal}#{run}"})
    return excerpt_of(found) if found else {}


def excerpts_of(store: Store, portal: str) -> Iterator[dict[str, Any]]:
    """The documents of all excerpts of a portal."""
    return store.db["excerpts"].find({"_id": {"$gte": f"{portal}#", "$lt": f"{portal}$"}})


def excerpt_of(document: Mapping[str, Any]) -> dict[str, Citation]:
    """What a document of the collection `excerpts` holds. Raises DocumentError."""
    rows = (read_canonical(line) for line in unpack(document["blob"]).split(b"\n"))
    return {name: Citation(_sighting(*cells[:2]), _sighting(*cells[2:])) for name, *cells in rows}


def cited_versions(store: Store, portal: str) -> Iterator[set[str]]:
    """The versions that the excerpts of a portal name, one excerpt after the other; no line is decoded for it."""
    for found in excerpts_of(store, portal):
        yield {name.decode() for name in _VERSION.findall(unpack(found["blob"]))}


def _cells(seen: Sighting | None) -> tuple[str | None, Any]:
    if seen is None:
        return None, None
    return seen.run, read_canonical(line_of(seen.entry)) if seen.entry else None


def _sighting(run: str | None, entry: Mapping[str, Any] | None) -> Sighting | None:
    if run is None:
        return None
    return Sighting(run, from_document(Entry, entry) if entry is not None else None)
