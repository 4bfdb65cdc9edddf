"""The sentences of the study, told of a country whose truth is settled: bounded at first, exact after four quarters."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from alerts.scoreboard.board import board
from alerts.scoreboard.gather import gather
from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.store import Store
from tests.score import country
from tests.score.country import FIRST, LAST, Member
from tests.score.run import fresh_mongod

MEMBERS = country.country().members
TRUTH = {
    "governments_sharing_nothing": (country.GOVERNMENTS - country.PORTALS, country.GOVERNMENTS),
    "portals_silent": (country.SILENT, country.PORTALS),
    "portals_every_quarter": (country.QUARTERLY, country.PORTALS),
    "portals_all_themes_label": (country.ALL_THEMES, country.PORTALS),
    "portals_all_themes_content": (country.ALL_THEMES, country.PORTALS),
    "places_key_four": (country.KEY_FOUR, country.GOVERNMENTS),
    "places_full_range": (country.FULL_RANGE, country.GOVERNMENTS),
}
"""Each sentence with the number of cases of which it is true, and of all of them."""


def told(store: Store, night: date) -> dict[str, Any]:
    return board(gather(store, country.country().register, country.moment(night) + timedelta(hours=3)))


def wrong(document: Mapping[str, Any], night: date) -> list[str]:
    """Portals of which something is said that is not so."""
    known = {one.portal.slug: one for one in MEMBERS}
    return [one["slug"] for one in document["portals"] if not _is_right(one, known[one["slug"]], night)]


def _is_right(one: Mapping[str, Any], member: Member, night: date) -> bool:
    quarters = one["quarters"].values()
    every = False if False in quarters else None if None in quarters else True
    silent = None if one["days_silent"] is None else one["days_silent"] > country.EIGHT_MONTHS
    return every in (None, member.every_quarter(night)) and silent in (None, member.silent(night))


@pytest.mark.parametrize("night", [FIRST, LAST])
def test_the_sentences_are_true_of_the_country(night: date) -> None:
    assert len(MEMBERS) == country.PORTALS
    assert sum(one.silent(night) for one in MEMBERS) == country.SILENT
    assert sum(one.every_quarter(night) for one in MEMBERS) == country.QUARTERLY
    assert len({one.portal.government for one in MEMBERS}) + len(country.country().register.no_portal) == 364


def test_on_the_first_night_every_sentence_is_true_within_its_bounds(store: Store) -> None:
    country.read(store, FIRST)
    document = told(store, FIRST)
    figures = document["figures"]
    for code, (yes, total) in TRUTH.items():
        one = figures[code]
        assert one["total"] == total, code
        assert one["numerator"] <= yes <= one["numerator"] + one["unknown"], code
        assert one["low"] <= round(yes / total, 4) <= one["high"], code
    assert wrong(document, FIRST) == []
    # What cannot be known yet, and no more than that.
    late = sum(one.late for one in MEMBERS)
    undated = sum(one.shows == "no dates" and not one.late for one in MEMBERS)
    assert figures["portals_silent"]["unknown"] == late + undated
    assert figures["portals_silent"]["confidence"] == figures["portals_every_quarter"]["confidence"] == "claimed"
    assert figures["portals_all_themes_content"]["unknown"] == figures["places_full_range"]["unknown"] == late
    assert (
        late < figures["portals_all_themes_label"]["unknown"] <= late + sum("details" in one.shows for one in MEMBERS)
    )
    shown = [one.quarters_shown(FIRST) for one in MEMBERS if one.shows != "no dates" and not one.late]
    proved = sum({True} == set(one) for one in shown)
    missed = sum(not one[-1] for one in shown)
    assert (figures["portals_every_quarter"]["numerator"], figures["portals_every_quarter"]["denominator"]) == (
        proved,
        proved + missed,
    )
    assert 0 < proved < country.QUARTERLY
    assert (
        figures["governments_sharing_nothing"]["value"] == figures["governments_none"]["value"] == round(222 / 364, 4)
    )


@pytest.fixture
def quick() -> Iterator[Store]:
    """A store in memory where there is such a place: a year is many small transactions."""
    with fresh_mongod() as uri, open_store(StoreConfig(uri=uri, database="country"), env={}) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_after_four_observed_quarters_every_sentence_is_exact(quick: Store) -> None:
    country.read(quick, LAST)
    document = told(quick, LAST)
    figures = document["figures"]
    assert wrong(document, LAST) == []
    assert {code: (figures[code]["numerator"], figures[code]["total"]) for code in TRUTH} == TRUTH
    assert {code: figures[code]["unknown"] for code in TRUTH} == dict.fromkeys(TRUTH, 0)
    assert figures["portals_every_quarter"]["observed_quarters"] == 4
    assert figures["portals_silent"]["says"] == {
        "en": "52 % of the 142 portals have had no update for eight months (74)",
        "zh": "142 个平台中，52% 已八个月没有更新（74 个）",
    }
