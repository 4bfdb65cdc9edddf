"""Checks a database as a whole: every reference resolves, every hash fits. Writes nothing.

Each portal's lists are walked in order, and a chunk that is stored as what differs from the one before is formed from
it: memory holds one list, and the ids of its portal's versions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bson.errors import BSONError
from zstandard import ZstdError

from alerts.engine.checkpoints import FoldOf, checkpoints_of, copied_files, copied_memory
from alerts.engine.repository import load, load_files
from alerts.model.events import portal_of
from alerts.records.citations import excerpt_of, excerpts_of
from alerts.upkeep.references import manifests_held
from opendata_spiders.store.chunks import address_of, read_beside
from opendata_spiders.store.content import batches, canonical, digest, read_canonical, version_id
from opendata_spiders.store.errors import PrunedError, StoreError
from opendata_spiders.store.manifests import Manifest, get_manifest
from opendata_spiders.store.store import Store
from opendata_spiders.store.versions import stored_versions, version_of
from opendata_spiders.store.writing import missing_ids

_AT_ONCE = 64
_EVENTS_AT_ONCE = 500
_DECODING = (StoreError, BSONError, ZstdError, ValueError, KeyError, TypeError)
"""What a damaged document raises when it is read."""
RESTORE = "restore a backup; until then nothing is concluded from the hole"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong."""

    where: str
    """Collection and id of the document."""
    said: str
    """What is wrong with it, and what to do."""

    def __str__(self) -> str:
        return f"{self.where}: {self.said}"


@dataclass
class Verification:
    """What was looked at, and what was wrong."""

    defects: list[Defect] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """Documents looked at, by collection."""

    def count(self, name: str, number: int = 1) -> None:
        """Count documents of a collection as looked at."""
        self.counts[name] = self.counts.get(name, 0) + number


def verify(store: Store, report: Callable[[str], None] = lambda _: None) -> Verification:
    """Check the whole database; `report` is told what is looked at."""
    done = Verification()
    for portal in sorted(store.db["runs"].distinct("portal")):
        report(f"lists of {portal}")
        done.defects += _lists(store, portal, done)
        done.defects += _excerpts(store, portal, done)
    for what, rule in (
        ("versions", _versions),
        ("states", _memories),
        ("events", _events),
    ):
        report(what)
        done.defects += rule(store, done)
    return done


@dataclass
class _Walk:
    """What is known of a portal's lists on the way from the oldest to the newest."""

    store: Store
    done: Verification
    chunks: dict[str, str] = field(default_factory=dict)
    """Of the last list: bucket to chunk, as far as it could be read …"""
    lines: dict[str, list[bytes]] = field(default_factory=dict)
    """… and chunk to lines."""
    versions: set[str] = field(default_factory=set)
    """Those that were looked up."""

    def step(self, manifest: Manifest) -> Iterator[Defect]:
        """Go on to the next list: read the chunks that the one before does not have."""
        fresh = {name: chunk for name, chunk in manifest.chunks.items() if self.chunks.get(name) != chunk}
        unread = set[str]()
        for batch in batches(sorted(fresh.items()), _AT_ONCE):
            wanted = set[str]()
            for name, read in self._read(dict(batch)):
                before = set(self.lines.get(self.chunks.get(name, ""), ()))
                try:
                    if isinstance(read, Exception):
                        raise read
                    wanted.update(read_canonical(line)["version"] for line in read if line not in before)
                except _DECODING as error:
                    unread.add(name)
                    yield Defect(f"chunks {fresh[name]}", _sentence(error))
                    continue
                if address_of(read) != fresh[name]:
                    yield Defect(f"chunks {fresh[name]}", f"its entries do not have this hash; {RESTORE}")
                self.lines.pop(self.chunks.get(name, ""), None)
                self.chunks[name], self.lines[fresh[name]] = fresh[name], read
            yield from self._not_stored(wanted)
        for name in (self.chunks.keys() - manifest.chunks.keys()) | unread:
            self.lines.pop(self.chunks.pop(name, ""), None)
        entries = sum(map(len, self.lines.values()))
        if entries != manifest.n and self.chunks.keys() == manifest.chunks.keys():
            said = f"it says {manifest.n} entries and its chunks hold {entries}; {RESTORE}"
            yield Defect(f"manifests {manifest.id}", said)

    def _read(self, chunks: Mapping[str, str]) -> Iterator[tuple[str, list[bytes] | Exception]]:
        """The lines of chunks by bucket, or what is wrong with one; all together, or one by one if any is damaged."""
        self.done.count("chunks", len(chunks))
        try:
            found = dict(read_beside(self.store.db, chunks.values(), self.lines))
        except _DECODING:
            yield from ((name, self._read_alone(chunk)) for name, chunk in chunks.items())
        else:
            yield from ((name, found[chunk]) for name, chunk in chunks.items())

    def _read_alone(self, chunk: str) -> list[bytes] | Exception:
        try:
            ((_, lines),) = read_beside(self.store.db, [chunk], self.lines)
        except _DECODING as error:
            return error
        return lines

    def _not_stored(self, named: set[str]) -> Iterator[Defect]:
        missing = missing_ids(self.store.db["versions"], named - self.versions)
        self.versions |= named
        for version in sorted(missing):
            yield Defect(f"versions {version}", f"a list names it and it is not stored; {RESTORE}")


