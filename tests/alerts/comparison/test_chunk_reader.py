"""A fold decodes each chunk of a manifest once, whatever its rules ask for."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from alerts.comparison import chunk_reader
from alerts.comparison.chunk_reader import ChunkReader
from alerts.engine.repository import prepare
from alerts.engine.runner import PortalRef, fold_new
from alerts.model.policy import policy
from opendata_spiders.store.manifests import read_chunks
from opendata_spiders.store.models import Entry
from opendata_spiders.store.store import Store


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hashes of the chunks that were loaded, in order."""
    seen: list[str] = []

    def counting(db: Any, addresses: Iterable[str]) -> Iterator[tuple[str, list[Entry]]]:
        for name, entries in read_chunks(db, addresses):
            seen.append(name)
            yield name, entries

    monkeypatch.setattr(chunk_reader, "read_chunks", counting)
    return seen


def entries(count: int, *, version: str = "v") -> list[Entry]:
    return [Entry(f"d{number}", "digest", version if number == 3 else "v") for number in range(count)]


def test_it_answers_as_the_store_does(store: Store) -> None:
    names = [store.put_entries(many) for many in (entries(600), entries(600, version="w"), entries(601))]
    reader = ChunkReader(store)
    for _ in range(2):
        for before in (None, *names):
            assert reader.entries(before) == store.entries(before)
            for after in (None, *names):
                assert reader.changed_entries(before, after) == store.changed_entries(before, after)
        reader.keep(names[1])


def test_a_chunk_is_loaded_once_and_dropped_when_it_is_not_listed_any_more(store: Store, loaded: list[str]) -> None:
    first, second = store.put_entries(entries(600)), store.put_entries(entries(600, version="w"))
    reader = ChunkReader(store)
    reader.changed_entries(first, second)
    assert len(loaded) == 2
    reader.entries(second)
    reader.entries(first)
    assert len(loaded) == len(set(loaded)) == len(store.manifest(first).chunks) + 1
    reader.keep(second)
    reader.entries(first)
    assert len(loaded) == len(set(loaded)) + 1


def test_a_night_on_which_datasets_vanish_loads_the_catalogue_once(
    store: Store, loaded: list[str], tell: Any, put: Any
) -> None:
    gone = {f"d{number}": "gone" for number in range(1, 5)}
    story = tell({"start": {"d1..d300": {}}, "nights": [{"hide": list(gone), "look": gone}, {"look": gone}, {}]})
    prepare(store)
    put(story)
    report = fold_new(store, PortalRef("id-of-testcity", "testcity"), policy())
    assert [event.kind for event in report.events] == ["dataset.removed"] * 4
    assert len(loaded) == len(set(loaded))
