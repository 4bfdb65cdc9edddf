"""The datasets of a place in tables: the list of its offices, and for each office its datasets in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from alerts.site.catalogue import ENDED, OfficePage, PlaceCatalogue
from alerts.site.tree import Crumb, Trees
from alerts.site.words import said
from alerts.text.labels import Both, paired
from alerts.text.links import city_path
from alerts.text.statements import place_name
from opendata_spiders.normalise import BROKEN, promise_names

OFFICES = "datasets.html"


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One office in the list of offices."""

    name: str
    page: str
    """Name of the first page of its table."""
    datasets: int
    gone: int
    """Those that are stated as removed or no longer listed."""
    late: int
    """Those past the grace period of their promise."""


def office_rows(pages: Sequence[OfficePage]) -> list[OfficeRow]:
    """The offices, the largest first."""
    found: dict[str, list[OfficePage]] = {}
    for page in pages:
        found.setdefault(page.office, []).append(page)
    rows = [_office_row(office, of) for office, of in found.items()]
    return sorted(rows, key=lambda one: (-one.datasets, one.name))


def _office_row(office: str, pages: Sequence[OfficePage]) -> OfficeRow:
    rows = [row for page in pages for row in page.rows]
    return OfficeRow(
        name=office,
        page=pages[0].name,
        datasets=sum(not row.status for row in rows),
        gone=sum(row.status in ENDED for row in rows),
        late=sum(row.standing in BROKEN for row in rows),
    )


def put(trees: Trees, catalogue: PlaceCatalogue) -> None:
    """Put the list of offices and all tables of a place into both trees."""
    place = place_name(catalogue.view.slug, catalogue.sources.places)
    crumbs = place_crumbs(catalogue)
    trees.put(
        city_path(catalogue.view.slug, OFFICES),
        "offices.html.j2",
        title=said("datasets.title", place=place),
        crumbs=crumbs[:-1],
        offices=office_rows(catalogue.pages),
    )
    for page in catalogue.pages:
        trees.put(
            city_path(catalogue.view.slug, page.name),
            "office.html.j2",
            title=Both.same(page.office) if page.office else said("datasets.nobody"),
            crumbs=crumbs,
            page=page,
            promises={code: promise_words(code) for code in {row.promise for row in page.rows}},
            standings=paired("site")["standing"],
            statuses=paired("site")["status"],
            open_types=paired("vocabulary")["open_type"],
        )


def place_crumbs(catalogue: PlaceCatalogue) -> list[Crumb]:
    """The place's page, if it has one, and the list of its datasets."""
    slug = catalogue.view.slug
    place = Crumb(place_name(slug, catalogue.sources.places), city_path(slug))
    return [place] * (slug in catalogue.sources.made) + [Crumb(said("datasets.crumb"), city_path(slug, OFFICES))]


@cache
def promise_words(code: str) -> Both:
    """The promise behind an EU code."""
    return Both(*promise_names(code))
