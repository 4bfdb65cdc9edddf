"""Whose page is this? Asked of a first page that its own family cannot read, without a further request."""

import logging
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from scrapy.http import Response

from opendata_spiders.store.models import Finding

if TYPE_CHECKING:
    from opendata_spiders.crawl.spider import PortalSpider

logger = logging.getLogger(__name__)

LOOKS_LIKE = "platform.looks_like"


def looks_like(response: Response, spider: "PortalSpider") -> list[Finding]:
    """One finding for each other family whose fingerprint fits the page; none if the portal's own still does."""
    if _fits(spider, response):
        return []
    others = (family for family in _families() if family.family != spider.family)
    target = spider.target
    asked = (family(base_url=target.base_url, slug=target.slug) for family in others if family.portal is None)
    return [Finding(LOOKS_LIKE, other.family) for other in asked if _fits(other, response)]


def _fits(spider: "PortalSpider", response: Response) -> bool:
    try:
        return spider.fingerprint(response)
    except Exception:
        logger.debug("the fingerprint of %s stumbled over %s", spider.family, response.url, exc_info=True)
        return False


@cache
def _families() -> tuple[type["PortalSpider"], ...]:
    return tuple(sorted(_found(), key=lambda one: one.family))


def _found() -> Iterator[type["PortalSpider"]]:
    # Imported when asked: the families themselves import this module through their base.
    package = import_module("opendata_spiders.families")
    base: type[PortalSpider] = import_module("opendata_spiders.crawl.spider").PortalSpider
    for info in iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{info.name}")
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, base) and one.family == info.name:
                yield one
