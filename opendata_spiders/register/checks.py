"""Checks beyond single cells: rows against each other, the governments and the modules of families."""

import re
from collections.abc import Callable, Collection, Hashable, Iterable
from pathlib import Path
from typing import TypeVar

from opendata_spiders.register.models import Government, Level, NationalScope, NoPortal, Portal
from opendata_spiders.register.rows import Placed

T = TypeVar("T")

FAMILIES = Path(__file__).parent.parent / "families"


def refuse_twice(placed: Iterable[Placed[T]], column: str, key: Callable[[T], Hashable]) -> None:
    """Raise TableError, naming both places, at the second row with the same key."""
    first: dict[Hashable, Placed[T]] = {}
    for row in placed:
        other = first.setdefault(key(row.value), row)
        if other is not row:
            where = f"line {other.line.line} of {other.line.file.name}"
            raise row.line.error(column, f"{key(row.value)!r} is taken by {where}; choose another")


def check_governments(placed: Collection[Placed[Government]]) -> None:
    """Each government's province must be a row of its own with the same first two digits of the code."""
    refuse_twice(placed, "name_zh", lambda government: government.name_zh)
    names = {row.value.adcode: row.value.name_zh for row in placed}
    for row in placed:
        top = row.value.adcode[:2] + "0000"
        if names.get(top) != row.value.province:
            raise row.line.error("province", f"{row.value.province!r} is not the name that the province {top} has here")
        if row.value.adcode.endswith("0000") != (row.value.level in {Level.PROVINCE, Level.MUNICIPALITY}):
            raise row.line.error("level", f"{row.value.level} does not fit the adcode {row.value.adcode}")


def check_portals(placed: Collection[Placed[Portal]], families: Path) -> None:
    """Every rule between cells of one row and between rows; raises TableError at the first breach."""
    refuse_twice(placed, "slug", lambda portal: portal.slug)
    _refuse_ambiguous(placed)
    spiders = {family for family in {row.value.family for row in placed} if _has_spider(family, families)}
    for row in placed:
        portal = row.value
        faults = (_scope_fault, _why_fault, _relists_fault, _tls_fault)
        for column, message in filter(None, (*(fault(portal) for fault in faults), _spider_fault(portal, spiders))):
            raise row.line.error(column, message)


def check_no_portals(placed: Iterable[Placed[NoPortal]], portals: Iterable[Placed[Portal]]) -> None:
    """A government verified to have no portal must have no live one in the register."""
    live = {row.value.government: row.value.slug for row in portals if row.value.live}
    for row in placed:
        if slug := live.get(row.value.adcode):
            message = f"{row.value.adcode} has the live portal {slug!r}; delete this row, or set that portal to dead"
            raise row.line.error("adcode", message)


def _refuse_ambiguous(placed: Iterable[Placed[Portal]]) -> None:
    """`scrapy crawl NAME` takes slugs and families, so no name may be both; the error names the later row."""
    slugs: set[str] = set()
    families: set[str] = set()
    for row in placed:
        slugs.add(row.value.slug)
        if row.value.family in slugs:
            raise row.line.error("family", f"{row.value.family!r} is also a slug; rename the one or the other")
        families.add(row.value.family)
        if row.value.slug in families:
            raise row.line.error("slug", f"{row.value.slug!r} is also a family; choose another slug")


def _scope_fault(portal: Portal) -> tuple[str, str] | None:
    if portal.scope is NationalScope.NATIONAL and portal.government is None:
        return "government", "a national portal needs the adcode of its government; else set scope to outside_364"
    if portal.scope is NationalScope.OUTSIDE_364 and portal.government is not None:
        return "scope", "a portal with a government is national; clear the government or set scope to national"
    return None


def _why_fault(portal: Portal) -> tuple[str, str] | None:
    if not portal.crawlable and not portal.why:
        return "why", f"a {portal.status} portal needs a sentence that says why it is not read"
    if portal.crawlable and portal.why:
        return "why", "an active portal is read: clear this cell, or set status to planned"
    return None


def _relists_fault(portal: Portal) -> tuple[str, str] | None:
    if portal.relists and portal.tenant:
        return "relists", "a portal that is one tenant of a host cannot list the other tenants again; write no"
    return None


def _tls_fault(portal: Portal) -> tuple[str, str] | None:
    if portal.old_tls and portal.impersonate:
        return "impersonate", "no browser of today speaks old TLS; clear this cell, or write no into old_tls"
    return None


def _spider_fault(portal: Portal, spiders: Collection[str]) -> tuple[str, str] | None:
    if portal.crawlable and portal.family not in spiders:
        message = f"families/{portal.family}.py, with a spider whose family is {portal.family!r}, does not exist"
        return "family", f"{message}; write it, or set status to planned"
    return None


def _has_spider(family: str, families: Path) -> bool:
    """Search the module's text without importing it: the register is also read where Scrapy is not installed."""
    module = families / f"{family}.py"
    stated = re.compile(rf'^ +family(: [^=]+)? = "{family}"$', re.MULTILINE)
    return module.is_file() and stated.search(module.read_text("utf-8")) is not None
