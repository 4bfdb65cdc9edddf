"""Rounds of looks at files: stored in order, read back as they were."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from opendata_spiders.store import file_checks
from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.file_checks import FileCheck, FileOutcome, FileRound

AT = datetime(2026, 11, 2, 18, 15, tzinfo=UTC)
LOOKED = FileRound(
    id="p1-20261102T181500Z",
    portal="p1",
    slug="guiyang",
    seq=0,
    at=AT,
    started=AT,
    finished=AT,
    host="data.example.cn",
    checks=(
        FileCheck("d1", "f1", "名录.csv", FileOutcome.OK, "", 200, 12, "csv", "csv", ("编号", "名称"), 3, "abc"),
        FileCheck("d1", "f2", outcome=FileOutcome.FAILED, why="not_found", status=404),
    ),
)


def test_rounds_come_back_as_they_were(store: Store) -> None:
    first = file_checks.insert(store.db, LOOKED)
    assert first.seq == 1
    assert list(file_checks.rounds(store.db, "p1")) == [first]


def test_rounds_are_numbered_by_portal_and_read_after_a_number(store: Store) -> None:
    file_checks.insert(store.db, LOOKED)
    second = file_checks.insert(
        store.db,
        FileRound("p1-2", "p1", "guiyang", 0, AT, AT, AT),
    )
    file_checks.insert(store.db, FileRound("p2-1", "p2", "zunyi", 0, AT, AT, AT))
    assert [one.seq for one in file_checks.rounds(store.db, "p1", after_seq=1)] == [second.seq] == [2]
    assert [one.seq for one in file_checks.rounds(store.db, "p2")] == [1]


def test_rounds_of_several_processes_at_once_are_all_kept(store: Store) -> None:
    many = [FileRound(f"p1-{n}", "p1", "guiyang", 0, AT, AT, AT) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: file_checks.insert(store.db, one), many))
    kept = list(file_checks.rounds(store.db, "p1"))
    assert [one.seq for one in kept] == list(range(1, 9))
    assert {one.id for one in kept} == {one.id for one in many}


def test_the_same_round_twice_is_refused_by_name(store: Store) -> None:
    file_checks.insert(store.db, LOOKED)
    with pytest.raises(StoreError, match="guiyang"):
        file_checks.insert(store.db, LOOKED)
