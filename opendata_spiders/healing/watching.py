"""Opens a portal's page for people and finds, among what it loads, the lists that hold known datasets."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import Error as PlaywrightError

from opendata_spiders.browser.portal_page import Exchange, PortalPage, open_page
from opendata_spiders.healing.attempt import Attempt, NotHealedError
from opendata_spiders.healing.dataset_links import DatasetLinks
from opendata_spiders.healing.json_places import ObjectList, object_lists
from opendata_spiders.healing.last_reading import LastReading
from opendata_spiders.healing.matching import Matching, matching
from opendata_spiders.healing.policy import HealingPolicy
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageError

_PAUSE = 0.25
"""Seconds between two looks at what a page has loaded."""
_QUIET = 1.0
"""Seconds without a new answer after which a page that shows the list has loaded."""
_NO_PAGE = frozenset({404, 410})
_LINKS = "links => links.map(link => [link.innerText, link.href])"


@dataclass(frozen=True, slots=True)
class WatchedList:
    """A list of objects that a page loaded, and in which known datasets were found."""

    exchange: Exchange
    place: ObjectList
    found: Matching


@dataclass(frozen=True, slots=True)
class PageWithLists:
    """A page for people as it was loaded."""

    url: str
    lists: tuple[WatchedList, ...]
    """The lists that may be the catalogue, the likeliest first."""
    links: DatasetLinks
    html: str


async def watch(attempt: Attempt, urls: Sequence[str]) -> PageWithLists:
    """The first of some pages that loads a list of known datasets.

    Raises NotHealedError where none does, the PageError of the first page where none could be opened.
    """
    failed: list[PageError] = []
    watched = 0
    opened = urls[: attempt.policy.pages_opened]
    for url in opened:
        try:
            async with open_page(attempt.crawler, url, attempt.portal.host_group) as page:
                lists = await _lists(page, attempt.reading, attempt.policy)
                watched += len(page.exchanges)
                if lists:
                    return PageWithLists(url, lists, await _links(page), await page.page.content())
        except PageError as error:
            failed.append(error)
    if len(failed) == len(opened):
        raise failed[0]
    raise NotHealedError(
        f"none of the {watched} answers that the page loads is a JSON list of datasets of the last reading: name the "
        "page that shows the list with --url; a list that is HTML cannot be mended by its values"
    )


async def _lists(page: PortalPage, reading: LastReading, policy: HealingPolicy) -> tuple[WatchedList, ...]:
    """Wait until the page has loaded the list, or for `page_seconds`."""
    end = time.monotonic() + policy.page_seconds
    seen, quiet, found = 0, 0.0, list[WatchedList]()
    if page.response is not None and page.response.status in _NO_PAGE:
        return ()
    while time.monotonic() < end and quiet < (_QUIET if found else policy.quiet_seconds):
        await asyncio.sleep(_PAUSE)
        quiet += _PAUSE
        new = page.exchanges[seen:]
        if new:
            seen, quiet = seen + len(new), 0.0
            found += known_lists(new, reading, policy)
    return tuple(sorted(found, key=lambda one: -one.found.found))


def known_lists(exchanges: Sequence[Exchange], reading: LastReading, policy: HealingPolicy) -> list[WatchedList]:
    """The lists in some answers that hold enough known datasets to be the catalogue."""
    found = []
    for exchange in exchanges:
        try:
            answer = bodies.json_object(exchange.text)
        except PageError:
            continue
        for place in object_lists(answer):
            match = matching(place.entries, reading)
            if match.found >= max(policy.recognised_least, policy.recognised_share * len(place.entries)):
                found.append(WatchedList(exchange, place, match))
    return found


async def _links(page: PortalPage) -> DatasetLinks:
    try:
        pairs = await page.page.eval_on_selector_all("a[href]", _LINKS)
    except PlaywrightError:
        return DatasetLinks()
    return DatasetLinks(tuple((str(text).strip(), str(address)) for text, address in pairs))
