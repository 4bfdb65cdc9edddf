"""The record of returns: what it counts, how it fades, and what it makes probable."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.corrections.annul import annul
from alerts.model.policy import policy
from alerts.rules.return_odds import Sort
from tests.alerts.engine.test_fold import night

START = {"d1..d30": {}}
bounded = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def recorded(memory: Any) -> list[tuple[str, str, int, int]]:
    return [(one.month, one.sort, one.days, one.count) for one in memory.state.record]


def test_singles_and_masses_found_gone_or_not_are_counted_apart(tell: Any) -> None:
    nights = [
        {"skip": ["d1"], "look": {"d1": "gone"}},
        {"skip": ["d2"], "look": {"d2": "open"}},
        {"skip": ["d3..d10"], "look": {"d3..d10": "gone"}, "times": 2},
        {"skip": ["d11..d17"]},
        {},
    ]
    memory, _ = tell({"start": START, "nights": nights}).fold()
    assert recorded(memory) == [
        ("2026-01", Sort.FEW, 1, 1),
        ("2026-01", Sort.FEW_GONE, 1, 1),
        ("2026-01", Sort.MANY, 1, 7),
        ("2026-01", Sort.MANY_GONE, 2, 8),
    ]


def test_a_row_that_the_total_had_room_for_tells_nothing_of_others(tell: Any) -> None:
    nights = [{"skip": ["d1"], "declared": 30}, {}]
    memory, _ = tell({"start": START, "nights": nights}).fold()
    assert recorded(memory) == [("2026-01", Sort.HIDDEN, 1, 1)]


def test_a_row_that_the_total_had_room_for_tells_nothing_of_the_many_that_went_in_the_same_night(tell: Any) -> None:
    nights = [{"hide": ["d1..d10"], "skip": ["d11"], "declared": 20}, {"declared": 20}]
    memory, _ = tell({"start": START, "nights": nights}).fold()
    assert recorded(memory) == [("2026-01", Sort.HIDDEN, 1, 1)]


def test_what_is_stated_counts_as_lost_until_it_is_listed_again(tell: Any) -> None:
    gone = {"hide": ["d1"], "look": {"d1": "gone"}, "times": 2}
    story = tell({"start": START, "nights": [gone, {"times": 3}, {"show": ["d1"]}]})
    memory, _ = story.fold(upto=4)
    assert recorded(memory) == [("2026-01", Sort.FEW_GONE, 0, 1)]
    assert recorded(story.fold()[0]) == [("2026-01", Sort.FEW_GONE, 5, 1)], "back within a week"
    late = tell({"start": START, "nights": [gone, {"times": 30}, {"show": ["d1"]}]})
    assert recorded(late.fold()[0]) == [], "put back a month later"


def test_a_partial_run_shows_returns_too(tell: Any) -> None:
    nights = [{"skip": ["d1..d9"]}, {"verdict": "partial", "only": ["d1..d8"]}]
    memory, _ = tell({"start": START, "nights": nights}).fold()
    assert recorded(memory) == [("2026-01", Sort.MANY, 1, 8)]
    assert memory.state.swings == ("2026-01-03",)


def test_a_person_who_takes_a_removal_back_takes_it_out_of_the_record(tell: Any) -> None:
    story = tell({"start": START, "nights": [{"hide": ["d1"], "look": {"d1": "gone"}, "times": 2}]})
    memory, events = story.fold()
    assert recorded(memory) == [("2026-01", Sort.FEW_GONE, 0, 1)]
    assert recorded(annul(memory, events[0])) == []


@pytest.mark.parametrize(("quiet", "nights_later"), [(20, 8), (100, 6), (200, 4), (400, 3)])
def test_old_swings_count_less_and_are_forgotten(tell: Any, quiet: int, nights_later: int) -> None:
    """A swing of two nights; long after, nine datasets found gone are a deletion by the third run or later."""
    nights = [
        {"skip": ["d1..d8"], "look": {"d1..d8": "gone"}},
        {"times": quiet},
        {"hide": ["d11..d19"], "look": {"d11..d19": "gone"}, "times": 12},
    ]
    story = tell({"start": START, "nights": nights})
    (bulk,) = (one for one in story.fold()[1] if one.kind == "bulk.deletion")
    assert story.day(bulk) - (quiet + 1) == nights_later


@bounded
@given(st.lists(night, min_size=1, max_size=12))
def test_the_record_is_small_and_holds_only_what_happened(tell: Any, nights: list[dict[str, Any]]) -> None:
    memory, events = tell({"start": {"d1..d20": {"frequency": "每月"}}, "nights": nights}).fold()
    record = memory.state.record
    assert len({(one.month, one.sort, one.days) for one in record}) == len(record)
    assert all(one.count > 0 and one.sort in set(Sort) for one in record)
    ended = [one for one in memory.datasets.values() if one.lost_as]
    months = {one.month for one in record}
    lost = sum(one.count for one in record if not one.days)
    assert lost == sum(one.lost_as[0] in months for one in ended) or len(months) < len({one.lost_as for one in ended})
    assert len(memory.state.swings) <= policy().swings_kept
    sure = [one for one in events if one.kind == "bulk.deletion" and one.confidence == "confirmed"]
    assert all(any(absent["look"] == "gone" for absent in one.evidence["absent"]) for one in sure)


def test_states_show_the_record_while_the_catalogue_flaps(tell: Any, put: Any, alerts: Any) -> None:
    swing = [{"skip": ["d1..d9"]}, {"times": 3}]
    put(tell({"start": START, "run": {"slug": "nowhere"}, "nights": [*swing, *swing]}))
    assert alerts("diff", "nowhere").returncode == 0
    said = "of 18 that vanished within a year 18 came back, the longest after 1 day"
    assert f"flapping  nowhere: {said}" in alerts("states").stdout
    (state,) = json.loads(alerts("states", "--json").stdout)
    assert state["flapping"] == {"vanished": 18, "back": 18, "longest_days": 1}
