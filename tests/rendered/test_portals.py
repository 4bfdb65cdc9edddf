"""Single-page portals whose interface nobody described, read whole through their own page, or refused."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from opendata_spiders.store.models import Verdict
from tests.replica.crawls import Outcome, Task, crawl_all
from tests.replica.single_page import portals
from tests.replica.single_page.serving import SinglePage, serving
from tests.replica.single_page.truth import Known, datasets

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
COUNT = 96
TRUTH = {one.id: one for one in datasets(COUNT)}
FIELDS = {
    "pinyin": {"title", "office", "updated", "frequency", "open_type", "theme", "views"},
    "nested": {"title", "office", "updated", "frequency", "open_type", "formats"},
    "encrypted": {"title", "office", "updated", "frequency", "open_type", "theme"},
    "scrolling": {"title", "office", "updated", "frequency", "open_type", "theme"},
    "signed": {"title", "office", "updated", "frequency", "open_type"},
    "graphql": {"title", "office", "updated", "frequency", "open_type", "theme", "description"},
    "hashed": {"title", "office", "updated", "frequency", "open_type", "description"},
    "shadow": {"title", "office", "updated", "frequency", "open_type"},
    "table": {"title", "office", "updated", "frequency", "open_type"},
}
"""What each portal shows of a dataset that is a field."""
WRITTEN = {
    "nested": lambda one: {"updated": f"{one.updated} 08:00:00"},
    "signed": lambda one: {"updated": one.updated.replace("-", "/")},
    "graphql": lambda one: {"updated": f"{one.updated}T00:00:00", "theme": [one.theme]},
    "pinyin": lambda one: {"views": str(one.views)},
}
"""What a portal writes otherwise than the truth does."""
REFUSED = (portals.UNREADABLE, portals.REPEATING, portals.BOASTING)


EVERY = (*portals.READ, *REFUSED)
BATCHES = (EVERY[:4], EVERY[4:8], EVERY[8:])


@cache
def crawled(batch: int) -> Mapping[str, Outcome]:
    """The portals of a batch crawled, all in one process."""
    with ExitStack() as open_:
        tasks = [_task(portal, open_.enter_context(serving(portal, COUNT)).url) for portal in BATCHES[batch]]
        found = crawl_all(tasks, NOW, path=os.environ["PATH"])
    return {portal.name: outcome for portal, outcome in zip(BATCHES[batch], found, strict=True)}


def outcome_of(name: str) -> Outcome:
    batch = next(number for number, batch in enumerate(BATCHES) if name in {portal.name for portal in batch})
    return crawled(batch)[name]


def _task(portal: SinglePage, url: str) -> Task:
    return Task("rendered", url, arguments={"slug": portal.name, "context_path": portal.route})


def as_written(portal: str, one: Known) -> dict[str, Any]:
    plain = {"title": one.title, "office": one.office, "description": one.description, "updated": one.updated, "frequency": one.frequency,
             "open_type": one.open_type, "theme": one.theme, "formats": list(one.formats), "views": one.views}  # fmt: skip
    return {**{name: plain[name] for name in FIELDS[portal]}, **WRITTEN.get(portal, lambda _: {})(one)}


@pytest.mark.parametrize("portal", FIELDS)
def test_every_dataset_is_read_with_every_field_as_the_portal_writes_it(portal: str) -> None:
    outcome = outcome_of(portal)
    assert outcome.verdict is Verdict.COMPLETE, outcome.reason
    found = {id_.rpartition("=")[2]: values for id_, values in outcome.raw.items()}
    assert found == {id_: as_written(portal, one) for id_, one in TRUTH.items()}
    assert "list.recognised" in outcome.findings


@pytest.mark.parametrize(
    ("portal", "verdict", "why"),
    [
        ("unreadable", Verdict.DRIFTED, "none of"),
        ("repeating", Verdict.DRIFTED, "the same entries again"),
        ("boasting", Verdict.PARTIAL, "96 of 288 declared"),
    ],
)
def test_what_cannot_be_recognised_or_turned_is_no_reading(portal: str, verdict: Verdict, why: str) -> None:
    outcome = outcome_of(portal)
    assert (outcome.verdict, why in outcome.reason) == (verdict, True), outcome.reason
    assert verdict is Verdict.PARTIAL or not outcome.raw
