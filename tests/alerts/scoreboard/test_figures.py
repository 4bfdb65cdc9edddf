"""The national figures of small made-up worlds in a real database."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.scoreboard.board import board
from alerts.scoreboard.definitions import components, definitions
from alerts.scoreboard.gather import gather
from alerts.scoreboard.history import keep, series
from opendata_spiders.normalise import THEMES
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, REGISTER, put

KEY_FOUR = {
    "b": {"title": "企业登记信息"},
    "t": {"title": "公交线路"},
    "w": {"title": "气象预警"},
    "h": {"title": "医院名录"},
}


def made(store: Store, days: float = 0) -> dict[str, Any]:
    return board(gather(store, REGISTER, AT + timedelta(days=days)))


def told(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["value"], one["numerator"], one["denominator"], one["unknown"]


def test_of_an_empty_database_the_register_is_known_and_the_rest_is_unknown(store: Store) -> None:
    figures = made(store)["figures"]
    assert list(figures) == list(definitions())
    governments = {code: one for code, one in figures.items() if code.startswith("governments_")}
    assert sum(one["numerator"] for one in governments.values()) == 364
    assert {one["denominator"] for one in governments.values()} == {364}
    homes = {portal.government for portal in REGISTER.portals.values() if portal.government}
    assert governments["governments_no_portal"]["numerator"] == 364 - len(homes)
    assert (governments["governments_read"]["numerator"], figures["portals_read"]["numerator"]) == (0, 0)
    rest = [one for code, one in figures.items() if code not in governments and code != "portals_read"]
    assert [(one["value"], one["numerator"]) for one in rest] == [(None, None)] * len(rest)


def test_every_government_stands_in_one_place_only(store: Store) -> None:
    put(store, "guiyang", {"a": None})
    places = {one["adcode"]: one["standing"] for one in made(store)["places"]}
    assert (places["520100"], places["520000"], places["500000"]) == ("read", "unread", "planned")
    assert sum(one == "read" for one in places.values()) == 1


def test_a_portal_that_was_not_read_for_a_month_is_not_read(store: Store) -> None:
    put(store, "guiyang", {"a": None})
    assert told(made(store, 30)["figures"]["datasets_seen"]) == (1, None, 1, 0)
    later = made(store, 32)
    assert told(later["figures"]["datasets_seen"]) == (None, None, 0, 0)
    assert later["figures"]["governments_read"]["numerator"] == 0


def test_silence_is_told_of_those_of_whom_it_is_known(store: Store) -> None:
    put(store, "guiyang", {"a": {"updated": "2026-03-25"}})
    put(store, "zunyi", {"a": {"updated": "2026-03-26"}})
    put(store, "anshun", {"a": {"updated": None, "published": None}})
    found = made(store)
    assert [one["days_silent"] for one in found["portals"]] == [None, 244, 243]
    assert told(found["figures"]["portals_silent"]) == (0.5, 1, 2, 1)
    assert found["figures"]["portals_silent"]["by_portals_own_dates_alone"] == 1


def test_a_portal_whose_dates_are_not_all_read_is_not_called_silent(store: Store) -> None:
    rows = {
        "a": {"updated": "2025-01-01", "published": None},
        "b": {"updated": None, "published": None, "detailed": False},
    }
    put(store, "guiyang", rows, dates_in_details=True)
    assert told(made(store)["figures"]["portals_silent"]) == (None, None, 0, 1)


def test_quarters_are_proved_by_dates_and_else_unknown(store: Store) -> None:
    days = ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01")
    put(store, "guiyang", {day: {"updated": day} for day in days})
    put(store, "zunyi", {day: {"updated": day, "published": None} for day in days[:2]})
    found = made(store)
    assert [list(one["quarters"].values()) for one in found["portals"]] == [[True] * 4, [True, True, None, None]]
    assert list(found["portals"][0]["quarters"]) == ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    figure = found["figures"]["portals_every_quarter"]
    assert (*told(figure), figure["observed_quarters"]) == (1.0, 1, 1, 1, 0)


def test_a_quarter_that_was_watched_and_brought_nothing_is_a_miss(store: Store) -> None:
    summer = AT.replace(month=7, day=1)
    row = {"a": {"updated": "2026-01-01", "published": None}}
    for night in range(60):
        put(store, "guiyang", row, summer + timedelta(days=night))
    put(store, "guiyang", row)
    found = made(store)
    assert list(found["portals"][0]["quarters"].values()) == [None, True, None, False]
    figure = found["figures"]["portals_every_quarter"]
    assert (*told(figure), figure["observed_quarters"]) == (0.0, 0, 1, 0, 1)


def test_themes_by_labels_and_by_content(store: Store) -> None:
    put(
        store,
        "guiyang",
        {f"d{n}": {"theme": theme, "title": f"名录{n}", "office": None} for n, theme in enumerate(THEMES)},
    )
    put(store, "zunyi", {"a": {"theme": "交通出行"}, "b": {"detailed": False, "theme": None}})
    figures = made(store)["figures"]
    assert told(figures["portals_all_themes_label"]) == (1.0, 1, 1, 1)
    assert told(figures["portals_all_themes_content"]) == (0.0, 0, 2, 0)
    assert told(figures["median_themes_label"]) == (14, None, 1, 1)


def test_key_data_counts_for_the_place_that_owns_it(store: Store) -> None:
    put(store, "guiyang", KEY_FOUR)
    put(store, "guizhou", {**KEY_FOUR, "x": {"title": "水路客运", "office": "省交通厅"}})
    found = made(store)
    matrix = {one["adcode"]: one["key"] for one in found["places"] if one["key"]}
    assert matrix == {
        "520100": {"business": 1, "transport": 1, "weather": 1, "health": 1},
        "520000": {"business": 0, "transport": 1, "weather": 0, "health": 0},
    }
    assert told(found["figures"]["places_key_four"]) == (0.5, 1, 2, 0)
    assert told(found["figures"]["places_key_transport"]) == (1.0, 2, 2, 0)


def test_a_dataset_of_two_tiers_counts_once(store: Store) -> None:
    put(store, "guiyang", KEY_FOUR)
    put(store, "guizhou", {**KEY_FOUR, "x": {"title": "水路客运", "office": "省交通厅"}}, declared=7)
    put(store, "zunyi", {"a": None}, declared=None)
    found = made(store)["figures"]
    assert told(found["datasets_seen"]) == (6, None, 3, 0)
    assert found["datasets_seen"]["listed_twice"] == 4
    assert told(found["datasets_claimed"]) == (4 + 7 - 4, None, 2, 1)
    assert told(found["datasets_effective"]) == (6, None, 3, 0)
    assert told(found["datasets_sound"]) == (1.0, 6, 6, 0)


def test_effective_leaves_out_closed_untitled_and_copies(store: Store) -> None:
    rows = {"a": {"title": "名录"}, "b": {"title": "名 录"}, "c": {"title": "【名录】", "open_type": "不予开放"}, "d": {"title": None},
            "e": {"open_type": "不予开放"}, "f": None}  # fmt: skip
    put(store, "guiyang", rows)
    assert made(store)["figures"]["datasets_effective"]["value"] == 2


@pytest.mark.parametrize("times", [1, 2])
def test_an_empty_portal_is_read_and_lists_nothing(store: Store, times: int) -> None:
    put(store, "guiyang", {"a": None})
    for night in range(times):
        put(store, "zunyi", {}, AT - timedelta(days=times - night), verdict=Verdict.EMPTY)
    found = made(store)["figures"]
    assert told(found["portals_empty"]) == (0.5, 1, 2, 0)
    assert found["portals_read"]["numerator"] == found["governments_read"]["numerator"] == 2


def test_what_lies_outside_the_364_is_in_no_figure(store: Store) -> None:
    put(store, "hongkong", KEY_FOUR)
    found = made(store)
    assert (found["outside"], found["portals"]) == (["hongkong"], [])
    assert found["figures"]["datasets_seen"]["value"] is None


def test_a_portal_with_an_unknown_part_is_not_ranked(store: Store) -> None:
    put(store, "guiyang", KEY_FOUR)
    put(store, "zunyi", KEY_FOUR)
    put(store, "guizhou", {"x": None})
    put(
        store,
        "anshun",
        {"a": {"updated": None, "published": None, "frequency": None}},
        fields=("title", "office", "updated"),
    )
    ranked = made(store)["rank"]
    assert [(one["place"], one["slug"]) for one in ranked["cities"]] == [(1, "guiyang"), (1, "zunyi")]
    assert [(one["place"], one["slug"]) for one in ranked["provinces"]] == [(1, "guizhou")]
    assert ranked["unranked"] == [{"slug": "anshun", "unknown": ["fresh", "promises"]}]
    assert set(ranked["cities"][0]["parts"]) == set(components())


def test_a_day_is_kept_once_and_alone(store: Store) -> None:
    put(store, "guiyang", {"a": None})
    assert [keep(store, made(store, day)) for day in (0, 1)] == ["2026-11-24", "2026-11-25"]
    before = list(series(store))
    put(store, "zunyi", {"a": None}, AT + timedelta(days=1))
    keep(store, made(store, 1.1))
    first, second = series(store)
    assert first == before[0]
    assert (second["figures"]["datasets_seen"]["value"], before[1]["figures"]["datasets_seen"]["value"]) == (2, 1)
    assert list(series(store, since="2026-11-25")) == [second]
    assert store.db["scoreboards"].count_documents({}) == 2
