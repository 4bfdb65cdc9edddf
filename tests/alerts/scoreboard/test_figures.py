"""The national figures of small made-up worlds in a real database."""

from datetime import date, timedelta
from typing import Any

import pytest

from alerts.scoreboard.board import board
from alerts.scoreboard.definitions import components, definitions
from alerts.scoreboard.gather import gather
from alerts.scoreboard.history import keep, series
from opendata_spiders.normalise import THEMES
from opendata_spiders.register import Attested, NationalScope, NoPortal, Register
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import AT, REGISTER, put

KEY_FOUR = {
    "b": {"title": "企业登记信息"},
    "t": {"title": "公交线路"},
    "w": {"title": "气象预警"},
    "h": {"title": "医院名录"},
}
LIVE = [one for one in REGISTER.portals.values() if one.scope is NationalScope.NATIONAL and one.live]


def made(store: Store, days: float = 0) -> dict[str, Any]:
    return board(gather(store, REGISTER, AT + timedelta(days=days)))


def told(one: dict[str, Any]) -> tuple[Any, ...]:
    """What is known of a share: the cases that count, and all known ones; with the others they are all there are."""
    assert one["total"] == one["denominator"] + one["unknown"]
    least = one["numerator"] / one["total"]
    assert (one["low"], one["high"]) == (round(least, 4), round(least + one["unknown"] / one["total"], 4))
    assert one["value"] == (None if one["unknown"] else one["low"])
    return one["numerator"], one["denominator"]


def summed(one: dict[str, Any]) -> tuple[Any, ...]:
    assert (one["low"], one["high"], one["numerator"]) == (one["value"], None, None)
    return one["value"], one["denominator"], one["unknown"]


def test_of_an_empty_database_the_register_is_known_and_the_rest_is_unknown(store: Store) -> None:
    figures = made(store)["figures"]
    assert list(figures) == list(definitions())
    standings = [told(figures[f"governments_{one}"]) for one in ("read", "known", "none", "unknown")]
    homes = {portal.government for portal in REGISTER.portals.values() if portal.government}
    assert standings == [(0, 364), (len(homes), 364), (0, 364), (364 - len(homes), 364)]
    assert told(figures["portals_read"]) == (0, len(LIVE))
    assert 0 < told(figures["governments_sharing_nothing"])[1] < len(homes)
    known = [one for one in LIVE if one.attested is not Attested.UNVERIFIED]
    assert summed(figures["portals_known"]) == (len(known), len(known), len(LIVE) - len(known))
    rest = {code: one for code, one in figures.items() if one["confidence"] != "register" and code != "portals_read"}
    assert {(one["denominator"], one["value"]) for one in rest.values()} == {(0, None)}
    assert told(rest["portals_silent"]) == (0, 0)
    assert (rest["portals_silent"]["low"], rest["portals_silent"]["high"]) == (0, 1)


def test_every_government_stands_in_one_place_only(store: Store) -> None:
    put(store, "guiyang", {"a": None})
    places = {one["adcode"]: (one["standing"], one["known_as"]) for one in made(store)["places"]}
    assert {code: places[code] for code in ("520100", "520000", "500000", "632700")} == {
        "520100": ("read", None),
        "520000": ("known", "active"),
        "500000": ("known", "planned"),
        "632700": ("unknown", None),
    }
    assert sum(standing == "read" for standing, _ in places.values()) == 1


def test_who_is_verified_to_have_no_portal_shares_nothing(store: Store) -> None:
    none = {"632700": NoPortal("632700", date(2026, 9, 1), "https://news.example/1")}
    register = Register(REGISTER.governments, REGISTER.portals, none)
    found = board(gather(store, register, AT))
    [place] = [one for one in found["places"] if one["standing"] == "none"]
    assert (place["adcode"], place["none"]) == (
        "632700",
        {"verified_on": "2026-09-01", "source": "https://news.example/1"},
    )
    assert (place["shares_nothing"], place["complete"]) == (True, True)
    assert told(found["figures"]["governments_none"]) == (1, 364)
    assert told(found["figures"]["governments_sharing_nothing"])[0] == 1
    assert told(found["figures"]["places_key_four"]) == (0, 1)


