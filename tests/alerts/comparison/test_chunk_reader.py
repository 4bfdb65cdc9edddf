"""A fold loads and decodes nothing twice, and of what did not change nothing at all."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from alerts.comparison import chunk_reader
from alerts.comparison.chunk_reader import ChunkReader
from alerts.engine.repository import prepare
from alerts.engine.runner import Division, PortalRef, fold_new
from alerts.model.catalogue_dates import mark
from alerts.model.events import Event
from alerts.model.policy import policy
from alerts.records.queries import portal_states
from alerts.records.state_source import StoredStates
from opendata_spiders.register import packaged
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.content import pack, unpack
from opendata_spiders.store.manifests import bucket, entry_of
from opendata_spiders.store.models import Entry
from opendata_spiders.store.store import Store
from tests.tales.world import DAY_ZERO

PLACE = PortalRef("id-of-testcity", "testcity")
DATASETS = 600


class Loads(CommandListener):
    """What a client has asked the database for by its address: collection, address, and which part of it."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str, str]] = Counter()

    def started(self, event: CommandStartedEvent) -> None:
        name = str(event.command.get("find"))
        if name in ("manifests", "chunks", "versions"):
            wanted, part = event.command["filter"]["_id"], str(event.command.get("projection", ""))
            self.asked.update((name, one, part) for one in (wanted["$in"] if isinstance(wanted, dict) else [wanted]))

    def succeeded(self, event: CommandSucceededEvent) -> None: ...
    def failed(self, event: CommandFailedEvent) -> None: ...

    def of(self, collection: str) -> set[str]:
        return {address for name, address, _ in self.asked if name == collection}


@dataclass
class Watched:
    """The database seen through a client whose loads are counted, and the lines that were decoded."""

    store: Store
    loads: Loads
    decoded: Counter[bytes] = field(default_factory=Counter)
    place: PortalRef = PLACE

    def fold(self) -> list[Event]:
        """Fold what is new; nothing may be loaded or decoded twice in one fold, no whole chunk and line in any of them."""
        self.loads.asked.clear()
        self.decoded.clear()
        report = fold_new(self.store, self.place, policy())
        whole = {what for what in self.loads.asked if what[0] == "chunks" and not what[2]}
        loaded = {what: times for what, times in self.loads.asked.items() if report.folded == 1 or what in whole}
        assert not [what for what, times in (*loaded.items(), *self.decoded.items()) if times > 1]
        return report.events


