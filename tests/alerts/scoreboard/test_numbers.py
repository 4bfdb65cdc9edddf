"""Figures of numbers beside the catalogue: downloads, offices, rows, columns, and the national register's totals."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.model.file_states import Bundle, Count, FileMemory, FileState, Header, memory_document
from alerts.records.state_source import StoredStates
from alerts.scoreboard.beside import beside
from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from opendata_spiders.store import counters
from opendata_spiders.store.national import NationalTotal, NationalTotals, keep_totals
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, REGISTER, put, run_of


def count(store: Store, slug: str, downloads: dict[str, str], days: float = 0) -> None:
    """The counters of a night so many days before AT."""
    run = run_of(REGISTER.get(slug).id, slug, AT - timedelta(days=days))
    counters.put(store.db, run, {name: {"downloads": shown, "views": "0"} for name, shown in downloads.items()})


def made(store: Store) -> dict[str, Any]:
    return board(gather(store, REGISTER, AT))


def known(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["numerator"], one["denominator"], one["confidence"]


def test_never_downloaded_by_the_portal_s_own_counters(store: Store) -> None:
    put(store, "guiyang", {"a": None, "b": None, "c": None})
    count(store, "guiyang", {"a": "0", "b": "1,204次", "gone": "0"})
    put(store, "zunyi", {"a": None})
    count(store, "zunyi", {"a": "7"})
    put(store, "anshun", {"a": None, "b": None})
    count(store, "anshun", {"a": "7", "b": "many"})
    found = made(store)
    figures = found["figures"]
    assert known(figures["portals_never_downloaded"]) == (1, 2, "claimed")
    assert (*known(figures["datasets_never_downloaded"]), figures["datasets_never_downloaded"]["unknown"]) == (
        *(1, 4, "claimed"),
        2,
    )
    shown = {one["slug"]: one["downloads"] for one in found["portals"]}
    assert shown["guiyang"] == {"never": 1, "some": 1, "unknown": 1}


@pytest.mark.parametrize(("days", "told"), [(0, {"a": 3}), (20, {"a": 3}), (40, {})])
def test_counters_count_for_a_month(store: Store, days: int, told: dict[str, int]) -> None:
    count(store, "guiyang", {"a": "3"}, days)
    assert beside(store, StoredStates(store), AT, REGISTER.get("guiyang").id).downloads == told


def test_the_newest_counters_count(store: Store) -> None:
    count(store, "guiyang", {"a": "3"}, 14)
    count(store, "guiyang", {"a": "5"}, 0)
    assert beside(store, StoredStates(store), AT, REGISTER.get("guiyang").id).downloads == {"a": 5}


def test_offices_with_one_dataset_and_rows_as_printed(store: Store) -> None:
    rows = {
        "a": {"office": "教育局", "rows": "1,200"},
        "b": {"office": "教育局", "rows": "3万"},
        "c": {"office": "气象局", "rows": "38 KB"},
        "d": {"office": None},
    }
    put(store, "guiyang", rows)
    found = made(store)
    assert known(found["figures"]["offices_one_dataset"])[:2] == (1, 2)
    total = found["figures"]["rows"]
    assert (total["value"], total["denominator"], total["unknown"]) == (31_200, 2, 2)
    assert (
        total["says"]["en"]
        == "At least 31,200 rows are stated for the datasets seen (2 of 4 datasets known, 2 unknown)"
    )


def test_capacity_where_rows_and_columns_are_shown(store: Store) -> None:
    portal = put(store, "guiyang", {"a": None, "b": None, "c": None})
    wide, narrow = (Header(columns, "r", AT) for columns in (("x", "y", "z"), ("x",)))
    bundles = {
        "a": Bundle("a", files={"1": FileState("1", header=wide), "2": FileState("2", header=wide)},
                    count=Count(100, ("1", "2"), "r", AT)),
        "b": Bundle("b", files={"1": FileState("1", header=wide), "2": FileState("2", header=narrow)},
                    count=Count(100, ("1", "2"), "r", AT)),
        "c": Bundle("c", files={"1": FileState("1", header=wide)}),
    }  # fmt: skip
    store.db["file_states"].insert_one(memory_document(FileMemory(portal.id, "guiyang", bundles=bundles)))
    figures = made(store)["figures"]
    total, rows = figures["capacity"], figures["rows"]
    assert (total["value"], total["denominator"], total["unknown"]) == (300, 1, 2)
    assert (rows["value"], rows["denominator"], rows["unknown"]) == (200, 2, 1)


def test_the_national_register_stands_beside_what_we_saw(store: Store) -> None:
    put(store, "guiyang", {"a": None, "b": None})
    totals = [
        ("520000", 1, 10),
        ("520000", 2, 5),
        ("520000", 3, 7),
        ("440000", 1, None),
        ("440000", 2, 1),
        ("440000", 3, 2),
    ]
    read = (NationalTotal(province, f"{province}平台", kind, total) for province, kind, total in totals)
    keep_totals(store.db, NationalTotals("n1", AT - timedelta(days=3), tuple(read)))
    found = made(store)
    assert [(one["province"], one["registered"], one["ours"]) for one in found["national"]] == [
        ("520000", 7, 2),
        ("440000", 2, None),
    ]
    whole, opened = found["figures"]["national_registered"], found["figures"]["national_open"]
    assert (whole["value"], whole["denominator"], whole["unknown"]) == (25, 1, 1)
    assert (opened["value"], opened["denominator"], opened["unknown"], opened["confidence"]) == (9, 2, 0, "register")
    assert opened["says"]["en"] == "9 entries of open data are in the national register (2 provinces)"
