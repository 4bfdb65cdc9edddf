"""Versions: every raw content a dataset has ever had, with the pages it was read from as evidence."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from pymongo import ASCENDING

from opendata_spiders.store.content import batches, canonical, ordered, pack, read_canonical, unpack
from opendata_spiders.store.models import Version
from opendata_spiders.store.writing import BATCH, Document, StoreDatabase, add_new, missing_ids

_BODILESS = {"evidence": 0, "page_url": 0}
BODY_LIMIT = 4_000_000
"""Characters of a body kept as evidence; a MongoDB document has 16 MB at most. The content is never cut."""


def put_versions(db: StoreDatabase, versions: Iterable[Version]) -> int:
    """Store versions in batches; return how many were new."""
    return add_new(db.versions, map(_to_document, versions))


def _to_document(version: Version) -> Document:
    return {
        "_id": version.id,
        "portal": version.portal,
        # Hostile text may be no valid string for the database, so all that the portal wrote is stored as blobs.
        "dataset": _text(version.dataset),
        "family": version.family,
        "first_run": version.first_run,
        "content": _blob(ordered(version.content)),
        "page_url": _text(version.page_url[:BODY_LIMIT]),
        "evidence": _blob([version.list_body[:BODY_LIMIT], version.detail_body[:BODY_LIMIT]]),
    }


def _blob(value: Any) -> bytes:
    return pack(canonical(value))


def _text(value: str) -> str | bytes:
    return _blob(value) if _is_odd(value) else value


def _is_odd(text: str) -> bool:
    return text != text.encode("utf-8", "ignore").decode()


def get_versions(db: StoreDatabase, ids: Iterable[str], *, evidence: bool = True) -> dict[str, Version]:
    """Return versions by id; those not stored are left out. Without `evidence` bodies and page_url stay empty."""
    left_out = {} if evidence else _BODILESS
    found: dict[str, Version] = {}
    for batch in batches(sorted(set(ids)), BATCH):
        for document in db.versions.find({"_id": {"$in": batch}}, left_out or None):
            found[document["_id"]] = version_of(document)
    return found


def stored_versions(db: StoreDatabase) -> Iterator[Document]:
    """Yield the document of every version, in no particular order, to be read one by one by `version_of`."""
    return db.versions.find({})


def every_version(db: StoreDatabase) -> Iterator[Version]:
    """Yield every version without its evidence, by portal and dataset, those of one dataset in the order of writing."""
    order = [("portal", ASCENDING), ("dataset", ASCENDING)]
    for document in db.versions.find({}, _BODILESS, sort=order):
        yield version_of(document)


def versions_of(db: StoreDatabase, portal: str, datasets: Iterable[str]) -> dict[str, list[Version]]:
    """Return every version of these datasets by native id, in no particular order, without bodies and page_url.

    Datasets whose id is no valid string are left out: they are stored compressed, and cannot be asked for.
    """
    found: dict[str, list[Version]] = defaultdict(list)
    for batch in batches(sorted(one for one in set(datasets) if not _is_odd(one)), BATCH):
        for document in db.versions.find({"portal": portal, "dataset": {"$in": batch}}, _BODILESS):
            version = version_of(document)
            found[version.dataset].append(version)
    return found


def missing_versions(db: StoreDatabase, ids: Iterable[str]) -> set[str]:
    """Return those of the ids under which no version is stored."""
    return missing_ids(db.versions, ids)


def get_page_urls(db: StoreDatabase, ids: Iterable[str]) -> dict[str, str]:
    """Return the page addresses of versions by id; those not stored are left out. No body is read for it."""
    found: dict[str, str] = {}
    for batch in batches(sorted(set(ids)), BATCH):
        apart, within = ({"_id": {"$in": batch}, "page_url": {"$exists": one}} for one in (True, False))
        for query, field in ((apart, "page_url"), (within, "evidence")):
            for document in db.versions.find(query, {field: 1}):
                found[document["_id"]] = _page_url(document)
    return found


def _page_url(document: Document) -> str:
    if "page_url" in document:
        return _read_text(document["page_url"])
    # Until November 2026 the address was the last of the evidence.
    *_bodies, page_url = _read(document["evidence"])
    return str(page_url)


def _read(blob: bytes) -> Any:
    return read_canonical(unpack(blob))


def _read_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else str(_read(value))


def version_of(document: Document) -> Version:
    """Return the version that a document holds; what it raises for a damaged one is of many kinds."""
    evidence = "evidence" in document
    list_body, detail_body, *_ = _read(document["evidence"]) if evidence else ("", "")
    return Version(
        id=document["_id"],
        portal=document["portal"],
        dataset=_read_text(document["dataset"]),
        family=document["family"],
        content=_read(document["content"]),
        list_body=list_body,
        detail_body=detail_body,
        page_url=_page_url(document) if evidence else "",
        first_run=document["first_run"],
    )
