"""Asks for one answer where it is needed, in place of Scrapy's callbacks."""

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from opendata_spiders.pages import walls
from opendata_spiders.pages.contract import PageError


async def ask(crawler: Crawler, request: Request) -> Response:
    """Download one answer; raises whatever the download raises."""
    if crawler.engine is None:
        raise RuntimeError("the crawl has not been started")
    return await crawler.engine.download_async(request)


async def ask_page(crawler: Crawler, request: Request) -> Response:
    """Download one page; raises the PageError that a failed download amounts to."""
    try:
        return await ask(crawler, request)
    except PageError:
        raise
    except Exception as error:
        raise walls.as_page_error(error, request.meta.get("download_maxsize", 0) >> 20) from error
