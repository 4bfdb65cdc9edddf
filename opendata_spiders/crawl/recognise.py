"""Recognises the software behind a first page that the portal's own family cannot read; makes no request."""

import logging

from scrapy.http import Response

from opendata_spiders.crawl.family import PortalFamily
from opendata_spiders.store.models import Finding

logger = logging.getLogger(__name__)

LOOKS_LIKE = "platform.looks_like"


def looks_like(response: Response, spider: PortalFamily) -> list[Finding]:
    """One finding for each other family whose fingerprint fits the page; none if the portal's own still does."""
    if fits(spider, response):
        return []
    target = spider.target
    asked = (family(base_url=target.base_url, slug=target.slug) for family in spider.others)
    return [Finding(LOOKS_LIKE, other.family) for other in asked if fits(other, response)]


def fits(spider: PortalFamily, response: Response) -> bool:
    """Whether the fingerprint of a family fits a page; one that raises on the page does not."""
    try:
        return spider.fingerprint(response)
    except Exception:
        logger.debug("the fingerprint of %s stumbled over %s", spider.family, response.url, exc_info=True)
        return False
