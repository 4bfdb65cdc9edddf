"""The consistency checks of register, families, golden pages and documents; no request is sent."""

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from scrapy import Request

from opendata_spiders import normalise
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.declared import DeclaredFamily
from opendata_spiders.loader import RegisterSpiderLoader
from opendata_spiders.probing.recording import EXPECTED, case_kind
from opendata_spiders.register import Portal, Register, packaged
from opendata_spiders.register.edit import ROOT
from opendata_spiders.register.report import documents
from opendata_spiders.store.fields import no_field
from opendata_spiders.tables import Tables

_OTHER = "1"
"""Prepended to a tenant's value to see whether a request depends on it."""


@dataclass(frozen=True, slots=True)
class Inconsistency:
    """Something that does not agree; `where` is a portal, a family, a table or a document."""

    where: str
    said: str
    """What is wrong and what to do, one sentence."""


def inconsistencies(loader: RegisterSpiderLoader, root: Path = ROOT) -> Iterator[Inconsistency]:
    """Every inconsistency found; `root` is the project's folder. Raises RegisterError for a row that cannot be read."""
    portals = loader.register.crawlable()
    yield from _of_portals(loader, portals)
    yield from _of_families(loader, root, {portal.family for portal in portals})
    yield from _of_overrides(loader)
    yield from _of_codes(loader)
    yield from _of_documents(packaged(), root)


# --- portals ----------------------------------------------------------------------------------------------------------


def _of_portals(loader: RegisterSpiderLoader, portals: list[Portal]) -> Iterator[Inconsistency]:
    first: dict[tuple[str, str, bytes], str] = {}
    for portal in portals:
        try:
            spider = loader.spider_class(portal)()
            request = spider.list_request(spider.first_page)
        except Exception as error:  # noqa: BLE001 -- one row that makes no request does not hide the others
            said = f"its first call cannot be made ({type(error).__name__}: {error}): see tenant and context_path"
            yield Inconsistency(portal.slug, said)
            continue
        if not spider.host_group.holds(request.url):
            where = urlsplit(request.url).netloc
            yield Inconsistency(portal.slug, f"its first call goes to {where}, outside its host group: see base_url")
        other = first.setdefault(_asked(request), portal.slug)
        if other != portal.slug:
            yield Inconsistency(portal.slug, f"asks exactly what {other} asks: its tenant is missing or wrong")
        for key in portal.tenant:
            if key not in spider.unsent and not _depends(loader, portal, key):
                yield Inconsistency(
                    portal.slug, f"no call of {portal.family} uses the tenant key {key!r}: correct or remove it"
                )


def _asked(request: Request) -> tuple[str, str, bytes]:
    """What distinguishes two requests; headers may select a tenant, too."""
    headers = b"\n".join(b"%b:%b" % (name, b",".join(values)) for name, values in sorted(request.headers.items()))
    return request.method, request.url, request.body + headers


def _depends(loader: RegisterSpiderLoader, portal: Portal, key: str) -> bool:
    """Whether a request of the portal, or its page for people, changes with a value of its tenant."""
    changed = replace(portal, tenant={**portal.tenant, key: _OTHER + portal.tenant[key]})
    return _calls(loader.spider_class(portal)()) != _calls(loader.spider_class(changed)())


def _calls(spider: PortalSpider) -> tuple[object, ...]:
    detail = _asked(spider.detail_request("x")) if spider.has_details else None
    return _asked(spider.list_request(spider.first_page)), detail, spider.page_url("x")


# --- families ---------------------------------------------------------------------------------------------------------


