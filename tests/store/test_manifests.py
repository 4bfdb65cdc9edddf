import time
from dataclasses import replace

import pytest

from opendata_spiders.store.codec import changed_fields
from opendata_spiders.store.connect import Store
from opendata_spiders.store.content import canonical
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.manifests import bucket, entry_of, line_of


def test_twenty_thousand_entries(store: Store, sample) -> None:
    known = [sample.entry(number, detailed=number % 2 == 0) for number in range(20_000)]
    started = time.monotonic()
    address = store.put_entries(known)
    assert store.entries(address) == {entry.id: entry for entry in known}
    assert time.monotonic() - started < 20
    manifest = store.manifest(address)
    assert (manifest.n, len(manifest.chunks)) == (20_000, 256)

    changed = [replace(known[7], list_fp="other"), *known[8:], *known[:7]]
    later = store.put_entries(changed)
    assert store.db.chunks.count_documents({}) == 257
    assert store.entries(later) == {entry.id: entry for entry in changed}
    before, after = manifest.chunks, store.manifest(later).chunks
    assert [name for name in before if before[name] != after[name]] == [bucket("d7")]


def test_order_and_doubles_mean_nothing(store: Store, sample) -> None:
    some = sample.entries(50)
    assert store.put_entries(some) == store.put_entries([sample.entry(3, "old"), *some[::-1]])
    assert store.db.manifests.count_documents({}) == 1


def test_nothing_is_a_set_of_entries_as_well(store: Store) -> None:
    assert store.entries(None) == store.entries(store.put_entries([])) == {}


def test_entries_put_over_others_are_one_set_with_them(store: Store, sample) -> None:
    known, fresh = sample.entries(500), [sample.entry(7, "other"), sample.entry(600)]
    together = {entry.id: entry for entry in (*known, *fresh)}
    address = store.put_entries(known)
    over = store.put_entries(fresh, over=address)
    assert store.entries(over) == together
    assert store.manifest(over).n == len(together) == 501
    assert over == store.put_entries(together.values())
    assert store.put_entries([], over=address) == store.put_entries(known[:3], over=address) == address
    assert store.entries(store.put_entries(fresh, over=None)) == {entry.id: entry for entry in fresh}


def test_entries_left_out_are_no_part_of_the_set(store: Store, sample) -> None:
    known, fresh = sample.entries(500), [sample.entry(7, "other"), sample.entry(600)]
    gone = {"d3", "d9", "unknown"}
    left = {entry.id: entry for entry in (*known, *fresh) if entry.id not in gone}
    over = store.put_entries(fresh, store.put_entries(known), gone)
    assert over == store.put_entries(left.values())
    assert store.manifest(over).n == len(left) == 499
    lonely = next(name for name in left if sum(bucket(name) == bucket(one) for one in left) == 1)
    assert bucket(lonely) not in store.manifest(store.put_entries([], over, [lonely])).chunks
    assert store.put_entries([], over, left.keys()) == store.put_entries([])


def test_a_line_holds_what_differs_from_the_defaults(sample) -> None:
    whole = sample.entry(7, detailed=True, blank=("theme",), oddities=("field.formats_unknown",), owner="520100")
    for entry in (whole, sample.entry(7), replace(whole, id="d\ud800", clocks={"updated": "\udc00"})):
        assert line_of(entry) == canonical(changed_fields(entry))
        read = entry_of(line_of(entry))
        assert (read, read.blank, read.oddities) == (entry, entry.blank, entry.oddities)


def test_what_an_unchanged_row_is_counted_by_is_no_difference_between_entries(sample) -> None:
    assert sample.entry(7, blank=("theme",), oddities=("field.formats_unknown",)) == sample.entry(7)


def test_a_hole_in_the_store_is_never_taken_for_a_deletion(store: Store, sample) -> None:
    address = store.put_entries(sample.entries(30))
    store.db.chunks.delete_one({})
    with pytest.raises(StoreError, match="1 manifest chunks are missing"):
        store.entries(address)
    with pytest.raises(StoreError, match="restore the database"):
        store.manifest("0" * 32)


def test_an_interrupted_write_is_completed_by_the_next(store: Store, sample) -> None:
    address = store.put_entries(sample.entries(30))
    store.db.manifests.delete_one({})
    store.db.chunks.delete_one({})
    assert store.put_entries(sample.entries(30)) == address
    assert len(store.entries(address)) == 30
