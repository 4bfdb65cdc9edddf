"""Software that is used worldwide, crawled with the real spiders from portals that enforce its real limits."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from opendata_spiders.store.models import Verdict
from tests.replica.crawls import Outcome, Task, crawl_all
from tests.replica.wire import Reply
from tests.replica.worldwide import (
    ArcgisHubPortal,
    CkanPortal,
    OpendatasoftPortal,
    SocrataPortal,
    UdataPortal,
    WorldPortal,
    entries,
    playing,
)
from tests.replica.worldwide.ckan import ROBOTS
from tests.replica.worldwide.playing import Disturb, Query, cut, document

SOFTWARE = (ArcgisHubPortal, CkanPortal, OpendatasoftPortal, SocrataPortal, UdataPortal)
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


@dataclass
class Scene:
    """One portal, and what it does wrong."""

    portal: WorldPortal
    disturb: Disturb = lambda _path, _query, reply: reply


def crawled(scenes: list[Scene]) -> Iterator[tuple[Scene, Outcome]]:
    """Crawl each portal in one process, without a store."""
    with ExitStack() as stack:
        urls = [stack.enter_context(playing(scene.portal, scene.disturb)) for scene in scenes]
        tasks = [
            Task(scene.portal.family, url, arguments={"slug": f"trial{place}", "timezone": "Europe/Paris"})
            for place, (scene, url) in enumerate(zip(scenes, urls, strict=True))
        ]
        outcomes = crawl_all(tasks, NOW)
    yield from zip(scenes, outcomes, strict=True)


def titles(portal: WorldPortal) -> dict[str, str]:
    return {portal.id_of(one): one.title for one in portal.listed}


def from_page(number: int, what: Callable[[Reply], Reply]) -> Disturb:
    """Change the answers to the nth list request and those after it; one that is sent again counts as the same."""
    asked: list[Query] = []

    def disturb(_path: str, query: Query, reply: Reply) -> Reply:
        if not query:
            return reply
        if query not in asked:
            asked.append(query)
        return what(reply) if asked.index(query) + 1 >= number else reply

    return disturb


WHOLE = [
    *(Scene(kind(entries(120))) for kind in SOFTWARE),
    Scene(CkanPortal(entries(120), rows_max=40)),
    Scene(CkanPortal([replace(one, private=one.number < 7) for one in entries(120)])),
    Scene(SocrataPortal(entries(100))),
]
WRONG = [
    (Scene(CkanPortal(entries(120)), from_page(1, cut)), Verdict.UNREACHABLE, "cut off"),
    (Scene(UdataPortal(entries(120)), from_page(2, cut)), Verdict.PARTIAL, "pages not read: 2"),
    (Scene(CkanPortal(entries(120), rows_max=50, strict=True)), Verdict.DRIFTED, "409"),
    (Scene(ArcgisHubPortal([]), lambda *_: document({"data": [], "meta": {}})), Verdict.DRIFTED, "no key 'features'"),
    (Scene(ArcgisHubPortal([]), lambda *_: document({"message": "private"}, 401)), Verdict.BLOCKED, "401"),
    (
        Scene(OpendatasoftPortal(entries(120)), from_page(2, lambda _: document({}, 500))),
        Verdict.PARTIAL, "pages not read: 2",
    ),
    (Scene(CkanPortal(entries(120), robots=ROBOTS)), Verdict.BLOCKED, "robots.txt asks us not to read /api/3/action"),
    (Scene(SocrataPortal([])), Verdict.EMPTY, "0 datasets"),
]  # fmt: skip


def test_a_portal_is_read_whole_or_the_run_says_why_not():
    scenes = [*WHOLE, *(scene for scene, _, _ in WRONG)]
    outcomes = [outcome for _, outcome in crawled(scenes)]
    for scene, outcome in zip(WHOLE, outcomes, strict=False):
        assert (outcome.verdict, outcome.titles) == (Verdict.COMPLETE, titles(scene.portal)), outcome.reason
    for (_, verdict, word), outcome in zip(WRONG, outcomes[len(WHOLE) :], strict=True):
        assert outcome.verdict is verdict, outcome.reason
        assert word in outcome.reason


@pytest.mark.slow
def test_lists_longer_than_the_window_are_read_to_their_end():
    scenes = [Scene(SocrataPortal(entries(12_000))), Scene(OpendatasoftPortal(entries(10_250)))]
    for scene, outcome in crawled(scenes):
        assert (outcome.verdict, outcome.titles) == (Verdict.COMPLETE, titles(scene.portal)), outcome.reason
        assert outcome.requests <= len(scene.portal.listed) / 100 + 3


@pytest.mark.slow
def test_a_scroll_that_breaks_off_is_partial():
    (_, outcome), *_ = crawled([Scene(SocrataPortal(entries(10_400)), from_page(102, cut))])
    assert outcome.verdict is Verdict.PARTIAL
    assert "pages not read: 102" in outcome.reason
