"""One test a field: what is read from each golden page, raw and normalised."""

from collections.abc import Iterator
from typing import Any

import pytest

from opendata_spiders.families.base import PortalSpider
from opendata_spiders.families.pages import PageError
from opendata_spiders.register import Portal
from opendata_spiders.store.fields import fields
from tests.families.goldens import FIXTURES, Case, cases, loader

CASES = cases()
READ = [case for case in CASES if (case.path / "expected.json").exists()]
REFUSED = [case for case in READ if "error" in case.expected]
LISTS = [case for case in READ if case.meta["kind"] == "list" and case not in REFUSED]
FILES = [case for case in READ if case.meta["kind"] == "files" and case not in REFUSED]
LAYERS = ("raw", "normalised")
ACTIVE = loader().register.crawlable()
ACTIVE_FAMILIES = sorted({portal.family for portal in ACTIVE})


def named(case: Case) -> str:
    return case.name


def every_field() -> Iterator[Any]:
    for case in READ:
        for number, (label, record) in enumerate(case.records):
            for layer in LAYERS:
                for name in record[layer]:
                    yield pytest.param(case, number, layer, name, id=f"{case.name}/{label}/{layer}.{name}")


def records(case: Case) -> list[Any]:
    if case.meta["kind"] == "files":
        return []
    return case.outcome["rows"] if case.meta["kind"] == "list" else [case.outcome]


def tenant_kind(portal: Portal) -> tuple[str, tuple[str, ...]]:
    return portal.family, tuple(sorted(portal.tenant))


@pytest.mark.parametrize(("case", "number", "layer", "name"), list(every_field()))
def test_field(case: Case, number: int, layer: str, name: str):
    assert not isinstance(case.page, PageError), f"not read at all: {case.page}"
    got = records(case)[number][layer]
    assert name in got, f"{name} is not read"
    assert got[name] == case.records[number][1][layer][name]


@pytest.mark.parametrize("case", [case for case in READ if case not in REFUSED], ids=named)
def test_nothing_but_the_expected_fields(case: Case):
    assert not isinstance(case.page, PageError), f"not read at all: {case.page}"
    got = [{layer: set(record[layer]) for layer in LAYERS} for record in records(case)]
    assert got == [{layer: set(record[layer]) for layer in LAYERS} for _, record in case.records]


@pytest.mark.parametrize("case", [case for case in READ if case not in REFUSED], ids=named)
def test_addresses(case: Case):
    keys = ("id", "page_url")
    expected = [{key: record.get(key) for key in keys} for _, record in case.records]
    assert [{key: record.get(key) for key in keys} for record in records(case)] == expected


@pytest.mark.parametrize("case", LISTS, ids=named)
def test_facts_of_the_list(case: Case):
    keys = ("declared", "without_id", "oddities")
    assert [case.outcome[key] for key in keys] == [case.expected[key] for key in keys]


@pytest.mark.parametrize("case", FILES, ids=named)
def test_files(case: Case):
    assert not isinstance(case.page, PageError), f"not read at all: {case.page}"
    assert case.outcome == case.expected


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_refusal(case: Case):
    assert isinstance(case.page, PageError), "the page was read"
    assert type(case.page).__name__ == case.expected["error"]
    assert case.expected["match"] in str(case.page)
    assert str(case.page).isprintable()


@pytest.mark.parametrize("case", CASES, ids=named)
def test_case_is_whole(case: Case):
    names = {path.name.partition(".")[0] for path in case.path.iterdir()}
    assert names == {"meta", "body", "expected"}, "write the expectation: python -m tests.families.goldens"
    assert case.meta["about"]
    assert case.spider.family == case.family


@pytest.mark.parametrize("case", CASES, ids=named)
def test_evidence_is_kept(case: Case):
    """What was read comes with the body it was read from, and both can be stored."""
    without = isinstance(case.page, PageError) or case.meta["kind"] == "files"
    pages = () if without else getattr(case.page, "rows", (case.page,))
    for one in pages:
        assert one.body
        repr(one.values).encode()
        one.body.encode()


@pytest.mark.parametrize("family", ACTIVE_FAMILIES)
def test_family_has_goldens_of_every_kind(family: str):
    folder = FIXTURES / family
    assert folder.is_dir(), f"{family} has portals and no page in {folder}"
    kinds = {(case.meta["kind"], case in REFUSED) for case in READ if case.family == family}
    spider = spider_of(family)
    optional = {"detail": spider.detail_request("x"), "files": spider.files_request("x", 1)}
    due = {"list", *(kind for kind, request in optional.items() if request is not None)}
    assert kinds >= {(kind, refused) for kind in due for refused in (False, True)}


@pytest.mark.parametrize("portal", ACTIVE, ids=lambda portal: portal.slug)
def test_portal_is_covered(portal: Portal):
    """Some golden list is of the same family and selects its tenant in the same way."""
    covered = {tenant_kind(loader().register.get(case.meta["slug"])) for case in LISTS}
    assert tenant_kind(portal) in covered


@pytest.mark.parametrize("family", ACTIVE_FAMILIES)
def test_declared_fields_are_the_ones_read(family: str):
    spider = spider_of(family)
    for kind, declared in (("list", spider.list_fields), ("detail", spider.detail_fields)):
        read = {
            name
            for case in READ
            if case.family == family and case.meta["kind"] == kind
            for _, record in case.records
            for name in record["raw"]
        }
        assert read == set(declared)
        assert read <= fields().keys()
        assert len(declared) == len(set(declared))


def spider_of(family: str) -> PortalSpider:
    return next(case.spider for case in CASES if case.family == family)
