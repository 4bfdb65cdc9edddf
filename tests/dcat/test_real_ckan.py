"""The catalogue of a real CKAN with ckanext-dcat, crawled in every syntax that it writes."""

from datetime import UTC, datetime

import pytest

from opendata_spiders.store.models import Verdict
from tests.replica.crawls import Outcome, Task, crawl_all
from tests.replica.worldwide.real_ckan import RealCkan

pytestmark = pytest.mark.slow
PATHS = ("/catalog.jsonld", "/catalog.ttl", "/catalog.rdf", "/catalog.xml", "")
SETTINGS = {"ckan.plugins": "dcat", "ckanext.dcat.datasets_per_page": "4"}


def crawled(url: str) -> list[Outcome]:
    given = [{"slug": "clearwater", **({"context_path": path} if path else {})} for path in PATHS]
    return crawl_all([Task("dcat", url, {}, one) for one in given], datetime.now(UTC))


def test_its_public_datasets_are_read_page_by_page_in_every_syntax():
    """Also at the usual paths; a private dataset is not in it, a deleted one no longer."""
    with RealCkan(SETTINGS, robots="User-agent: *\nAllow: /\n") as site:
        site.act("organization_create", name="transport", title="Transport 交通局")
        made = [
            site.act(
                "package_create",
                name=f"stops-{number}",
                title=f"Bus stops {number} 公交",
                owner_org="transport",
                private=number == 9,
                resources=[{"name": "csv", "format": "CSV", "url": "https://x.example/a.csv"}],
            )
            for number in range(10)
        ]
        first = crawled(site.url)
        site.act("package_delete", id=made[0]["id"])
        second = crawled(site.url)
    for outcomes, shown in ((first, made[:9]), (second, made[1:9])):
        titles = {one["title"] for one in shown}
        for path, outcome in zip(PATHS, outcomes, strict=True):
            read = (outcome.verdict, set(outcome.titles.values()), len(outcome.titles))
            assert read == (Verdict.COMPLETE, titles, len(shown)), (path, outcome.reason)
            assert outcome.reason == f"{len(shown)} of {len(shown)} declared, every page read"
            assert all(
                one["id"] in id_ for one, id_ in zip(shown, sorted(outcome.titles, key=outcome.titles.get), strict=True)
            )
