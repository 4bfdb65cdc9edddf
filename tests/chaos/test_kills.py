"""A part of the kills, small enough for every gate."""

import pytest

from tests.chaos.figures import Options
from tests.chaos.kills import attack


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_is_lost_and_nothing_doubled() -> None:
    figures = list(attack(Options(scale=0.03)))
    assert [(f"{one.name}: {one.measured:g}", one.examples) for one in figures if not one.met] == []
    assert figures[0].of >= 3