def _lists(store: Store, portal: str, done: Verification) -> Iterator[Defect]:
    """The manifests that a portal refers to, oldest first, their chunks and the versions that those name."""
    walk = _Walk(store, done)
    for address in dict.fromkeys(reversed(list(manifests_held(store, portal)))):
        try:
            manifest = get_manifest(store.db, address)
        except PrunedError:
            continue
        except _DECODING as error:
            yield Defect(f"manifests {address}", _sentence(error))
            continue
        done.count("manifests")
        if digest(canonical(dict(manifest.chunks))) != address:
            yield Defect(f"manifests {address}", f"its chunks do not have this hash; {RESTORE}")
        yield from walk.step(manifest)


def _excerpts(store: Store, portal: str, done: Verification) -> Iterator[Defect]:
    """What is kept of lists that were thinned out, and the versions that it names."""
    for batch in batches(excerpts_of(store, portal), _AT_ONCE):
        named: dict[str, str] = {}
        for document in batch:
            done.count("excerpts")
            try:
                cited = excerpt_of(document)
            except _DECODING as error:
                yield Defect(f"excerpts {document['_id']}", _sentence(error))
                continue
            if len(cited) != document["n"]:
                said = f"it says {document['n']} datasets and holds {len(cited)}; {RESTORE}"
                yield Defect(f"excerpts {document['_id']}", said)
            seen = (side for one in cited.values() for side in (one.before, one.after) if side)
            named |= {side.entry.version: document["_id"] for side in seen if side.entry}
        for version in sorted(missing_ids(store.db["versions"], named)):
            said = f"the excerpt {named[version]} names it and it is not stored; {RESTORE}"
            yield Defect(f"versions {version}", said)


def _versions(store: Store, done: Verification) -> Iterator[Defect]:
    for document in stored_versions(store.db):
        done.count("versions")
        try:
            version = version_of(document)
            fits = version_id(version.portal, version.dataset, version.content) == version.id
        except _DECODING as error:
            yield Defect(f"versions {document['_id']}", _sentence(error))
        else:
            if not fits:
                yield Defect(f"versions {version.id}", f"its content does not have this hash; {RESTORE}")


def _memories(store: Store, done: Verification) -> Iterator[Defect]:
    for part in sorted(store.db["states"].distinct("_id")):
        done.count("states")
        yield from _readable(f"states {part}", partial(load, store, part))
    for portal in sorted(store.db["file_states"].distinct("_id")):
        done.count("file_states")
        yield from _readable(f"file_states {portal}", partial(load_files, store, portal))
    for part in sorted(store.db["checkpoints"].distinct("portal")):
        for made in checkpoints_of(store, FoldOf.RUNS, part):
            done.count("checkpoints")
            yield from _readable(f"checkpoints {made.id}", partial(copied_memory, store, made))
        for made in checkpoints_of(store, FoldOf.ROUNDS, part):
            done.count("checkpoints")
            yield from _readable(f"checkpoints {made.id}", partial(copied_files, store, made))
    for state in store.db["states"].find({}, {"last_run": 1}):
        if state["last_run"] and store.run(state["last_run"]) is None:
            yield Defect(f"states {state['_id']}", f"its last run {state['last_run']} is not stored; {RESTORE}")


def _readable(where: str, read: Callable[[], Any]) -> Iterator[Defect]:
    try:
        read()
    except _DECODING as error:
        yield Defect(where, _sentence(error))


def _events(store: Store, done: Verification) -> Iterator[Defect]:
    """Numbers without a repetition below the counter, and the run or round of each."""
    last = 0
    counter = store.db["sequences"].find_one({"_id": "events"}) or {"n": 0}
    fields = {"seq": 1, "run": 1, "kind": 1, "portal": 1, "evidence.rounds": 1}
    for batch in batches(store.db["events"].find({}, fields).sort("seq", 1), _EVENTS_AT_ONCE):
        done.count("events", len(batch))
        yield from _without_reading(store, batch)
        last = batch[-1]["seq"]
    if last > counter["n"]:
        said = f"event {last} is beyond the counter ({counter['n']}), so that readers may miss events; {RESTORE}"
        yield Defect("sequences events", said)


def _without_reading(store: Store, events: Iterable[Mapping[str, Any]]) -> Iterator[Defect]:
    """Events of a portal's reading that is not stored; what the watch says of itself and of terms rests on none."""
    rested = [one for one in events if one["portal"] and not one["kind"].startswith(("ops.", "platform.terms"))]
    names = {one["run"] for one in rested}
    for collection in ("runs", "file_rounds"):
        names = missing_ids(store.db[collection], names)
    for one in rested:
        if one["run"] in names:
            said = f"the reading {one['run']} of {portal_of(one['portal'])} is not stored; {RESTORE}"
            yield Defect(f"events {one['_id']}", said)


def _sentence(error: Exception) -> str:
    if isinstance(error, StoreError):
        return str(error)
    return f"it cannot be read ({type(error).__name__}); {RESTORE}"
