"""Every family is crawled whole from the replica, whatever its paging looks like, and reads complete.

The replica plays a family from its declaration, so this holds behaviour; what portals send is held by the goldens.
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from opendata_spiders.crawl.shared_host import IGNORED
from opendata_spiders.declared import HtmlList
from opendata_spiders.loader import RegisterSpiderLoader
from opendata_spiders.register import Portal
from opendata_spiders.store.models import Verdict
from tests.families.goldens import loader
from tests.replica import Incident, Kind, Replica, World
from tests.replica.__main__ import spec_of
from tests.replica.crawls import Outcome, Task, crawl_all
from tests.replica.declared.portals import page_length, spider_of

LOADER: RegisterSpiderLoader = loader()
FIRST: dict[str, Portal] = {}
"""One portal of each family, one with a tenant on a shared host where there is any."""
for row in LOADER.register.crawlable():
    if row.family not in FIRST or (row.tenant and not FIRST[row.family].tenant):
        FIRST[row.family] = row
QUICK = ("gddata", "longcloud_label", "prodapi_openresource", "suzhou_dii")
"""JSON with a total and tenants, HTML, XML, JSON with a number of pages."""
LIST = ("list",)
PAGING = {Kind.INSERTS, Kind.DRIFTS, Kind.HOLE, Kind.ENDS_EARLY}
"""What happens between the pages of a list."""
DATASETS, PAGES = 60, 3
"""Of each portal at least; two empty pages in a row end a list, so that one of two pages cannot end early."""
LONGEST_PAGE = 100
"""Rows of a page of which so many are played; a longer one holds the whole list."""
SCENES = {
    "as it should be": (),
    "a row comes in while the list is paged": (Incident(Kind.INSERTS, 0, count=1, on=LIST),),
    "rows move while the list is paged": (Incident(Kind.DRIFTS, 0, every=2, passes=2, on=LIST),),
    "an entry has no id": (Incident(Kind.NAMELESS, 0, count=1, on=LIST),),
    "the last page is empty": (Incident(Kind.MISCOUNTS, 0, value="+1", on=LIST),),
    "GBK under a header that says UTF-8": (Incident(Kind.GBK, 0),),
}
WHY_PARTIAL = {
    "a page in the middle is missing": (Incident(Kind.HOLE, 0, first_page=2, last_page=2, on=LIST),),
    "the list ends early": (Incident(Kind.ENDS_EARLY, 0, count=1, on=LIST),),
}
WHY_DRIFTED = {"another shape": (Incident(Kind.REDESIGN, 0),)}
APART = {"inspur_oportal"}
"""Played by hand, each portal at a host of its own."""
SHARED = sorted(
    family
    for family, portal in FIRST.items()
    if LOADER.spider_class(portal).neighbours and portal.tenant and family not in APART
)
LOST = {"an entry has no id": 1}
"""Datasets that no reading can know."""


def page_of(portal: Portal) -> int:
    return page_length(spider_of(portal.slug))


def world_of(portal: Portal, *incidents: Incident) -> World:
    """The portal, and two more of its host where there are any, each with whole pages of datasets, or a part of one."""
    size = page_of(portal)
    neighbours = [
        other
        for other in LOADER.register.crawlable()
        if (other.base_url, other.family) == (portal.base_url, portal.family) and other is not portal
    ]
    cast = [portal, *neighbours[:2]]
    datasets = size * max(PAGES, math.ceil(DATASETS / size)) if size <= LONGEST_PAGE else DATASETS
    world = World([spec_of(one, LOADER.register, datasets) for one in cast], seed=5)
    world.script(portal.slug, *incidents)
    return world


def counts(portal: Portal) -> bool:
    """Whether a page of the list says how many datasets or pages there are: else no early end can be known."""
    page = LOADER.spider_class(portal).list_page
    if isinstance(page, HtmlList):
        return bool(page.total or page.total_pattern or page.pages or page.pages_pattern)
    return bool(page.totals or page.pages)


def fits(portal: Portal, incidents: tuple[Incident, ...]) -> bool:
    """Whether a scene can be told of the portal's list: it has several pages, or need not have them."""
    kinds = {incident.kind for incident in incidents}
    several = page_of(portal) <= LONGEST_PAGE
    return (several or not kinds & PAGING) and (counts(portal) or Kind.ENDS_EARLY not in kinds)


def played(family: str, scenes: dict[str, tuple[Incident, ...]]) -> Iterator[tuple[str, World, Outcome]]:
    """Crawl a family's portal in every scene; yields scene, world and what came of it."""
    portal = FIRST[family]
    with ExitStack() as stack:
        worlds = [world_of(portal, *incidents) for incidents in scenes.values()]
        replicas = [stack.enter_context(Replica(world)) for world in worlds]
        tasks = [
            Task(portal.slug, replica.url(portal.slug), {"DETAIL_BUDGET": 5 if place else 5000})
            for place, replica in enumerate(replicas)
        ]
        outcomes = crawl_all(tasks, worlds[0].moment(0))
    yield from zip(scenes, worlds, outcomes, strict=True)


def assert_whole(scene: str, world: World, portal: Portal, outcome: Outcome) -> None:
    listed = {record.id: record.title for record in world.listed(portal.slug, 0)}
    assert outcome.verdict is Verdict.COMPLETE, f"{scene}: {outcome.reason}"
    assert outcome.titles.keys() <= listed.keys(), scene
    assert len(outcome.titles) == len(listed) - LOST.get(scene, 0), scene


@pytest.mark.parametrize("family", [
    pytest.param(family, marks=() if family in QUICK else pytest.mark.slow) for family in sorted(FIRST)
])  # fmt: skip
def test_a_family_is_read_whole_whatever_its_paging_does(family: str):
    portal = FIRST[family]
    scenes = {scene: what for scene, what in (SCENES | WHY_PARTIAL | WHY_DRIFTED).items() if fits(portal, what)}
    for scene, world, outcome in played(family, scenes):
        if scene in WHY_PARTIAL or scene in WHY_DRIFTED:
            wanted = Verdict.PARTIAL if scene in WHY_PARTIAL else Verdict.DRIFTED
            assert outcome.verdict is wanted, f"{scene}: {outcome.reason}"
            continue
        assert_whole(scene, world, portal, outcome)
        if scene == "as it should be":
            assert outcome.titles == {record.id: record.title for record in world.listed(portal.slug, 0)}
            assert outcome.details == (len(outcome.titles) if LOADER.spider_class(portal).detail_fields else 0)


@pytest.mark.parametrize("family", [
    pytest.param(family, marks=() if family in QUICK else pytest.mark.slow) for family in SHARED
])  # fmt: skip
def test_a_host_that_ignores_the_tenant_is_not_believed(family: str):
    whole = {"the whole host": (Incident(Kind.IGNORES, 0, on=LIST),)}
    ((_, _, outcome),) = played(family, whole)
    assert (outcome.verdict, outcome.details) == (Verdict.DRIFTED, 0)
    assert "shows its whole list under" in outcome.reason
    assert IGNORED in outcome.findings