@pytest.fixture
def watched(store: Store, store_config: StoreConfig, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    loads = Loads()
    options: dict[str, Any] = {"tz_aware": True, "tzinfo": UTC, "w": "majority", "journal": True}
    with MongoClient[dict[str, Any]](store_config.uri, event_listeners=[loads], **options) as client:
        seen = Watched(Store(client[store.db.name], store.mode), loads)

        def counting(line: bytes) -> Entry:
            seen.decoded[line] += 1
            return entry_of(line)

        monkeypatch.setattr(chunk_reader, "entry_of", counting)
        prepare(store)
        yield seen


@pytest.fixture
def night(store: Store, tale: Any) -> Callable[..., set[str]]:
    """Commit a complete run that lists these rows; the addresses of its chunks."""

    def commit(number: int, rows: dict[str, Any]) -> set[str]:
        shelf = tale.Shelf()
        run = tale.make_run({}, rows, number, number + 1, shelf)
        store.put_versions(shelf.known_versions.values())
        kept = store.commit(replace(run, manifest=None), shelf.entries(run.manifest).values())
        return set(store.manifest(str(kept.manifest)).chunks.values())

    return commit


def differing(store: Store, before: set[str], after: set[str]) -> set[str]:
    """The chunks that must be read to tell what differs: not those that others were stored against."""
    bases = {one["base"] for one in store.db.chunks.find({"_id": {"$in": [*after]}, "base": {"$exists": True}})}
    return (before ^ after) - bases


def catalogue() -> dict[str, Any]:
    """Monthly datasets of half a year, none of which comes due on the days after day 0."""
    days = (f"{DAY_ZERO - timedelta(days=number % 180):%Y-%m}-15" for number in range(DATASETS))
    return {
        f"d{n}": {"title": f"第{n}号", "office": "局", "frequency": "每年", "updated": day}
        for n, day in enumerate(days)
    }


def test_of_a_night_on_which_nothing_changed_only_the_manifest_is_loaded(watched: Watched, night: Any) -> None:
    first = night(0, catalogue())
    watched.fold()
    assert watched.loads.of("chunks") == first
    assert sum(watched.decoded.values()) == DATASETS
    written = watched.store.db["catalogue_dates"].find_one_and_update({"_id": PLACE.id}, {"$set": {"untouched": True}})
    for number in (1, 2):
        assert night(number, catalogue()) == first
        assert watched.fold() == []
        assert not watched.decoded
        assert not watched.loads.of("chunks") | watched.loads.of("versions")
        assert len(watched.loads.of("manifests")) <= 1
    assert watched.store.db["catalogue_dates"].find_one({"untouched": True}) == {**(written or {}), "untouched": True}


def test_of_a_night_with_few_changes_only_what_differs_is_loaded(watched: Watched, night: Any) -> None:
    before = night(0, catalogue())
    watched.fold()
    changed = {
        f"d{number}": {**catalogue()[f"d{number}"], "description": "新", "title": f"新{number}"} for number in range(6)
    }
    after = night(1, catalogue() | changed)
    events = watched.fold()
    assert Counter(event.kind for event in events)["dataset.renamed"] == len(changed)
    assert watched.loads.of("chunks") == differing(watched.store, before, after)
    assert len(watched.decoded) == 2 * len(changed)
    assert len(watched.loads.of("versions")) == 2 * len(changed)


def test_of_what_comes_due_only_that_is_searched(watched: Watched, night: Any) -> None:
    due = {"d7": {**catalogue()["d7"], "frequency": "每周", "updated": f"{DAY_ZERO - timedelta(days=6):%Y-%m-%d}"}}
    night(0, catalogue() | due)
    watched.fold()
    chunks = night(1, catalogue() | due)
    assert [(event.kind, event.dataset) for event in watched.fold()] == [("dataset.due", "d7")]
    assert len(watched.loads.of("chunks")) == 1 < len(chunks)
    assert len(watched.decoded) <= 4


def test_of_a_catalogue_under_other_ids_everything_is_loaded_once(watched: Watched, night: Any) -> None:
    night(0, catalogue())
    watched.fold()
    other, decoded, kinds = {f"n{name}": row for name, row in catalogue().items()}, list[int](), set[str]()
    for number in range(1, 4):
        night(number, other)
        kinds |= {event.kind for event in watched.fold()}
        decoded.append(len(watched.decoded))
    assert "bulk.rekeyed" in kinds
    assert decoded[0] == 2 * DATASETS
    assert max(decoded[1:]) <= DATASETS


def test_a_province_and_its_parts_read_what_differs_once(watched: Watched, night: Any) -> None:
    province, cities = packaged().get("neimenggu"), ("150200", "150300", "")
    watched.place = replace(PLACE, division=Division(packaged(), province))
    rows = {
        name: {**row, "owner": cities[number % 3], "office": f"{number % 3}局"}
        for number, (name, row) in enumerate(catalogue().items())
    }
    first = night(0, rows)
    watched.fold()
    assert watched.loads.of("chunks") == first
    assert sum(watched.decoded.values()) == DATASETS
    for number in (1, 2):
        assert night(number, rows) == first
        assert watched.fold() == []
        assert not watched.decoded
        assert not watched.loads.of("chunks") | watched.loads.of("versions")
    changed = {name: {**rows[name], "title": f"新{name}"} for name in ("d0", "d3", "d1", "d2")}
    after = night(3, rows | changed)
    renamed = {(one.owner, one.dataset) for one in watched.fold() if one.kind == "dataset.renamed"}
    assert renamed == {(rows[name]["owner"], name) for name in changed}
    assert watched.loads.of("chunks") == differing(watched.store, first, after)
    assert len(watched.decoded) == 2 * len(changed)
    known = {view.portal: view.counts["known"] for view in portal_states(StoredStates(watched.store))}
    assert known == dict.fromkeys((PLACE.id, *(f"{PLACE.id}/{city}" for city in cities[:2])), DATASETS // 3)


def test_a_night_on_which_datasets_vanish_reads_on_from_the_night_before(watched: Watched, tell: Any, put: Any) -> None:
    gone = {f"d{number}": "gone" for number in range(1, 5)}
    put(tell({"start": {"d1..d300": {}}, "nights": [{"hide": list(gone), "look": gone}, {"look": gone}, {}]}))
    assert [event.kind for event in watched.fold()] == ["dataset.removed"] * 4
    assert len(watched.decoded) == 300


def entries(count: int, *, version: str = "v") -> list[Entry]:
    return [Entry(f"d{number}", "digest", version if number == 3 else "v") for number in range(count)]


@pytest.mark.parametrize("kept", [None, 10])
def test_it_answers_as_the_store_does(store: Store, kept: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little of what was read it keeps in memory."""
    for name in ("_LINES_KEPT", "_ENTRIES_KEPT", "LINES_AT_ONCE") if kept else ():
        monkeypatch.setattr(chunk_reader, name, kept)
    names = [store.put_entries(many) for many in (entries(600), entries(600, version="w"), entries(601))]
    reader = ChunkReader(store)
    for _ in range(2):
        for before in (None, *names):
            whole = store.entries(before)
            listed = reader.entries(before)
            assert [listed.get(name) for name in ("d3", "d599", "d600", "e")] == list(
                map(whole.get, ("d3", "d599", "d600", "e"))
            )
            assert (dict(listed), len(listed)) == (whole, len(whole))
            for after in (None, *names):
                assert reader.changed_entries(before, after) == differences(whole, store.entries(after))
                marks = {mark("d3"), mark("e")}
                assert {one.id: one for one in reader.marked(before, marks)} == {
                    name: entry for name, entry in whole.items() if mark(name) in marks
                }
        reader.keep(names[1])
        assert kept is None or sum(map(len, reader._lines.values())) <= kept


def differences(before: dict[str, Entry], after: dict[str, Entry]) -> tuple[dict[str, Entry], dict[str, Entry]]:
    differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return tuple({name: side[name] for name in differing & side.keys()} for side in (before, after))  # type: ignore[return-value]


def test_an_equal_entry_on_another_line_is_no_change(store: Store) -> None:
    address = store.put_entries(entries(3))
    chunks, place = store.manifest(address).chunks, bucket("d1")
    written = store.db.chunks.find_one({"_id": chunks[place]})
    assert written is not None
    spaced = unpack(written["blob"]).replace(b":", b": ")
    store.db.chunks.insert_one({"_id": "spaced", "n": 1, "blob": pack(spaced)})
    store.db.manifests.insert_one({"_id": "other", "chunks": {**chunks, place: "spaced"}, "n": 3})
    assert store.entries("other") == store.entries(address)
    assert ChunkReader(store).changed_entries(address, "other") == ({}, {})
