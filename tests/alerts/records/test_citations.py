"""What events cite of lists is the same from the lists as from the excerpts, and an excerpt says no more than it holds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.records.citations import (
    Citation,
    CitationFinder,
    Sighting,
    cited_datasets,
    cited_versions,
    get_excerpt,
    put_excerpt,
)
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.models import Entry
from opendata_spiders.store.store import Store
from tests.alerts.audit.making import run_of

PORTAL = "p-1"
A, B = Entry("a", "fp", "v1"), Entry("b", "fp", "v2", clocks={"updated": "2026-01-02"})
ODD = Entry("\ud800", "fp", "v3")


@pytest.fixture
def runs(store: Store) -> list[str]:
    """Five readings: a and b, a alone, nothing that could be read, a with another date, a and b again."""
    lists = [[A, B, ODD], [A], None, [replace(A, list_fp="new")], [A, B]]
    begin = real_now() - timedelta(days=9)
    made = (
        store.commit(run_of(PORTAL, "somewhere", begin + timedelta(days=night)), entries or ())
        for night, entries in enumerate(lists)
    )
    return [run.id for run in made]


def test_a_dataset_in_the_run_of_the_event_and_as_last_listed(store: Store, runs: list[str]) -> None:
    find = CitationFinder(store, PORTAL).find
    first, second, unread, fourth, last = runs
    assert find(second, ["a", "b"]) == {
        "a": Citation(Sighting(first, A), Sighting(second, A)),
        "b": Citation(Sighting(first, B), Sighting(second)),
    }
    assert find(unread, ["b"]) == {"b": Citation(Sighting(first, B))}
    assert find(last, ["b", "new"]) == {
        "b": Citation(Sighting(first, B), Sighting(last, B)),
        "new": Citation(after=Sighting(last)),
    }
    assert find("unknown", ["a"]) == {"a": Citation()}
    assert find(fourth, [ODD.id])[ODD.id].before == Sighting(first, ODD)


def test_of_thinned_lists_excerpts_are_searched(store: Store, runs: list[str]) -> None:
    first, second, _, fourth, last = runs
    expected = {run: CitationFinder(store, PORTAL).find(run, ["a", "b"]) for run in (second, fourth, last)}
    for run in (second, fourth):
        put_excerpt(store, PORTAL, run, CitationFinder(store, PORTAL).find(run, ["a", "b"]))
    # Of another run events cite nothing.
    store.db.events.insert_many(
        [
            {"_id": run, "seq": number, "portal": PORTAL, "dataset": "b", "run": run}
            for number, run in enumerate(runs[:4])
        ]
    )
    for gone in ([first], [second, fourth]):  # first the list alone that an excerpt of a whole one knows of
        manifests = [one["manifest"] for one in store.db.runs.find({"_id": {"$in": gone}})]
        store.db.manifests.delete_many({"_id": {"$in": manifests}})
        assert CitationFinder(store, PORTAL).find(last, ["b"]) == {"b": expected[last]["b"]}
    assert {run: CitationFinder(store, PORTAL).find(run, ["a", "b"]) for run in (second, fourth)} == {
        run: expected[run] for run in (second, fourth)
    }
    assert CitationFinder(store, PORTAL).find(last, ["b"])["b"] == expected[last]["b"]
    assert CitationFinder(store, PORTAL).find(fourth, ["c"]) == {"c": Citation()}


def test_an_excerpt_holds_what_was_put_and_is_added_to(store: Store, runs: list[str]) -> None:
    first, second, *_ = runs
    one, two = {"b": Citation(Sighting(first, B), Sighting(second))}, {ODD.id: Citation(after=Sighting(second, ODD))}
    assert get_excerpt(store, PORTAL, second) == {}
    for added in (one, two, one):
        put_excerpt(store, PORTAL, second, added)
    assert get_excerpt(store, PORTAL, second) == one | two
    assert list(cited_versions(store, PORTAL)) == [{"v2", "v3"}]
    assert list(cited_versions(store, "another")) == []


def test_the_datasets_that_an_event_names() -> None:
    evidence = {
        "old_id": "old",
        "old_title": "旧",
        "datasets": [{"id": "one", "title": "一"}, "no mapping", {"title": "without id"}],
        "evidence": {"dataset": "sign", "run": "r"},
        "evidence_before": None,
    }
    assert cited_datasets("own", "名", evidence) == {"own": "名", "old": "旧", "one": "一", "sign": ""}
    assert cited_datasets(None, "", {"datasets": 3}) == {}
