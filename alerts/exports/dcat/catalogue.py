"""The catalogue of a portal as DCAT-AP 3: what it lists, and what it listed and took away."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from urllib.parse import quote

from alerts.exports.dcat.graph import GraphNode, Literal, Ref, Value, iri, json_ld, turtle
from alerts.exports.formats import packed, stamp
from alerts.exports.policy import policy
from alerts.exports.source import Row, Source
from alerts.exports.tables.datasets import of_portal, portals_with_datasets
from alerts.publish.feeds import AUTHORITY
from alerts.publish.folder import Folder
from alerts.records.isolation import apart
from alerts.text.statements import wordings
from opendata_spiders.register import Portal
from opendata_spiders.store.content import batches
from opendata_spiders.tables import Tables

_EU = "http://publications.europa.eu/resource/authority"
Values = Iterator[tuple[str, Value]]


@cache
def _codes() -> Mapping[tuple[str, str], tuple[str, ...]]:
    rows = Tables("alerts.exports.dcat").rows("eu_codes", "vocabulary", "ours", "codes")
    return {(row["vocabulary"], row["ours"]): tuple(row["codes"].split()) for row in rows}


@cache
def eu_codes(vocabulary: str, ours: str) -> tuple[Ref, ...]:
    """The terms of an EU vocabulary that stand for a code of ours (eu_codes.csv); none for one without."""
    return tuple(Ref(f"{_EU}/{vocabulary}/{code}") for code in _codes().get((vocabulary, ours), ()))


def dataset_iri(portal: str, dataset: str) -> str:
    """The IRI of a dataset: the same in every installation, wherever the site is."""
    return f"{AUTHORITY}dataset/{quote(portal, safe='')}/{quote(dataset, safe='')}"


def write_catalogues(source: Source, folder: Folder) -> None:
    """Write `dcat/SLUG-0001.ttl.gz` and `.jsonld.gz` of every portal with datasets, so many datasets to a file.

    The files of one portal describe the same catalogue, so that together they are one graph. Raises OSError.
    """
    known = {portal.id: portal for portal in source.register.portals.values()}
    for portal_id in portals_with_datasets(source.store):
        with apart("catalogue", portal_id):
            portal = known.get(portal_id)
            name = re.sub(r"[^\w.-]", "_", portal.slug if portal else portal_id)
            rows = of_portal(source, portal_id)
            for number, batch in enumerate(batches(rows, policy().dcat_datasets), 1):
                resources = [catalogue(source, portal, batch), *(dataset(row, portal) for row in batch)]
                for suffix, pieces in (("ttl", turtle(resources)), ("jsonld", json_ld(resources))):
                    with folder.stream(f"dcat/{name}-{number:04}.{suffix}.gz") as file, packed(file) as text:
                        text.writelines(piece.encode() for piece in pieces)


def catalogue(source: Source, portal: Portal | None, rows: Sequence[Row]) -> GraphNode:
    """The catalogue of a portal (None: one outside the register) with these of its datasets."""
    portal_id, slug = str(rows[0]["portal"]), str(rows[0].get("slug") or rows[0]["portal"])
    name_zh, name_en = (portal.name_zh, portal.name_en) if portal else (slug, slug)
    government = source.register.governments.get(portal.government or "") if portal else None

    def values() -> Values:
        yield "dct:title", Literal(name_zh, "zh")
        yield "dct:title", Literal(name_en, "en")
        for wording, name in zip(wordings(), (name_zh, name_en), strict=True):
            yield "dct:description", Literal(wording.plain("exports/catalogue", portal=name), wording.language)
        yield "dct:publisher", _agent(government.name_zh if government else name_zh, "zh")
        yield from (("dct:language", one) for one in eu_codes("language", _language(portal).partition("-")[0]))
        yield "dcat:themeTaxonomy", Ref(f"{_EU}/data-theme")
        if portal:
            yield "foaf:homepage", Ref(iri(portal.base_url))
        if government:
            yield "dct:spatial", _place(government.adcode)
        for row in rows:
            yield "dcat:dataset", Ref(dataset_iri(portal_id, str(row["id"])))

    return GraphNode("dcat:Catalog", tuple(values()), f"{AUTHORITY}catalogue/{quote(portal_id, safe='')}")


def dataset(row: Row, portal: Portal | None) -> GraphNode:
    """One dataset, a row of the table of datasets; one that was removed has the status WITHDRAWN."""
    return GraphNode("dcat:Dataset", tuple(_dataset(row, portal)), dataset_iri(str(row["portal"]), str(row["id"])))


def _dataset(row: Row, portal: Portal | None) -> Values:
    yield "dct:identifier", Literal(str(row["id"]))
    language = _language(portal)
    title = Literal(row["title"], language) if row.get("title") else Literal(wordings()[0].text("unnamed"), "zh")
    yield "dct:title", title
    if row.get("description"):
        yield "dct:description", Literal(row["description"], language)
    else:  # DCAT-AP demands one
        for wording in wordings():
            yield "dct:description", Literal(wording.text("exports/no_description"), wording.language)
    yield "dct:publisher", _agent(row.get("office") or (portal.name_zh if portal else str(row["portal"])), language)
    for theme in dict.fromkeys(code for word in row.get("theme") or () for code in eu_codes("data-theme", word)):
        yield "dcat:theme", theme
    yield from (("dcat:keyword", Literal(tag, language)) for tag in row.get("tags") or ())
    if (frequency := row.get("frequency_code") or "UNKNOWN") != "UNKNOWN":
        yield "dct:accrualPeriodicity", Ref(f"{_EU}/frequency/{frequency}")
    for name, moment in (("dct:issued", row.get("published")), ("dct:modified", modified(row))):
        if moment is not None:
            yield name, Literal(stamp(moment), datatype="xsd:dateTime")
    if row.get("page_url"):
        yield "dcat:landingPage", Ref(iri(row["page_url"]))
    yield from (("dct:accessRights", one) for one in eu_codes("access-right", row.get("open_type") or ""))
    if row.get("owner"):
        yield "dct:spatial", _place(str(row["owner"]))
    yield from (("adms:status", one) for one in eu_codes("dataset-status", str(row["status"])))
    if row.get("page_url"):
        yield from (("dcat:distribution", one) for one in _distributions(row, iri(row["page_url"]), language))


def modified(row: Row) -> datetime | None:
    """When a dataset was updated by the portal's word: its data where that is told apart, else its entry."""
    found: datetime | None = row.get("data_updated") or row.get("updated")
    return found


def _distributions(row: Row, page: str, language: str) -> Iterator[GraphNode]:
    """Its files; they have no address of their own that lasts, so the dataset's page is where they are had."""
    for one in row.get("resources") or ():
        kinds = eu_codes("file-type", one.get("format") or "")
        name = [("dct:title", Literal(one["name"], language))] if one.get("name") else []
        yield GraphNode(
            "dcat:Distribution", (("dcat:accessURL", Ref(page)), *name, *(("dct:format", k) for k in kinds))
        )


def _agent(name: str, language: str) -> GraphNode:
    return GraphNode("foaf:Agent", (("foaf:name", Literal(name, language)),))


def _language(portal: Portal | None) -> str:
    """The language of a portal's own texts; Chinese for one outside the register."""
    return portal.language if portal else "zh"


def _place(adcode: str) -> GraphNode:
    return GraphNode("dct:Location", (("dct:identifier", Literal(adcode)),))
