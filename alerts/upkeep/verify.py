"""Checks a database as a whole: every reference resolves, every hash fits. Writes nothing.

Each portal's lists are walked in order, so that only what is new in each is looked up: memory holds the chunks and
versions of one list at a time.
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
from alerts.upkeep.references import manifests_held
from opendata_spiders.store.content import batches, canonical, digest, read_canonical, version_id
from opendata_spiders.store.errors import PrunedError, StoreError
from opendata_spiders.store.manifests import get_manifest, read_lines
from opendata_spiders.store.store import Store
from opendata_spiders.store.writing import missing_ids

_AT_ONCE = 64
_VERSIONS_AT_ONCE = 500
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
    for what, rule in (("versions", _versions), ("states", _memories), ("events", _events)):
        report(what)
        done.defects += rule(store, done)
    return done


@dataclass(frozen=True, slots=True)
class _Bucket:
    """What the last chunk of a bucket holds."""

    entries: int = 0
    versions: frozenset[str] = frozenset()


def _lists(store: Store, portal: str, done: Verification) -> Iterator[Defect]:
    """The manifests that a portal refers to, oldest first, their chunks and the versions that those name."""
    known: dict[str, str] = {}
    buckets: dict[str, _Bucket] = {}
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
        fresh = {name: chunk for name, chunk in manifest.chunks.items() if known.get(name) != chunk}
        known = dict(manifest.chunks)
        yield from _chunks(store, fresh, buckets, done)
        entries = sum(buckets[name].entries for name in known if name in buckets)
        if entries != manifest.n and buckets.keys() >= known.keys():
            said = f"it says {manifest.n} entries and its chunks hold {entries}; {RESTORE}"
            yield Defect(f"manifests {address}", said)


def _chunks(
    store: Store, fresh: Mapping[str, str], buckets: dict[str, _Bucket], done: Verification
) -> Iterator[Defect]:
    """Chunks by bucket, which replace those in `buckets`; versions that the one before names too are not looked up."""
    for batch in batches(sorted(fresh.items()), _AT_ONCE):
        wanted: set[str] = set()
        for name, address in batch:
            done.count("chunks")
            before = buckets.pop(name, _Bucket())
            try:
                ((_, lines),) = read_lines(store.db, [address])
                versions = frozenset(read_canonical(line)["version"] for line in lines)
            except _DECODING as error:
                yield Defect(f"chunks {address}", _sentence(error))
                continue
            if digest(b"\n".join(lines)) != address:
                yield Defect(f"chunks {address}", f"its entries do not have this hash; {RESTORE}")
            wanted |= versions - before.versions
            buckets[name] = _Bucket(len(lines), versions)
        for version in sorted(missing_ids(store.db["versions"], wanted)):
            yield Defect(f"versions {version}", f"a list names it and it is not stored; {RESTORE}")


def _versions(store: Store, done: Verification) -> Iterator[Defect]:
    ids = (found["_id"] for found in store.db["versions"].find({}, {"_id": 1}))
    for batch in batches(ids, _VERSIONS_AT_ONCE):
        done.count("versions", len(batch))
        for name in batch:
            try:
                version = store.versions([name], evidence=True)[name]
                fits = version_id(version.portal, version.dataset, version.content) == name
            except _DECODING as error:
                yield Defect(f"versions {name}", _sentence(error))
            else:
                if not fits:
                    yield Defect(f"versions {name}", f"its content does not have this hash; {RESTORE}")


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
    for batch in batches(store.db["events"].find({}, fields).sort("seq", 1), _VERSIONS_AT_ONCE):
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
