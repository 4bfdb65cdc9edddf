"""Catalogues in DCAT crawled over HTTP: whole and paged in every syntax, and with what goes wrong on the way."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opendata_spiders.store.models import Verdict
from tests.crawl.conftest import desk
from tests.replica import PortalSpec, World
from tests.replica.crawls import Outcome, Task, crawl_all
from tests.replica.wire import Reply, not_found
from tests.replica.worldwide.dcat import DcatPortal, Syntax, dcat_entries
from tests.replica.worldwide.playing import playing

__all__ = ["desk"]
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
ENTRIES = dcat_entries(24)
TITLES = {one.iri.removeprefix("https://"): one.title for one in ENTRIES}
BOMB = """<?xml version="1.0"?><!DOCTYPE rdf:RDF [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dct="http://purl.org/dc/terms/">
<rdf:Description rdf:about="https://x.example"><dct:title>&b;</dct:title></rdf:Description></rdf:RDF>"""


def sent(body: bytes, kind: str = "text/plain") -> Callable[[Reply], Reply]:
    return lambda _reply: Reply(body, kind)


def cut(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) * 2 // 3])


def missing(_reply: Reply) -> Reply:
    return not_found()


def paged(syntax: Syntax, **more: object) -> DcatPortal:
    return DcatPortal(ENTRIES, syntax, page_size=10, **more)


PORTALS: Mapping[str, DcatPortal] = {
    **{f"whole {syntax.name}": DcatPortal(ENTRIES, syntax) for syntax in Syntax},
    **{f"paged {syntax.name}": paged(syntax) for syntax in Syntax if syntax is not Syntax.US},
    "paged, no total": paged(Syntax.TURTLE, prints_total=False),
    "paged as in the first drafts": paged(Syntax.TURTLE, first_draft=True),
    "full last page": DcatPortal(ENTRIES, Syntax.TURTLE, page_size=12),
    "a page is missing": paged(Syntax.RDF_XML, replies={2: missing}),
    "a page is missing, no total": paged(Syntax.RDF_XML, replies={2: missing}, prints_total=False),
    "a page is cut off": paged(Syntax.TURTLE, replies={2: cut}),
    "the last page is cut off": paged(Syntax.TURTLE, replies={3: cut}, prints_total=False),
    "a loop": paged(Syntax.TURTLE, following={2: "/catalog.ttl?page=2"}),
    "a loop to the first": paged(Syntax.JSON_LD, following={3: "/catalog.jsonld"}, prints_total=False),
    "another host": paged(Syntax.TURTLE, following={2: "http://127.0.0.1:9/catalog.ttl?page=3"}),
    "a total beyond the list": paged(Syntax.TURTLE, following={2: ""}),
    **{f"cut {syntax.name}": DcatPortal(ENTRIES, syntax, replies={1: cut}) for syntax in Syntax},
    "entities": DcatPortal(ENTRIES, Syntax.RDF_XML, replies={1: sent(BOMB.encode())}),
    "nothing at all": DcatPortal([], Syntax.TURTLE),
}
PARTIAL = {
    "a page is missing": "pages not read: 2",
    "a page is missing, no total": "pages not read: 2",
    "a page is cut off": "pages not read: 2",
    "the last page is cut off": "pages not read: 3",
    "a loop": "names a next page that was read before",
    "a loop to the first": "names a next page that was read before",
    "another host": "outside its known addresses",
    "a total beyond the list": "20 of 24 declared",
}
REFUSED = {
    "entities": (Verdict.DRIFTED, "declares entities"),
    "nothing at all": (Verdict.DRIFTED, "shows no entry"),
    **{f"cut {syntax.name}": (Verdict.UNREACHABLE, "cut off") for syntax in Syntax},
}


@pytest.fixture(scope="module")
def crawled() -> Mapping[str, Outcome]:
    with ExitStack() as stack:
        urls = {name: stack.enter_context(playing(portal)) for name, portal in PORTALS.items()}
        given = {"slug": "clearwater", "timezone": "UTC"}
        tasks = [Task("dcat", url, {"RETRY_ENABLED": False}, given) for url in urls.values()]
        return dict(zip(PORTALS, crawl_all(tasks, NOW), strict=True))


@pytest.mark.parametrize("name", sorted(PORTALS.keys() - PARTIAL.keys() - REFUSED.keys()))
def test_a_catalogue_that_is_read_whole_is_complete(crawled, name: str):
    outcome = crawled[name]
    assert (outcome.verdict, outcome.titles) == (Verdict.COMPLETE, TITLES), outcome.reason


@pytest.mark.parametrize("name", sorted(PARTIAL))
def test_a_catalogue_of_which_a_page_is_missing_is_partial(crawled, name: str):
    outcome = crawled[name]
    assert (outcome.verdict, len(outcome.titles) < 24 or "loop" in name) == (Verdict.PARTIAL, True), outcome.reason
    assert PARTIAL[name] in outcome.reason


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_document_that_is_no_whole_catalogue_says_why(crawled, name: str):
    verdict, said = REFUSED[name]
    assert crawled[name].verdict is verdict, crawled[name].reason
    assert said in crawled[name].reason


def test_a_context_that_lies_elsewhere_is_never_fetched():
    other = DcatPortal(ENTRIES, Syntax.JSON_LD)
    with playing(other) as elsewhere:
        body = b'{"@context": "%b/catalog.jsonld", "@graph": []}' % elsewhere.encode()
        portal = DcatPortal(ENTRIES, Syntax.JSON_LD, replies={1: sent(body)})
        with playing(portal) as url:
            (outcome,) = crawl_all([Task("dcat", url, {}, {"slug": "clearwater"})], NOW)
    assert (outcome.verdict, other.asked) == (Verdict.DRIFTED, [])
    assert "has its context elsewhere" in outcome.reason


@pytest.mark.slow
def test_a_catalogue_may_be_larger_than_a_page_of_other_families_but_not_endless():
    """Five MB are read, in a process of their own; thirty-three are not."""
    large = DcatPortal(dcat_entries(50, padding="." * 100_000), Syntax.TURTLE)
    endless = DcatPortal(ENTRIES, Syntax.US, replies={1: sent(b'{"dataset": [' + b" " * (33 << 20))})
    with playing(large) as url, playing(endless) as other:
        whole, refused = crawl_all([Task("dcat", one, {}, {"slug": "clearwater"}) for one in (url, other)], NOW)
    assert (whole.verdict, len(whole.titles)) == (Verdict.COMPLETE, 50), whole.reason
    assert refused.verdict is Verdict.DRIFTED
    assert "larger than 32 MB" in refused.reason


@pytest.fixture
def world() -> World:
    return World([PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", datasets=1)], seed=1)


def test_a_dataset_that_is_taken_out_is_missed_on_the_next_night(desk):
    """Also where the catalogue prints no total; half of a catalogue that is gone at once is not believed."""
    entries = dcat_entries(50)
    portal = DcatPortal(entries, Syntax.TURTLE, page_size=20, prints_total=False)
    seen = []
    with playing(portal) as url:
        for night, held in enumerate((entries, entries, entries[1:], entries[30:])):
            portal.held = held
            desk.command("scrapy", "crawl", "dcat", "-a", "slug=clearwater", "-a", f"base_url={url}", night=night)
            run = desk.last_run("clearwater")
            seen.append((run.verdict, run.seen))
    assert seen == [(Verdict.COMPLETE, 50), (Verdict.COMPLETE, 50), (Verdict.COMPLETE, 49), (Verdict.PARTIAL, 20)]
