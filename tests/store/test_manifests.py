import itertools
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from opendata_spiders.store.chunks import MOST_STEPS, address_of
from opendata_spiders.store.codec import changed_fields
from opendata_spiders.store.connect import Store
from opendata_spiders.store.content import canonical, pack
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.manifests import bucket, differing_lines, entry_of, id_of, line_of, read_lines
from opendata_spiders.store.models import Entry


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


# --- chunks that stand on others --------------------------------------------------------------------------------------

NAMES = tuple(itertools.islice((f"d{number}" for number in itertools.count() if bucket(f"d{number}") < "02"), 12))
"""Native ids of two buckets."""
Night = tuple[dict[str, str], set[str]]


def nights() -> strategies.SearchStrategy[list[Night]]:
    """What each of some nights changes or adds (native id to fingerprint), and what it does not list."""
    some = strategies.sampled_from(NAMES)
    changed = strategies.dictionaries(some, strategies.sampled_from("abc"), max_size=4)
    return strategies.lists(strategies.tuples(changed, strategies.sets(some, max_size=3)), min_size=1, max_size=14)


def played(store: Store, sample: Any, changes: Iterable[Night]) -> list[tuple[str, dict[str, Entry]]]:
    """Put each night over the one before; the manifest of each, with the entries that it must hold."""
    known = {name: replace(sample.entry(0), id=name) for name in NAMES}
    found = [(store.put_entries(known.values()), known)]
    for changed, gone in changes:
        fresh = {name: replace(sample.entry(0), id=name, list_fp=mark * 32) for name, mark in changed.items()}
        known = {name: entry for name, entry in known.items() if name not in gone} | fresh
        found.append((store.put_entries(fresh.values(), over=found[-1][0], without=gone), known))
    return found


