"""A tenth of the mutated answers on every slow run, and forty of each family on every run: always the same ones."""

from random import Random

import pytest

from tests.chaos.figures import Options
from tests.chaos.mutations import answers_by_family, attack, mutated
from tests.families.goldens import loader


@pytest.mark.parametrize("scale", [0.02, pytest.param(0.1, marks=pytest.mark.slow)])
def test_no_mutated_answer_is_fallen_over_or_believed(scale: float):
    assert [figure for figure in attack(Options(scale=scale)) if not figure.met] == []


def test_every_family_that_is_read_is_attacked_with_lists_and_details():
    attacked = answers_by_family()
    assert attacked.keys() >= {portal.family for portal in loader().register.crawlable()}
    for family, answers in attacked.items():
        kinds = {answer.name.rpartition("/")[2].partition("_")[0].split()[0] for answer in answers}
        detailed = bool(loader().load(family).detail_fields)
        assert kinds >= ({"list", "detail"} if detailed else {"list"}), family


def test_the_same_seed_makes_the_same_answers():
    body = b'{"total": 2, "data": [{"id": "a"}, {"id": "b"}]}'
    drawn = [[mutated(Random(seed), body) for seed in range(50)] for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert len({made for _, made in drawn[0]}) > 30
