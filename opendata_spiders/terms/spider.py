"""Reads the terms of use that are due: hosts side by side, the portals of one host one request after the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.fetching.host_turn import turn_at
from opendata_spiders.night import uplink
from opendata_spiders.pages import walls
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageDriftedError, PageError
from opendata_spiders.store import terms
from opendata_spiders.store.connect import Store
from opendata_spiders.store.content import canonical, digest
from opendata_spiders.store.errors import HostHeldError
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.terms import TermsLook, TermsText
from opendata_spiders.terms.plan import DueTerms, KnownAddress
from opendata_spiders.terms.policy import terms_policy
from opendata_spiders.terms.reading import ReadTerms, links, read_terms

NO_LINK = "no_link"
"""Why no terms were read: the home page links to none."""


@dataclass(slots=True)
class TermsNight:
    """The results of one night."""

    store: Store
    at: datetime
    """Domain time."""
    stopped: Callable[[], bool]
    """Says whether its time is up: then no further portal is asked."""
    looks: list[TermsLook] = field(default_factory=list)
    read: dict[str, TermsText] = field(default_factory=dict)
    """The texts that were read, by portal id."""
    hosts: list[tuple[str, bool]] = field(default_factory=list)
    """Host group of each portal, and whether it gave no answer."""
    faults: int = 0
    """Errors on our side."""
    left_out: int = 0
    """Portals that were not asked because the night's time was up, or because nobody waits any more for a host."""

    async def keep(self, due: DueTerms, look: TermsLook, read: TermsText | None) -> None:
        """Store a text; a look is stored at the end of the night, when it is clear whether our connection failed."""
        if read is not None:
            apart = timedelta(hours=terms_policy().apart_hours)
            self.read[due.portal.id] = await asyncio.to_thread(terms.keep_terms, self.store.db, read, self.at, apart)
        self.looks.append(look)
        self.hosts.append((due.portal.host_group, look.why.startswith(Verdict.UNREACHABLE)))

    def close(self) -> bool:
        """Store the looks; True if our own connection is suspected: then those without an answer are not stored."""
        ours = uplink.is_suspect(self.hosts)
        for look, (_, silent) in zip(self.looks, self.hosts, strict=True):
            if not (ours and silent):
                terms.keep_terms_look(self.store.db, look)
        return ours


class TermsSpider(Spider):
    """Reads every portal's terms that are due and hands them to the night."""

    name = "checkterms"
    custom_settings: ClassVar[dict[str, Any]] = {"EXTENSIONS": {}, "ITEM_PIPELINES": {}}  # type: ignore[misc]
    """No run is recorded, no item kept. Delays, robots.txt, retries and proxies are those of a crawl."""

    def __init__(self, groups: Sequence[Sequence[DueTerms]], night: TermsNight, *, hosts: int, **kwargs: Any) -> None:
        """`groups`: the portals by host group; `hosts`: how many are asked in parallel."""
        super().__init__(**kwargs)
        self._groups = groups
        self._night = night
        self._side_by_side = asyncio.Semaphore(max(1, hosts))

    async def start(self) -> AsyncIterator[Any]:
        """Visit all hosts; nothing is scraped."""
        await asyncio.gather(*map(self._host, self._groups))
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # start() has to be a generator
            yield item

    async def _host(self, group: Sequence[DueTerms]) -> None:
        async with self._side_by_side:
            for due in group:
                try:
                    await self._in_turn(due)
                except Exception:
                    self.logger.exception("the terms of %s could not be read", due.portal.slug)
                    self._night.faults += 1

    async def _in_turn(self, due: DueTerms) -> None:
        """Read one portal's terms in its turn, unless that does not come in time."""
        if due.spider is None:
            raise RuntimeError("the command gives every portal that is due its spider")
        if self._is_over():
            self._night.left_out += 1
            return
        group, db = due.spider.host_group, self._night.store.db
        try:
            async with turn_at(db, group, due.portal.slug, "asked for its terms of use", is_over=self._is_over):
                await self._visit(due, due.spider)
        except HostHeldError:
            self._night.left_out += 1

    def _is_over(self) -> bool:
        return not self.crawler.crawling or self._night.stopped()

    async def _visit(self, due: DueTerms, spider: PortalSpider) -> None:
        """Read one portal's terms: where they are known to lie, else by the links of its home page."""
        visit = _Visit(self, due, spider)
        look = TermsLook(due.portal.id, due.portal.slug, self._night.at)
        try:
            address, read = await visit.terms()
        except PageError as error:
            self.logger.info("%s: %s: %s", due.portal.slug, visit.asked, error)
            await self._night.keep(due, replace(look, why=f"{error.verdict}: {plain(error)}", url=visit.asked), None)
            return
        if read is None:
            await self._night.keep(due, replace(look, why=NO_LINK, url=visit.asked), None)
            return
        text = _stored(due, address, read)
        await self._night.keep(due, replace(look, text=text.id, url=address.url), text)


@dataclass(slots=True)
class _Visit:
    """The requests that one portal's terms take."""

    night: TermsSpider
    due: DueTerms
    portal: PortalSpider
    asked: str = ""
    """Address that was asked last."""

    async def terms(self) -> tuple[KnownAddress, ReadTerms | None]:
        """The terms and where they lie; without a link to any: None. Raises the PageError of the last address."""
        known = self.due.known
        if known.url and self.portal.host_group.holds(known.url):
            try:
                return known, read_terms(await self._ask(known.url))
            except PageDriftedError as error:  # a wall, or no answer, is no reason to ask elsewhere
                self.night.logger.info("%s: %s: %s; trying its home page", self.due.portal.slug, known.url, error)
        home = await self._ask(self.portal.target.base_url + "/")
        walls.check_list(home, "html")
        failed: PageError | None = None
        for address in self._linked(home):
            try:
                return address, read_terms(await self._ask(address.url), home)
            except PageError as error:
                failed = error
        if failed is not None:
            raise failed
        return known, None

    def _linked(self, home: Response) -> list[KnownAddress]:
        """The best links of the home page on the portal's servers, those to the document known so far first."""
        inside = [link for link in links(home) if self.portal.host_group.holds(link.url)]
        inside.sort(key=lambda link: link.document != self.due.known.document)
        return [KnownAddress(one.url, one.document, one.text) for one in inside[: terms_policy().links]]

    async def _ask(self, url: str) -> Response:
        self.asked = url
        return await ask_page(self.night.crawler, self.portal.bound(Request(url, dont_filter=True)))


def _stored(due: DueTerms, address: KnownAddress, read: ReadTerms) -> TermsText:
    """The document of what was read; its id is the same for the same text of the same document."""
    portal = due.portal
    return TermsText(
        id=f"{portal.id}:{digest(canonical([address.document, read.hash]))}",
        portal=portal.id,
        slug=portal.slug,
        document=address.document,
        url=address.url,
        found=address.found,
        title=read.title,
        form=read.form,
        text=read.text,
        cut=read.cut,
        size=read.size,
        hash=read.hash,
    )
