"""Items that several workers do: one at a time, whatever becomes of the worker."""

import subprocess
import sys
from datetime import timedelta

import pytest

from opendata_spiders.store import shared_work
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.connect import Store

BATCH = shared_work.batch_name("read", real_now())
ITEM = f"{BATCH} a.example"


@pytest.fixture
def work(store: Store) -> Store:
    for _ in range(2):
        shared_work.put_batch(store, BATCH, {"a.example": {"host": "a.example"}, "b.example": {}}, begun=real_now())
    return store


def item(store: Store) -> shared_work.WorkItem:
    return shared_work.batch_of(store, BATCH)[0]


def test_of_two_workers_one_gets_an_item(work: Store) -> None:
    claim = shared_work.claim(work, ITEM)
    assert claim is not None
    assert claim.item.task == {"host": "a.example"}
    assert shared_work.claim(work, ITEM) is None
    assert item(work).is_held
    assert shared_work.claim(work, "no such item") is None


def test_what_is_done_is_not_done_again(work: Store) -> None:
    claim = shared_work.claim(work, ITEM)
    with claim.kept():
        for _ in range(2):
            claim.note({"slug": "guiyang", "verdict": "complete"})
        claim.end()
    assert shared_work.claim(work, ITEM) is None
    done = item(work)
    assert (len(done.results), done.losses, done.is_held) == (1, 0, False)
    assert done.ended is not None


def test_what_is_left_undone_is_free_again(work: Store) -> None:
    with shared_work.claim(work, ITEM).kept():
        pass
    assert (item(work).is_held, item(work).losses) == (False, 0)
    claim = shared_work.claim(work, ITEM)
    with pytest.raises(ZeroDivisionError), claim.kept():
        raise ZeroDivisionError
    assert (item(work).is_held, item(work).losses) == (False, 1)


def test_the_item_of_a_dead_worker_is_taken_over_and_its_heart_is_told(work: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    lost = shared_work.claim(work, ITEM)
    lost.beat()
    assert not lost.lost.is_set()
    work.db.shared_work.update_one({"_id": ITEM}, {"$set": {"claim.pid": process.pid}})
    claim = shared_work.claim(work, ITEM)
    assert claim.item.losses == 1
    lost.beat()
    assert lost.lost.is_set()
    lost.end()
    assert item(work).is_held


def test_a_silent_worker_of_another_machine_is_taken_over_after_ten_minutes(work: Store) -> None:
    shared_work.claim(work, ITEM)
    for minutes, free in ((9, False), (11, True)):
        long_ago = {"claim.machine": "elsewhere", "claim.beat": real_now() - timedelta(minutes=minutes)}
        work.db.shared_work.update_one({"_id": ITEM}, {"$set": long_ago})
        assert (shared_work.claim(work, ITEM) is not None) is free


def test_batches_are_found_by_kind_newest_first(work: Store) -> None:
    now = real_now()
    later = shared_work.batch_name("fold", now + timedelta(hours=1))
    shared_work.put_batch(work, later, {"guiyang": {}}, begun=now)
    assert shared_work.batches_since(work, now - timedelta(hours=1)) == [later, BATCH]
    assert shared_work.batches_since(work, now - timedelta(hours=1), "read") == [BATCH]
    assert shared_work.batches_since(work, now + timedelta(hours=2)) == []
