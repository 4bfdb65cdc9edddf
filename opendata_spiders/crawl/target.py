"""What a spider crawls: a register row, the same at another address, or a portal given by arguments alone."""

import hashlib
import json
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from opendata_spiders.fetching.addresses import host_group, is_loopback, place_of
from opendata_spiders.register import Portal, cells
from opendata_spiders.store.clock import SHANGHAI

T = TypeVar("T")

_ARGUMENTS = frozenset(
    {"base_url", "slug", "context_path", "tenant", "language", "timezone", "charset", "old_tls", "impersonate"}
)


class SpiderArgumentError(ValueError):
    """Raised when a spider argument (`-a name=value`) makes no sense; the message names it and says what would."""


@dataclass(frozen=True, slots=True)
class CrawlTarget:
    """The effective address of one crawl."""

    portal_id: str
    slug: str
    name_zh: str
    name_en: str
    base_url: str
    context_path: str
    tenant: Mapping[str, str]
    timezone: ZoneInfo
    host_group: str
    language: str = ""
    """In which a portal of several languages is read; empty where neither row nor argument says."""
    charset: str | None = None
    old_tls: bool = False
    impersonate: str = ""
    epoch_base: str = ""
    """The address that counts for the epoch: a mirror on this machine has the registered one."""
    at_home: bool = True
    """Whether host and tenant are those of the register's row; also true of a portal without a row."""

    def as_portal_of_its_own(self) -> Self:
        """Return the target under an id that no row of the register has: for a reading that is not the portal's."""
        name = f"{self.slug}_elsewhere"
        return replace(self, portal_id=_outside_the_register(name), slug=name)

    def epoch(self, family: str, id_rule: int) -> str:
        """Hash of family, address, tenant and id rule: runs of one epoch may be compared by native id."""
        parts = [family, self.epoch_base, self.context_path, sorted(self.tenant.items()), id_rule]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


def target_from_arguments(portal: Portal | None, family: str, arguments: MutableMapping[str, Any]) -> CrawlTarget:
    """Take the known arguments out of `arguments` and make a target of them; raises SpiderArgumentError.

    `portal` is the register's row, which arguments overrule; None for a portal the register does not know.
    """
    given = {name: str(arguments.pop(name)) for name in sorted(_ARGUMENTS & arguments.keys())}
    if unknown := sorted(arguments):
        raise SpiderArgumentError(f"unknown spider argument {unknown[0]!r}; known are {', '.join(sorted(_ARGUMENTS))}")
    if "context_path" in given:
        given["context_path"] = given["context_path"].rstrip("/")
    slug = _slug(portal, family, given)
    context = _read(
        given,
        "context_path",
        cells.context_path,
        portal.context_path if portal else "",
    )
    base_url = _base_url(given.get("base_url", portal.base_url if portal else ""), context)
    registered = portal.base_url if portal else ""
    tenant = _read(given, "tenant", cells.tenant, portal.tenant if portal else {})
    return CrawlTarget(
        portal_id=portal.id if portal else _outside_the_register(slug),
        slug=slug,
        name_zh=portal.short_zh if portal else slug,
        name_en=portal.short_en if portal else slug,
        base_url=base_url,
        context_path=context,
        tenant=tenant,
        timezone=_read(given, "timezone", cells.timezone, portal.timezone if portal else SHANGHAI),
        host_group=portal.host_group if portal else urlsplit(base_url).netloc,
        language=_read(given, "language", cells.language, portal.language if portal else ""),
        charset=_read(given, "charset", cells.charset, portal.charset if portal else None),
        old_tls=_read(given, "old_tls", cells.yes, portal is not None and portal.old_tls),
        impersonate=_read(given, "impersonate", cells.browser, portal.impersonate if portal else ""),
        epoch_base=registered if is_loopback(base_url) else base_url,
        at_home=portal is None or (host_group("", registered).holds(base_url) and tenant == portal.tenant),
    )


def _outside_the_register(slug: str) -> str:
    """Id of a portal without a row: no country has the code `x`."""
    return f"x.{slug}"


def _slug(portal: Portal | None, family: str, given: Mapping[str, str]) -> str:
    if portal is not None:
        if given.get("slug", portal.slug) != portal.slug:
            said = f"slug={given['slug']!r} contradicts the register's {portal.slug!r}: leave it out"
            raise SpiderArgumentError(said)
        return portal.slug
    for name in ("base_url", "slug"):
        if name not in given:
            raise SpiderArgumentError(
                f"{family} is a family, not a portal: give -a slug=NAME and -a base_url=URL ({name} is missing), "
                "or crawl one of the portals that `scrapy list` prints"
            )
    return _read(given, "slug", cells.name, "")


def _read(given: Mapping[str, str], name: str, reader: Callable[[str], T], default: T) -> T:
    """Read one argument as the register's cell of that name is read."""
    if name not in given:
        return default
    try:
        return reader(given[name])
    except ValueError as error:
        raise SpiderArgumentError(f"{name}={error}") from error


def _base_url(value: str, context_path: str) -> str:
    if place_of(value) is None and "@" in value:
        raise SpiderArgumentError("base_url holds a user name, which would stand in every log: leave it out")
    if place_of(value) is None or "?" in value or "#" in value:
        raise SpiderArgumentError(f"base_url={value!r} must look like http://host or https://host:port, without ? or #")
    return value.rstrip("/").removesuffix(context_path or "\0").rstrip("/")
