"""When a reading of one portal of a shared host is checked, and what shows that the host ignores the tenant."""

from dataclasses import replace

import pytest

from opendata_spiders.crawl.list_reader import ListFacts
from opendata_spiders.crawl.shared_host import UNCHECKED, check_due, shows_all, twin
from opendata_spiders.pages.contract import ListPage, ListRow
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Finding
from tests.crawl.parts.test_verdict import TRUSTED

CITY = {f"c{number}" for number in range(30)}


def page(*ids: str, **said: int) -> ListPage:
    return ListPage(tuple(ListRow(id_, {}, "x") for id_ in ids), **said)


@pytest.mark.parametrize(
    ("seen", "trusted", "due"), [(30, 30, False), (35, 30, False), (37, 30, True), (24, 30, True), (0, 30, True)]
)
def test_a_list_whose_length_jumps_is_checked(seen, trusted, due):
    assert check_due(seen, replace(TRUSTED, seen=trusted), policy()) is due


def test_a_first_reading_is_checked_and_one_after_a_run_that_could_not_be():
    assert check_due(30, None, policy())
    assert check_due(30, replace(TRUSTED, seen=30, findings=(Finding(UNCHECKED, "x"),)), policy())


@pytest.mark.parametrize(
    ("whole", "ignored"),
    [
        (page("c1", "c2", declared=30), True),
        (page("c1", "c2", pages=3), True),
        (page("c1", "c2"), True),
        (page("c1", "p2", declared=30), False),
        (page("c1", "c2", declared=5000), False),
        (page("c1", "c2", pages=500), False),
        (page("p1", "p2"), False),
        (page(declared=0), False),
    ],
    ids=["as long", "as many pages", "no total", "another's dataset", "longer", "more pages", "others", "empty"],
)
def test_what_shows_that_the_tenant_does_nothing(whole, ignored):
    facts = ListFacts(ids=set(CITY), declared=30 if whole.declared is not None else None)
    assert shows_all(facts, 10, whole, policy()) is ignored


def test_a_total_that_counts_dead_entries_is_the_same_total():
    assert shows_all(ListFacts(ids=set(CITY), declared=40), 10, page("c1", declared=40), policy())


def test_another_portal_with_the_same_datasets_is_named():
    assert twin(CITY, {"a": frozenset({"x"}), "b": frozenset(CITY)}, policy()) == "b"
    assert twin(CITY, {"province": frozenset(CITY | {f"p{number}" for number in range(9)})}, policy()) == ""
    assert twin(set(), {"a": frozenset()}, policy()) == ""
