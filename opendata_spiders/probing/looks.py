"""One trial reading of a portal: page one of its list and one detail, with the answers themselves."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Generic, TypeVar

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.pages.contract import (
    DatasetGoneError,
    Detail,
    ListPage,
    PageBlockedError,
    PageDriftedError,
    PageError,
    PageMissingError,
    PageMovedError,
    PageUnreachableError,
)

Page = TypeVar("Page", ListPage, Detail)

logger = logging.getLogger(__name__)


class Standing(StrEnum):
    """Results of a trial reading, the best first."""

    READS = "reads"
    EMPTY = "empty"
    """The list answers as declared and holds nothing."""
    MOVED = "moved"
    """The portal sends its readers to a host outside its group."""
    DRIFTED = "drifted"
    """It answers in another shape than declared."""
    WALLED = "walled"
    """It refuses us: a wall, a login, robots.txt."""
    DEAD = "dead"
    """No answer, or an error."""
    FAILED = "failed"
    """Our own parser stumbled."""


_STANDINGS: tuple[tuple[type[PageError], Standing], ...] = (
    (PageMovedError, Standing.MOVED),
    (PageDriftedError, Standing.DRIFTED),
    (DatasetGoneError, Standing.DRIFTED),
    (PageBlockedError, Standing.WALLED),
    (PageUnreachableError, Standing.DEAD),
)
"""By class of error, the first that fits; a listed dataset whose page says that it is gone counts as drifted."""


@dataclass(frozen=True, slots=True)
class PageResult(Generic[Page]):
    """One requested page: what was read from it, or why nothing was."""

    page: Page | None = None
    response: Response | None = None
    """The answer; None where there was none."""
    error: PageError | None = None

    @property
    def standing(self) -> Standing:
        error = self.error
        if error is None:
            return Standing.READS
        return next((standing for kind, standing in _STANDINGS if isinstance(error, kind)), Standing.FAILED)


@dataclass(frozen=True, slots=True)
class PortalLook:
    """The answers of one portal."""

    spider: PortalSpider
    list: PageResult[ListPage]
    id: str = ""
    """Native id of the dataset whose detail was asked for; empty where none was."""
    detail: PageResult[Detail] | None = None

    @property
    def standing(self) -> Standing:
        """That of the list, else of the detail; a list whose rows all lack a title counts as drifted."""
        page = self.list.page
        if page is None:
            return self.list.standing
        if not page.rows:
            return Standing.DRIFTED if page.without_id else Standing.EMPTY
        if "title" in self.spider.list_fields and not any(row.values.get("title") for row in page.rows):
            return Standing.DRIFTED
        return self.detail.standing if self.detail else Standing.READS


async def look_at(crawler: Crawler, spider: PortalSpider, *, details: bool = True) -> PortalLook:
    """Request page one of the list, at each of its known paths, and the detail of one dataset it lists."""
    listed = await _first_page(crawler, spider)
    rows = listed.page.rows if listed.page else ()
    if not (details and rows and spider.has_details):
        return PortalLook(spider, listed)
    id_ = next((row.id for row in rows if row.values.get("title")), rows[0].id)

    read = partial(spider.read_detail, id_=id_)
    return PortalLook(spider, listed, id_, await _seen(crawler, spider, partial(spider.detail_request, id_), read))


async def _first_page(crawler: Crawler, spider: PortalSpider) -> PageResult[ListPage]:
    for place in range(len(spider.list_paths)):
        spider.list_place = place
        seen = await _seen(crawler, spider, partial(spider.list_request, spider.first_page), spider.read_list)
        if not isinstance(seen.error, PageMissingError):
            break
    if seen.page and not seen.page.rows and (seen.page.pages or 0) > 1:
        # The page only names the parts of the list; datasets are on the pages after it.
        return await _seen(crawler, spider, partial(spider.list_request, spider.first_page + 1), spider.read_list)
    return seen


async def _seen(
    crawler: Crawler,
    spider: PortalSpider,
    request: Callable[[], Request],
    read: Callable[[Response], Page],
) -> PageResult[Page]:
    response: Response | None = None
    try:
        response = await ask_page(crawler, spider.bound(request()))
        return PageResult(read(response), response)
    except PageError as error:
        return PageResult(response=response, error=error)
    except Exception as error:  # a row from which its family cannot make a request fails alone
        logger.exception("%s could not be asked", spider.name)
        return PageResult(response=response, error=PageError(f"our request could not be made: {type(error).__name__}"))
