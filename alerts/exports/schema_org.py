"""One dataset as schema.org/Dataset, for the head of its page."""

from collections.abc import Mapping
from typing import Any

from alerts.exports.dcat.catalogue import dataset_iri, modified
from alerts.exports.formats import stamp
from alerts.exports.source import Row
from alerts.exports.tables.datasets import REMOVED
from opendata_spiders.register import Government, Portal
from opendata_spiders.safe_json import safe_json


def dataset_document(
    row: Row, portal: Portal | None, government: Government | None, page: str = ""
) -> Mapping[str, Any]:
    """The dataset, a row of the table of datasets, as a document of schema.org; without what is not known.

    `government`: the owner's row of the register; `page`: address of our page about the dataset. One that was removed
    says so in `creativeWorkStatus`, and its portal's page is where it was, not where it is.
    """
    gone = row["status"] == REMOVED
    document = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": dataset_iri(str(row["portal"]), str(row["id"])),
        "identifier": row["id"],
        "url": page or None,
        "name": row.get("title"),
        "description": row.get("description"),
        "inLanguage": "zh",
        "keywords": row.get("tags") or None,
        "about": row.get("theme") or None,
        "datePublished": _day(row, "published"),
        "dateModified": stamp(changed) if (changed := modified(row)) else None,
        "creativeWorkStatus": "Withdrawn" if gone else None,
        "publisher": _named("GovernmentOrganization", row.get("office")),
        "spatialCoverage": _named("AdministrativeArea", government.name_zh if government else None),
        "includedInDataCatalog": _catalogue(portal),
        "sameAs": row.get("page_url") if not gone else None,
        "isBasedOn": row.get("page_url"),
        "distribution": None if gone else _distribution(row),
    }
    return {name: value for name, value in document.items() if value is not None}


def as_script(document: Mapping[str, Any]) -> str:
    """The document as JSON that may stand inside a `script` element: nothing in it ends the element."""
    text = safe_json(document)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _day(row: Row, name: str) -> str | None:
    return stamp(row[name]) if row.get(name) else None


def _named(kind: str, name: object) -> Mapping[str, Any] | None:
    return {"@type": kind, "name": name} if name else None


def _catalogue(portal: Portal | None) -> Mapping[str, Any] | None:
    return {"@type": "DataCatalog", "name": portal.name_zh, "url": portal.base_url} if portal else None


def _distribution(row: Row) -> list[Mapping[str, Any]] | None:
    """Its files by name and format; they are had on its page."""
    files = [
        {"@type": "DataDownload", "name": one.get("name") or None, "encodingFormat": one.get("format") or None,
         "url": row.get("page_url")}
        for one in row.get("resources") or ()
    ]  # fmt: skip
    return [{name: value for name, value in one.items() if value is not None} for one in files] or None
