"""Turns the register into spiders: `guiyang` is a row, its class is made from the family's."""

import builtins
import shlex
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from opendata_spiders import families, spiders
from opendata_spiders.register import Portal, Register, RegisterError, load, why_not

if TYPE_CHECKING:
    from opendata_spiders.crawl.spider import PortalSpider


class RegisterSpiderLoader:
    """Scrapy's SPIDER_LOADER_CLASS: lists and loads portals by slug, and loads families by name.

    `list` names the portals that can be crawled. `load` also takes a family's name, for a portal that is not in the
    register, and raises KeyError with a plain sentence for any other name.
    """

    def __init__(self, settings: BaseSettings) -> None:
        self._settings = settings

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        return cls(settings)

    @cached_property
    def register(self) -> Register:
        """The register, read once; raises RegisterError."""
        return load()

    def list(self) -> builtins.list[str]:
        """Every portal that can be crawled, by slug."""
        return sorted(portal.slug for portal in self.register.crawlable())

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider class of a portal or family."""
        if spider_name in self.families:
            return self.families[spider_name]
        try:
            portal = self.register.get(spider_name)
        except RegisterError as error:
            raise KeyError(str(error)) from error
        if not portal.crawlable:
            raise KeyError(f"{why_not(portal).removesuffix('.')}. {self._how_to_try(portal)}")
        return self.spider_class(portal)

    def _how_to_try(self, portal: Portal) -> str:
        """How a portal is tried that is not crawled, or what that takes."""
        if portal.family not in self.families:
            return f"There is no family {portal.family} yet: docs/adding-a-portal.md, step 4"
        tenant = urlencode(portal.tenant, safe="/,:")
        given = {"slug": f"{portal.slug}_trial", "base_url": portal.base_url, "context_path": portal.context_path}
        given |= {"tenant": tenant, "old_tls": "yes" if portal.old_tls else ""}
        given |= {"impersonate": portal.impersonate}
        words = [word for name, value in given.items() if value for word in ("-a", f"{name}={value}")]
        command = shlex.join(["scrapy", "crawl", portal.family, *words, "-s", "STORE_ENABLED=0"])
        return f"To try it: {command}"

    def find_by_request(self, request: Request) -> builtins.list[str]:
        """Names of the portals whose address a request goes to."""
        return [portal.slug for portal in self.register.crawlable() if request.url.startswith(portal.base_url)]

    def spider_class(self, portal: Portal, base: "type[PortalSpider] | None" = None) -> "type[PortalSpider]":
        """Return the spider class of a register row, whether or not it is crawled.

        It is made from `base`, else from the portal's own class or its family's.
        """
        base = base or self.overrides.get(portal.slug) or self.families[portal.family]
        name = "".join(part.capitalize() for part in portal.slug.split("_")) + "Spider"
        group = (one.base_url for one in self.register.portals.values() if one.host_group == portal.host_group)
        row = {
            "name": portal.slug,
            "portal": portal,
            "governments": self.register.governments,
            "known_addresses": tuple(dict.fromkeys(group)),
            "neighbours": tuple(one for one in self.register.portals.values() if _shares_host(one, portal)),
        }
        return type(name, (base,), {**row, "__module__": base.__module__})

    @cached_property
    def families(self) -> "dict[str, type[PortalSpider]]":
        """Every family's spider class, by its name."""
        found = [one for one in _spider_classes(families) if one.__module__.rsplit(".", 1)[-1] == one.family]
        for one in found:
            one.others = tuple(sorted((other for other in found if other is not one), key=lambda other: other.family))
        return {one.family: one for one in found}

    @cached_property
    def overrides(self) -> "dict[str, type[PortalSpider]]":
        """The classes of single portals, by slug."""
        return {one.name: one for one in _spider_classes(spiders)}


def _shares_host(one: Portal, portal: Portal) -> bool:
    """Whether two rows share address, context path and family, and differ in their tenant."""
    same = (one.base_url, one.context_path, one.family) == (portal.base_url, portal.context_path, portal.family)
    return same and one.tenant != portal.tenant


def _spider_classes(package: ModuleType) -> "list[type[PortalSpider]]":
    """Every subclass of PortalSpider that a module of `package` defines itself."""
    from opendata_spiders.crawl.spider import PortalSpider  # noqa: PLC0415 -- `scrapy list` names portals, no spiders

    modules = [import_module(f"{package.__name__}.{info.name}") for info in iter_modules(package.__path__)]
    classes = [(module, one) for module in modules for one in vars(module).values() if isinstance(one, type)]
    return [
        one
        for module, one in classes
        if issubclass(one, PortalSpider) and one is not PortalSpider and one.__module__ == module.__name__
    ]
