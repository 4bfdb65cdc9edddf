"""One test a golden page: what is read from it, raw and normalised; a failure lists the fields that differ."""

from collections.abc import Mapping
from typing import Any

import pytest

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.pages.bodies import evidence
from opendata_spiders.pages.contract import PageError
from opendata_spiders.register import Portal
from opendata_spiders.store.fields import fields
from tests.families.goldens import FIXTURES, Case, cases, laid, loader

CASES = cases()
READ = [case for case in CASES if case.has_expectation]
REFUSED = [case for case in READ if "error" in case.expected]
LISTS = [case for case in READ if case.meta["kind"] == "list" and case not in REFUSED]
ACTIVE = loader().register.crawlable()
READ_FAMILIES = sorted({portal.family for portal in ACTIVE} | {case.family for case in CASES})


def named(case: Case) -> str:
    return case.name


def tenant_kind(family: str, tenant: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    return family, tuple(sorted(tenant))


@pytest.mark.parametrize("case", [case for case in READ if case not in REFUSED], ids=named)
def test_page_is_read_as_expected(case: Case):
    assert not isinstance(case.page, PageError), f"not read at all: {case.page}"
    assert differing(case.outcome, case.expected) == []


def differing(got: Any, expected: Any, place: str = "") -> list[str]:
    """Every value that differs, by its place in expected.json."""
    if isinstance(got, dict) and isinstance(expected, dict):
        names = sorted({*got, *expected})
        return [line for name in names for line in differing(got.get(name), expected.get(name), f"{place}.{name}")]
    if isinstance(got, list) and isinstance(expected, list) and len(got) == len(expected):
        pairs = enumerate(zip(got, expected, strict=True))
        return [line for number, pair in pairs for line in differing(*pair, f"{place}[{number}]")]
    return [] if got == expected else [f"{place[1:]}: read {got!r}, expected {expected!r}"]


@pytest.mark.parametrize("case", REFUSED, ids=named)
def test_refusal(case: Case):
    assert isinstance(case.page, PageError), "the page was read"
    assert type(case.page).__name__ == case.expected["error"]
    assert case.expected["match"] in str(case.page)
    assert str(case.page).isprintable()


@pytest.mark.parametrize("case", laid(), ids=named)
def test_case_is_whole(case: Case):
    assert not case.fault, case.fault
    names = {path.name.partition(".")[0] for path in case.path.iterdir()}
    assert names == {"meta", "body", "expected"}, "write the expectation: python -m tests.families.goldens"
    assert case.meta["about"]
    assert not case.meta["about"].startswith("TO FILL IN"), case.meta["about"]
    assert case.spider.family == case.family


@pytest.mark.parametrize("case", CASES, ids=named)
def test_evidence_is_kept(case: Case):
    """What was read comes with the body it was read from, and both can be stored."""
    without = isinstance(case.page, PageError) or case.meta["kind"] in ("files", "preview")
    pages = () if without else getattr(case.page, "rows", (case.page,))
    for one in pages:
        assert one.body
        repr(one.values).encode()
        evidence(one.body).encode()


@pytest.mark.parametrize("family", READ_FAMILIES)
def test_family_has_goldens_of_every_kind(family: str):
    folder = FIXTURES / family
    assert folder.is_dir(), f"{family} has portals and no page in {folder}"
    kinds = {(case.meta["kind"], case in REFUSED) for case in READ if case.family == family}
    spider = spider_of(family)
    optional = {"detail": spider.has_details, "files": spider.files_request("x", 1) is not None}
    optional |= {"preview": bool(spider.preview_requests("x"))}
    due = {"list", *(kind for kind, declared in optional.items() if declared)}
    assert kinds >= {(kind, refused) for kind in due for refused in (False, True)}


@pytest.mark.parametrize("portal", ACTIVE, ids=lambda portal: portal.slug)
def test_portal_is_covered(portal: Portal):
    """Some golden list is of the same family and selects its tenant in the same way."""
    covered = {tenant_kind(case.family, case.spider.tenant) for case in LISTS}
    assert tenant_kind(portal.family, portal.tenant) in covered


@pytest.mark.parametrize("family", READ_FAMILIES)
def test_declared_fields_are_the_ones_read(family: str):
    """Over all its portals: one whose class reads another page declares other fields."""
    own = [case for case in READ if case.family == family]
    assert all(case.page for case in own), "`rendered` learns its fields from a page"
    for kind in ("list", "detail"):
        read = {
            name for case in own if case.meta["kind"] == kind for _, record in case.records for name in record["raw"]
        }
        declared = [getattr(case.spider, f"{kind}_fields") for case in own]
        assert read == {name for names in declared for name in names}
        assert read <= fields().keys()
        assert all(len(names) == len(set(names)) for names in declared)


def spider_of(family: str) -> PortalSpider:
    return next(case.spider for case in CASES if case.family == family)
