"""A part of the hostile servers, with the slow tests: every figure is met."""

import pytest

from tests.chaos.figures import Options
from tests.chaos.hostile import attack


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_hostile_servers():
    missed = [figure for figure in attack(Options(seed=1, scale=0.15)) if not figure.met]
    assert missed == []
