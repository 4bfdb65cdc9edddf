"""Where a spider points: a register row, the same at another address, or a portal given by arguments alone."""

import codecs
import hashlib
import ipaddress
import json
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opendata_spiders.fetching.addresses import place_of
from opendata_spiders.register import Portal

_SLUG = re.compile(r"[a-z][a-z0-9_]*")
_ARGUMENTS = frozenset({"base_url", "slug", "context_path", "tenant", "timezone", "charset"})


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
    charset: str | None = None
    epoch_base: str = ""
    """What the epoch takes for the address; see `_epoch_base`."""

    def epoch(self, family: str, id_rule: int) -> str:
        """Name of the stretch of runs that may be compared by id: family, address, tenant and id rule in one hash."""
        parts = [family, self.epoch_base, self.context_path, sorted(self.tenant.items()), id_rule]
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


def target_from_arguments(portal: Portal | None, family: str, arguments: MutableMapping[str, Any]) -> CrawlTarget:
    """Take the known arguments out of `arguments` and make a target of them; raises SpiderArgumentError."""
    given = {name: str(arguments.pop(name)) for name in sorted(_ARGUMENTS & arguments.keys())}
    if unknown := sorted(arguments):
        raise SpiderArgumentError(f"unknown spider argument {unknown[0]!r}; known are {', '.join(sorted(_ARGUMENTS))}")
    if portal is None:
        return _unregistered(family, given)
    return _registered(portal, given)


def _registered(portal: Portal, given: Mapping[str, str]) -> CrawlTarget:
    if given.get("slug", portal.slug) != portal.slug:
        raise SpiderArgumentError(f"slug={given['slug']!r} contradicts the register's {portal.slug!r}: leave it out")
    context = _context_path(given.get("context_path", portal.context_path))
    base_url = _base_url(given.get("base_url", portal.base_url), context)
    return CrawlTarget(
        portal_id=portal.id,
        slug=portal.slug,
        name_zh=portal.short_zh,
        name_en=portal.short_en,
        base_url=base_url,
        context_path=context,
        tenant=_tenant(given["tenant"]) if "tenant" in given else portal.tenant,
        timezone=_timezone(given["timezone"]) if "timezone" in given else portal.timezone,
        host_group=portal.host_group,
        charset=_charset(given["charset"]) if "charset" in given else portal.charset,
        epoch_base=portal.base_url if is_loopback(base_url) else base_url,
    )


def _unregistered(family: str, given: Mapping[str, str]) -> CrawlTarget:
    for name in ("base_url", "slug"):
        if name not in given:
            raise SpiderArgumentError(
                f"{family} is a family, not a portal: give -a slug=NAME and -a base_url=URL ({name} is missing), "
                "or crawl one of the portals that `scrapy list` prints"
            )
    slug = given["slug"]
    if not _SLUG.fullmatch(slug):
        raise SpiderArgumentError(f"slug={slug!r} must be small letters, digits and _, beginning with a letter")
    context = _context_path(given.get("context_path", ""))
    base_url = _base_url(given["base_url"], context)
    return CrawlTarget(
        portal_id=f"x.{slug}",
        slug=slug,
        name_zh=slug,
        name_en=slug,
        base_url=base_url,
        context_path=context,
        tenant=_tenant(given.get("tenant", "")),
        timezone=_timezone(given.get("timezone", "Asia/Shanghai")),
        host_group=urlsplit(base_url).netloc,
        charset=_charset(given["charset"]) if "charset" in given else None,
        epoch_base="" if is_loopback(base_url) else base_url,
    )


def _base_url(value: str, context_path: str) -> str:
    if place_of(value) is None and "@" in value:
        raise SpiderArgumentError("base_url holds a user name, which would stand in every log: leave it out")
    if place_of(value) is None or "?" in value or "#" in value:
        raise SpiderArgumentError(f"base_url={value!r} must look like http://host or https://host:port, without ? or #")
    return value.rstrip("/").removesuffix(context_path or "\0").rstrip("/")


def _context_path(value: str) -> str:
    if value and not value.startswith("/"):
        raise SpiderArgumentError(f"context_path={value!r} must begin with /")
    return value.rstrip("/")


def _tenant(value: str) -> dict[str, str]:
    pairs = parse_qsl(value, keep_blank_values=True)
    if value and not all("=" in part for part in value.split("&")):
        raise SpiderArgumentError(f"tenant={value!r} must look like name=value&name=value")
    return dict(pairs)


def _timezone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SpiderArgumentError(f"timezone={value!r} is no IANA time zone such as Asia/Shanghai") from error


def _charset(value: str) -> str:
    try:
        return codecs.lookup(value).name
    except LookupError as error:
        raise SpiderArgumentError(f"charset={value!r} is no charset Python knows, such as gb18030 or utf-8") from error


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine: a replica or a mirror on trial, never a portal that has moved."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
