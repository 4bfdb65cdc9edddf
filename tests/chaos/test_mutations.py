"""A tenth of the mutated answers, on every slow run."""

from random import Random

import pytest

from tests.chaos.figures import Options
from tests.chaos.mutations import attack, mutated


@pytest.mark.slow
def test_no_mutated_answer_is_fallen_over_or_believed():
    assert [figure for figure in attack(Options(scale=0.1)) if not figure.met] == []


def test_the_same_seed_makes_the_same_answers():
    body = b'{"total": 2, "data": [{"id": "a"}, {"id": "b"}]}'
    drawn = [[mutated(Random(seed), body) for seed in range(50)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len({made for _, made in drawn[0]}) > 30