def test_a_portal_that_was_not_read_for_a_month_is_not_read(store: Store) -> None:
    put(store, "guiyang", {"a": None})
    assert summed(made(store, 30)["figures"]["datasets_seen"]) == (1, 1, len(LIVE) - 1)
    later = made(store, 32)
    assert summed(later["figures"]["datasets_seen"]) == (None, 0, len(LIVE))
    assert later["figures"]["governments_read"]["numerator"] == 0


def test_silence_is_told_of_those_of_whom_it_is_known(store: Store) -> None:
    put(store, "guiyang", {"a": {"updated": "2026-03-25"}})
    put(store, "zunyi", {"a": {"updated": "2026-03-26"}})
    put(store, "anshun", {"a": {"updated": None, "published": None}})
    found = made(store)
    assert [one["days_silent"] for one in found["portals"]] == [None, 244, 243]
    figure = found["figures"]["portals_silent"]
    assert (told(figure), figure["unknown"]) == ((1, 2), len(LIVE) - 2)
    assert (figure["by_portals_own_dates_alone"], figure["confidence"]) == (1, "claimed")


def test_a_portal_whose_dates_are_not_all_read_is_not_called_silent(store: Store) -> None:
    rows = {
        "a": {"updated": "2025-01-01", "published": None},
        "b": {"updated": None, "published": None, "detailed": False},
    }
    put(store, "guiyang", rows, dates_in_details=True)
    found = made(store)
    assert told(found["figures"]["portals_silent"]) == (0, 0)
    assert set(found["portals"][0]["quarters"].values()) == {None}


def test_quarters_are_proved_by_dates_and_else_unknown(store: Store) -> None:
    days = ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01")
    put(store, "guiyang", {day: {"updated": day} for day in days})
    put(store, "zunyi", {day: {"updated": day, "published": None} for day in (days[1], days[3])})
    found = made(store)
    assert [list(one["quarters"].values()) for one in found["portals"]] == [[True] * 4, [None, True, None, True]]
    assert list(found["portals"][0]["quarters"]) == ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    figure = found["figures"]["portals_every_quarter"]
    assert (told(figure), figure["observed_quarters"], figure["confidence"]) == ((1, 1), 0, "claimed")


def test_quarters_after_the_newest_date_are_misses_by_the_portal_s_own_dates(store: Store) -> None:
    put(store, "guiyang", {"a": {"updated": "2026-01-27"}})
    found = made(store)
    assert list(found["portals"][0]["quarters"].values()) == [None, True, False, False]
    figure = found["figures"]["portals_every_quarter"]
    assert (told(figure), figure["by_portals_own_dates_alone"], figure["confidence"]) == ((0, 1), 1, "claimed")
    assert told(found["figures"]["portals_silent"]) == (1, 1)


def test_one_updated_dataset_ends_a_silence_in_the_figures(store: Store) -> None:
    before = {name: {"updated": "2024-10-01"} for name in "abcde"}
    put(store, "guiyang", before, AT - timedelta(days=3))
    put(store, "guiyang", {**before, "a": {"updated": "2026-11-21", "description": "新的说明"}}, AT - timedelta(days=1))
    put(store, "guiyang", {**before, "a": {"updated": "2026-11-21", "description": "新的说明"}})
    found = made(store)
    assert store.db["states"].find_one({})["city"]["phase"] == "stopped"  # a single update confirms no resumption
    assert found["portals"][0]["days_silent"] == 1  # since the night on which we saw it
    assert told(found["figures"]["portals_silent"]) == (0, 1)


