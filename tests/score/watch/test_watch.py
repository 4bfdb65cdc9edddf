"""What is said of whole nights, of several portals and by people, against countries whose truth is known."""

import pytest

from tests.score.play import Outcome
from tests.score.report import shortcomings
from tests.score.watch.play import JUDGED, Year, play_watch


@pytest.fixture(scope="module")
def small(mongo_uri: str) -> Outcome:
    """Some portals through six weeks: long enough for one to be gone for good."""
    return play_watch(Year(seed=11, portals=26, nights=44), mongo_uri)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", sorted(JUDGED))
def test_a_small_country_is_told_wholly_and_truly(small: Outcome, kind: str) -> None:
    assert small.score.kinds[kind].cases > 0
    assert small.score.false.get(kind, []) == []
    assert small.score.missed.get(kind, []) == []


@pytest.mark.timeout(180)
def test_what_is_stored_leads_to_what_was_stated(small: Outcome) -> None:
    assert small.unequal == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_year_of_sixty_portals_meets_the_goals(mongo_uri: str) -> None:
    """Eight true cases a kind and year are what makes thirty in the four years of a full run."""
    outcome = play_watch(Year(seed=2, portals=60, nights=365), mongo_uri)
    assert outcome.unequal == []
    assert [line for line in shortcomings(outcome, enough=8) if line.partition(":")[0] in JUDGED] == []
