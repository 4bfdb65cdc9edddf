"""A part of the kills, small enough for every gate."""

import pytest

from tests.chaos.figures import Options
from tests.chaos.kills import attack


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_doubled() -> None:
    figures = list(attack(Options(scale=0.06)))
    assert [f"{one.name}: {one.measured:g}" for one in figures if not one.met] == []
    assert figures[0].of >= 8