def _of_families(loader: RegisterSpiderLoader, root: Path, active: set[str]) -> Iterator[Inconsistency]:
    declared = ((name, one) for name, one in loader.families.items() if issubclass(one, DeclaredFamily))
    marks = {name: one.home_marks for name, one in declared if one.home_marks}
    for name, family in loader.families.items():
        for other, wanted in marks.items():
            if other != name and all(any(mark in own for own in marks.get(name, ())) for mark in wanted):
                yield Inconsistency(name, f"its home_marks are those of {other}, too: add one that tells them apart")
        if issubclass(family, DeclaredFamily):
            yield from _of_declaration(name, family)
        for said in filter(None, map(no_field, sorted({*family.list_fields, *family.detail_fields}))):
            yield Inconsistency(name, said)
        if name in active:
            slugs = loader.register.portals
            yield from _of_goldens(name, family, slugs, root / "tests" / "fixtures" / name)


def _of_declaration(name: str, family: type[DeclaredFamily]) -> Iterator[Inconsistency]:
    """Attributes that no declared family has: misspelled ones would do nothing."""
    known = {one for base in family.__mro__[1:] for one in (*vars(base), *vars(base).get("__annotations__", {}))}
    for attribute, value in vars(family).items():
        if not (attribute.startswith("_") or attribute in known or callable(value)):
            likely = get_close_matches(attribute, known, 1)
            step = f"did you mean {likely[0]!r}?" if likely else "remove it"
            yield Inconsistency(name, f"{attribute!r} is no attribute of a declared family: {step}")


def _of_goldens(
    name: str, family: type[PortalSpider], portals: Container[str], folder: Path
) -> Iterator[Inconsistency]:
    cases = [case for case in sorted(folder.iterdir()) if case.is_dir()] if folder.is_dir() else []
    for case in cases:
        parts = {path.name.partition(".")[0] for path in case.iterdir()}
        if lacking := sorted({"body", "meta", EXPECTED.partition(".")[0]} - parts):
            yield Inconsistency(
                name, f"the golden page {case.name} has no {' and no '.join(lacking)}: docs/adding-a-portal.md, 5"
            )
        meta = json.loads((case / "meta.json").read_text("utf-8")) if "meta" in parts else {}
        slug = meta.get("slug", "")
        if slug and slug not in portals and "base_url" not in meta.get("arguments", {}):
            said = f"meta.json of the golden page {case.name} names {slug!r}, which is no portal of the register"
            yield Inconsistency(name, f"{said}: correct it, or give base_url under `arguments`")
    kinds = {case_kind(case) for case in cases}
    for kind in ["list", *(["detail"] if family.detail_fields else [])]:
        if kind not in kinds:
            yield Inconsistency(name, f"no golden page of a {kind}: scrapy record, or write one in {folder.name}/")


def _of_overrides(loader: RegisterSpiderLoader) -> Iterator[Inconsistency]:
    for slug, override in loader.overrides.items():
        portal = loader.register.portals.get(slug)
        if portal is None:
            yield Inconsistency(slug, f"{override.__module__} is of no portal: `name` must be a slug of the register")
        elif override.family != portal.family:
            yield Inconsistency(
                slug, f"{override.__module__} derives from {override.family}, its row says {portal.family}"
            )


# --- tables and documents ---------------------------------------------------------------------------------------------


def _of_codes(loader: RegisterSpiderLoader) -> Iterator[Inconsistency]:
    known = loader.families.keys() | loader.register.families()
    for file in sorted(files(normalise).iterdir(), key=lambda one: one.name):
        if not file.name.endswith("_codes.csv"):
            continue
        rows = Tables(normalise.__name__).rows(file.name.removesuffix(".csv"), "family")
        for name in sorted({row["family"] for row in rows}):
            family, _, slug = name.partition("/")
            if family not in known or (slug and slug not in loader.register.portals):
                yield Inconsistency(
                    f"normalise/{file.name}", f"no family or portal is called {name!r}: correct the column family"
                )


def _of_documents(register: Register, root: Path) -> Iterator[Inconsistency]:
    for file, text in documents(register, root).items():
        if not file.exists() or file.read_text("utf-8") != text:
            said = "is not of this register: run python -m opendata_spiders.register --markdown"
            yield Inconsistency(str(file.relative_to(root)), said)