def test_dates_stamped_on_in_bulk_are_no_evidence(store: Store) -> None:
    before = {f"d{number}": {"updated": "2025-02-01", "title": f"名录{number}"} for number in range(60)}
    put(store, "guiyang", before, AT - timedelta(days=2))
    put(store, "guiyang", {name: {**row, "updated": "2026-11-22"} for name, row in before.items()})
    found = made(store)
    assert found["portals"][0]["days_silent"] > 600
    assert told(found["figures"]["portals_silent"]) == (1, 1)
    assert list(found["portals"][0]["quarters"].values()) == [False] * 4


def test_a_quarter_that_was_not_over_when_it_was_read_is_no_miss_by_dates(store: Store) -> None:
    autumn = AT.replace(month=9, day=20)
    put(store, "guiyang", {"a": {"updated": "2026-01-27"}}, autumn)
    found = board(gather(store, REGISTER, autumn + timedelta(days=20)))
    assert list(found["portals"][0]["quarters"].values()) == [None, True, False, None]


def test_a_quarter_that_was_watched_and_brought_nothing_is_a_miss(store: Store) -> None:
    summer = AT.replace(month=7, day=1)
    row = {"a": {"updated": None, "published": None}}
    for night in range(60):
        put(store, "guiyang", row, summer + timedelta(days=night))
    put(store, "guiyang", row)
    found = made(store)
    assert list(found["portals"][0]["quarters"].values()) == [None, None, None, False]
    figure = found["figures"]["portals_every_quarter"]
    assert (told(figure), figure["observed_quarters"]) == ((0, 1), 1)


def test_themes_by_labels_and_by_content(store: Store) -> None:
    put(
        store,
        "guiyang",
        {f"d{n}": {"theme": theme, "title": f"名录{n}", "office": None} for n, theme in enumerate(THEMES)},
    )
    put(store, "zunyi", {"a": {"theme": "交通出行"}, "b": {"detailed": False, "theme": None}})
    figures = made(store)["figures"]
    assert told(figures["portals_all_themes_label"]) == (1, 1)
    assert told(figures["portals_all_themes_content"]) == (0, 2)
    medians = figures["median_themes_label"]
    assert (medians["value"], medians["low"], medians["high"], medians["denominator"]) == (None, 0, 14, 1)


def test_key_data_counts_for_the_place_that_owns_it(store: Store) -> None:
    put(store, "guiyang", KEY_FOUR)
    put(store, "guizhou", {**KEY_FOUR, "x": {"title": "水路客运", "office": "省交通厅"}})
    found = made(store)
    matrix = {one["adcode"]: one["key"] for one in found["places"] if one["key"]}
    assert matrix == {
        "520100": {"business": 1, "transport": 1, "weather": 1, "health": 1},
        "520000": {"business": 0, "transport": 1, "weather": 0, "health": 0},
    }
    assert told(found["figures"]["places_key_four"]) == (1, 2)
    assert told(found["figures"]["places_key_transport"]) == (2, 2)
    assert found["figures"]["places_key_four"]["total"] == 364


def test_a_dataset_of_two_tiers_counts_once(store: Store) -> None:
    put(store, "guiyang", KEY_FOUR)
    put(store, "guizhou", {**KEY_FOUR, "x": {"title": "水路客运", "office": "省交通厅"}}, declared=7)
    put(store, "zunyi", {"a": None}, declared=None)
    found = made(store)["figures"]
    assert summed(found["datasets_seen"]) == (6, 3, len(LIVE) - 3)
    assert found["datasets_seen"]["listed_twice"] == 4
    assert summed(found["datasets_claimed"]) == (4 + 7 - 4, 2, len(LIVE) - 2)
    assert summed(found["datasets_effective"]) == (6, 3, len(LIVE) - 3)
    assert told(found["datasets_sound"]) == (6, 6)


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
    assert told(found["portals_empty"]) == (1, 2)
    assert found["portals_read"]["numerator"] == found["governments_read"]["numerator"] == 2
    assert told(found["governments_sharing_nothing"])[0] == 1
    assert told(found["portals_silent"]) == (0, 1)
    assert told(found["portals_all_themes_content"]) == (0, 2)


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
