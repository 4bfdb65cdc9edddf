"""Answers of the national register: totals by province and kind, and searches for missing datasets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from opendata_spiders.store.codec import from_document, to_document
from opendata_spiders.store.content import storable
from opendata_spiders.store.writing import StoreDatabase


class RegisteredAs(IntEnum):
    """What an entry is registered as, in the register's own numbers."""

    RESOURCE = 1
    """A public data resource."""
    PRODUCT = 2
    """A product or service."""
    OPEN = 3
    """An open data resource: the state's own list of open data."""


@dataclass(frozen=True, slots=True)
class NationalTotal:
    """Entries of one province and kind."""

    province: str
    """Code as the register writes it."""
    platform: str
    kind: int
    """A number of RegisteredAs."""
    total: int | None
    """None where the register gave none."""
    why: str = ""
    """Verdict of the answer without a total."""


@dataclass(frozen=True, slots=True)
class NationalTotals:
    """One reading of all totals."""

    id: str
    at: datetime
    """Domain time (UTC)."""
    totals: tuple[NationalTotal, ...] = ()


@dataclass(frozen=True, slots=True)
class NationalLook:
    """One search of the register for the title of a dataset that its portal does not list any more."""

    id: str
    portal: str
    dataset: str
    title: str
    at: datetime
    """Domain time (UTC)."""
    entries: int | None = None
    """Open-data entries of its province that contain the title; None where the register gave no answer."""
    codes: tuple[str, ...] = ()
    """Codes of those with exactly this title."""
    products: int | None = None
    """Products and services of its province that contain the title; None where the register gave no answer."""
    product_codes: tuple[str, ...] = ()
    """Codes of those with exactly this title."""
    why: str = ""
    """Why there is no answer: a verdict, or `no_platform` for a province the register does not name."""
    url: str = ""


def keep_totals(db: StoreDatabase, read: NationalTotals) -> None:
    """Store one reading of the totals, in place of one of the same second."""
    db.national_totals.replace_one({"_id": read.id}, to_document(read), upsert=True)


def last_totals(db: StoreDatabase, until: datetime | None = None) -> NationalTotals | None:
    """Return the last reading, or the last one by then; None before the first."""
    found = db.national_totals.find_one({"at": {"$lte": until}} if until else {}, sort=[("at", -1)])
    return from_document(NationalTotals, found) if found else None


def keep_look(db: StoreDatabase, look: NationalLook) -> None:
    """Store one search, in place of one of the same second."""
    db.national_looks.replace_one({"_id": look.id}, to_document(look), upsert=True)


def last_looked(db: StoreDatabase, portals: Iterable[str]) -> dict[tuple[str, str], datetime]:
    """When each dataset of these portals was last searched for, by portal and native id."""
    by = {"_id": {"portal": "$portal", "dataset": "$dataset"}, "at": {"$max": "$at"}}
    found = db.national_looks.aggregate([{"$match": {"portal": {"$in": list(portals)}}}, {"$group": by}])
    return {(one["_id"]["portal"], one["_id"]["dataset"]): one["at"] for one in found}


def last_looks(
    db: StoreDatabase, portal: str, since: Mapping[str, datetime], until: datetime
) -> dict[str, NationalLook]:
    """Return the last answered search for each of these datasets (native id to a time) from that time up to then."""
    if not since:
        return {}
    query = {"portal": portal, "dataset": {"$in": storable([*since])}, "at": {"$lte": until}, "entries": {"$ne": None}}
    looks = [from_document(NationalLook, one) for one in db.national_looks.find(query).sort("at", 1)]
    return {one.dataset: one for one in looks if one.dataset in since and one.at >= since[one.dataset]}


def products_named(db: StoreDatabase, portal: str, until: datetime) -> list[NationalLook]:
    """Return every search up to then that found products of exactly a dataset's title, oldest first."""
    query = {"portal": portal, "at": {"$lte": until}, "product_codes.0": {"$exists": True}}
    return [from_document(NationalLook, one) for one in db.national_looks.find(query).sort("at", 1)]