def changed_lines(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> tuple[set[bytes], set[bytes]]:
    old, new = ({line_of(entry) for entry in side.values()} for side in (before, after))
    return old - new, new - old


@given(changes=nights())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_changes_each_night_is_read_as_it_was_and_what_differs_is_found(
    store: Store, sample: Any, changes: list[Night]
) -> None:
    found = played(store, sample, changes)
    for address, known in found:
        assert (store.entries(address), store.manifest(address).n) == (known, len(known))
        for chunk, lines in read_lines(store.db, store.manifest(address).chunks.values()):
            assert address_of(lines) == chunk
    for (before, old), (after, new) in itertools.product(found, (found[0], found[-1], found[len(found) // 2])):
        sides = [*zip(*differing_lines(store.db, store.manifest(before), store.manifest(after)), strict=True)]
        assert tuple(set().union(*side) for side in sides or ((), ())) == changed_lines(old, new)


texts = strategies.text(alphabet=strategies.characters())


@given(id_=texts, raw=texts)
def test_the_native_id_is_read_from_a_line_whatever_the_portal_wrote(id_: str, raw: str) -> None:
    entry = Entry(id_, "f", "v", {"updated": raw, "published": '"id":"other"'}, {"rows": raw}, raw, owner_rule=raw)
    assert id_of(line_of(entry)) == id_


def redated(store: Store, sample: Any, steps: int, *, of: int = 20_000) -> list[str]:
    """Manifests of the bucket of `d3` of a catalogue, in which one entry has another fingerprint after each step."""
    known = [sample.entry(number) for number in range(of) if bucket(f"d{number}") == bucket("d3")]
    found = [store.put_entries(known)]
    for step in range(steps):
        found.append(store.put_entries([sample.entry(3, f"{step:032x}")], over=found[-1]))
    return found


def chain_of(store: Store, manifest: str) -> list[dict[str, Any]]:
    """The document of the chunk of `d3`, and those that it stands on."""
    address, found = store.manifest(manifest).chunks[bucket("d3")], list[dict[str, Any]]()
    while address is not None:
        document = store.db.chunks.find_one({"_id": address})
        assert document is not None
        found.append(document)
        address = document.get("base")
    return found


def test_a_change_is_written_alone_and_after_some_of_them_all_is_written_again(store: Store, sample: Any) -> None:
    found = [chain_of(store, one) for one in redated(store, sample, 2 * MOST_STEPS)]
    assert [len(chain) for chain in found[:3]] == [1, 2, 3]
    assert max(map(len, found)) <= MOST_STEPS + 1
    assert sum(len(chain) == 1 for chain in found) >= 2
    for *steps, whole in found:
        assert sum(len(one["blob"]) for one in steps) <= len(whole["blob"])
        assert all(len(one["blob"]) < len(whole["blob"]) / 10 for one in steps)


def test_a_chunk_of_few_lines_is_written_whole_rather_than_as_a_long_difference(store: Store, sample: Any) -> None:
    assert {len(chain_of(store, one)) for one in redated(store, sample, 3, of=4)} == {1}


def test_what_differs_between_nights_is_read_without_the_chunks(store: Store, sample: Any) -> None:
    first, second, third = redated(store, sample, 2)
    other = store.put_entries([sample.entry(3, "other")], over=first)
    whole = store.db.chunks.update_many({"base": {"$exists": False}}, {"$set": {"blob": b"unreadable"}})
    assert whole.modified_count
    for before, after in ((first, third), (third, first), (second, other)):
        (sides,) = differing_lines(store.db, store.manifest(before), store.manifest(after))
        assert [[entry_of(line).id for line in side] for side in sides] == [["d3"], ["d3"]]


def test_a_chunk_whose_base_is_missing_or_another_is_no_chunk(store: Store, sample: Any) -> None:
    first, second = redated(store, sample, 1)
    base = store.manifest(first).chunks[bucket("d3")]
    store.db.chunks.update_one({"_id": base}, {"$set": {"blob": pack(b"{}")}})
    with pytest.raises(StoreError, match="does not fit the one it was stored against; restore the database"):
        store.entries(second)
    store.db.chunks.delete_one({"_id": base})
    with pytest.raises(StoreError, match="1 manifest chunks are missing"):
        store.entries(second)


def test_two_writers_at_once_store_one_set_each(store: Store, sample: Any) -> None:
    known = sample.entries(2_000)
    address = store.put_entries(known)
    fresh = [[sample.entry(number, f"{number % 3}") for number in range(start, 2_000, 50)] for start in (1, 2, 1)]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda some: store.put_entries(some, over=address), fresh))
    assert found[0] == found[2] != found[1]
    for manifest, some in zip(found, fresh, strict=True):
        assert store.entries(manifest) == {entry.id: entry for entry in (*known, *some)}


def test_a_manifest_of_an_older_version_is_read_and_written_over(store: Store, sample: Any) -> None:
    address = store.put_entries(sample.entries(30))
    manifest = store.manifest(address)
    older = {"_id": address, "chunks": dict(manifest.chunks), "n": 30}
    store.db.manifests.replace_one({"_id": address}, older)
    assert store.manifest(address) == manifest
    over = store.put_entries([sample.entry(7, "other")], over=address)
    assert store.entries(over)["d7"] == sample.entry(7, "other")


def test_a_list_that_was_read_anew_is_stored_against_the_one_before(store: Store, sample: Any) -> None:
    known = {entry.id: entry for entry in sample.entries(5_000)}
    first = store.put_entries(known.values())
    fresh = {"d3": sample.entry(3, "other"), "new": sample.entry(6_000)}
    listed = {name: entry for name, entry in (known | fresh).items() if name != "d9"}
    later = store.put_entries(listed.values(), against=first)
    assert store.entries(later) == {entry.id: entry for entry in listed.values()}
    chain = chain_of(store, later)
    assert [one["_id"] for one in chain] == [store.manifest(one).chunks[bucket("d3")] for one in (later, first)]
    store.db.manifests.delete_one({"_id": first})
    again = store.put_entries([sample.entry(3, "another")], against=first)
    assert store.entries(again) == {"d3": sample.entry(3, "another")}
    assert len(chain_of(store, again)) == 1


def test_a_run_that_reads_everything_anew_writes_what_differs(store: Store, sample: Any) -> None:
    for night in range(2):
        run = sample.run(night)
        store.commit(run, [*sample.entries(2_000)[1:], sample.entry(0, f"{night}")])
    assert store.db.chunks.count_documents({"base": {"$exists": True}}) == 1
