"""What is said of whole nights, of several portals and by people, against countries whose truth is known."""

import pytest

from tests.score.play import Outcome
from tests.score.report import shortcomings
from tests.score.watch.play import JUDGED, Year, play_watch


@pytest.mark.timeout(600)
def test_a_small_country_is_told_wholly_and_truly(mongo_uri: str) -> None:
    """Some portals through six weeks: long enough for one to be gone for good."""
    outcome = play_watch(Year(seed=8, portals=26, nights=44), mongo_uri)
    assert outcome.unequal == []
    assert {kind for kind, tally in outcome.score.kinds.items() if tally.cases} == JUDGED
    assert _wrong(outcome) == {}


@pytest.mark.years
@pytest.mark.timeout(1800)
def test_a_year_of_sixty_portals_meets_the_goals(mongo_uri: str) -> None:
    """Eight true cases a kind and year are what makes thirty in the four years of a full run."""
    outcome = play_watch(Year(seed=2, portals=60, nights=365), mongo_uri)
    assert outcome.unequal == []
    assert [line for line in shortcomings(outcome, enough=8) if line.partition(":")[0] in JUDGED] == []


def _wrong(outcome: Outcome) -> dict[str, list[str]]:
    """What was stated falsely, too late or never, by kind."""
    noted = (outcome.score.false, outcome.score.missed)
    return {kind: lines for notes in noted for kind, lines in notes.items() if lines}
