"""Asks the national register, one question after the other, and stores each answer as it comes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from scrapy import Request, Spider
from scrapy.http import Response

from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.fetching.host_turn import turn_at
from opendata_spiders.national.interface import Entries, NationalInterface, Platform
from opendata_spiders.national.plan import MissingDataset, NationalPlan, platform_of
from opendata_spiders.pages import walls
from opendata_spiders.pages.contract import PageError
from opendata_spiders.policy import policy
from opendata_spiders.store import national
from opendata_spiders.store.connect import Store
from opendata_spiders.store.errors import HostHeldError
from opendata_spiders.store.national import NationalLook, NationalTotal, NationalTotals, RegisteredAs

Answer = TypeVar("Answer")


@dataclass(slots=True)
class NationalNight:
    """The results of one night's questions."""

    store: Store
    at: datetime
    """Domain time."""
    totals: NationalTotals | None = None
    looks: list[NationalLook] = field(default_factory=list)
    trouble: str = ""
    """Why the last unanswered question was not answered."""
    faults: int = 0
    """Errors on our side."""


class NationalSpider(Spider):
    """Asks what is planned; stops after several questions in a row without an answer."""

    name = "checknational"
    custom_settings: ClassVar[dict[str, Any]] = {"EXTENSIONS": {}, "ITEM_PIPELINES": {}}  # type: ignore[misc]
    """No run is recorded, no item kept. Delays, robots.txt, retries and proxies are those of a crawl."""

    def __init__(self, interface: NationalInterface, plan: NationalPlan, night: NationalNight, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._interface = interface
        self._plan = plan
        self._night = night
        self._failures = 0

    async def start(self) -> AsyncIterator[Any]:
        """Ask, in our turn; nothing is scraped."""
        asked, db = self._interface, self._night.store.db
        try:
            async with turn_at(db, asked.group, asked.slug, "asked", is_over=lambda: not self.crawler.crawling):
                await self._questions()
        except HostHeldError as error:
            self._night.trouble = str(error)
        except Exception:
            self.logger.exception("the national register could not be read")
            self._night.faults += 1
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # start() has to be a generator
            yield item

    async def _questions(self) -> None:
        platforms = await self._totals() if self._plan.totals else self._plan.platforms
        for missing in self._plan.missing if platforms else ():
            if self._given_up:
                break
            await self._search(missing, platforms)

    @property
    def _given_up(self) -> bool:
        return self._failures >= policy().same_failure_stop

    async def _totals(self) -> Sequence[Platform]:
        """Read the totals of every platform and kind; return the platforms, those of the plan if none is named.

        Incomplete totals are not stored: they are due again the next night.
        """
        platforms, _ = await self._ask(self._interface.platforms_request(), self._interface.parse_platforms)
        if not platforms:
            return self._plan.platforms
        totals = [await self._total(platform, kind) for platform in platforms for kind in RegisteredAs]
        if self._given_up:
            return platforms
        name = f"national-{self._night.at:%Y%m%dT%H%M%SZ}"
        self._night.totals = NationalTotals(name, self._night.at, tuple(totals))
        await asyncio.to_thread(national.keep_totals, self._night.store.db, self._night.totals)
        return platforms

    async def _total(self, platform: Platform, kind: RegisteredAs) -> NationalTotal:
        request = self._interface.entries_request(platform.province, kind)
        found, why = (None, "") if self._given_up else await self._ask(request, self._interface.parse_entries)
        return NationalTotal(platform.province, platform.name, int(kind), found.total if found else None, why)

    async def _search(self, missing: MissingDataset, platforms: Sequence[Platform]) -> None:
        """Search for a title among the open data and the products of its province, and store the answers."""
        platform = platform_of(missing.province, platforms)
        found, why, url, products = None, "no_platform", "", None
        if platform is not None:
            found, why, url = await self._named(missing, platform, RegisteredAs.OPEN)
            products, why_none, url = await self._named(missing, platform, RegisteredAs.PRODUCT)
            why = why or why_none
        look = NationalLook(
            id=f"{missing.portal.id}/{missing.id}@{self._night.at:%Y%m%dT%H%M%SZ}",
            portal=missing.portal.id,
            dataset=missing.id,
            title=missing.title,
            at=self._night.at,
            entries=found.total if found else None,
            codes=found.codes if found else (),
            products=products.total if products else None,
            product_codes=products.codes if products else (),
            why=why,
            url=url,
        )
        await asyncio.to_thread(national.keep_look, self._night.store.db, look)
        self._night.looks.append(look)

    async def _named(
        self, missing: MissingDataset, platform: Platform, kind: RegisteredAs
    ) -> tuple[Entries | None, str, str]:
        """Search for a title among the entries of one kind; return them, the verdict of a failure, and the address."""

        def parse(response: Response) -> Entries:
            return self._interface.parse_entries(response, missing.title)

        request = self._interface.entries_request(platform.province, kind, missing.title)
        return *(await self._ask(request, parse)), request.url

    async def _ask(self, request: Request, parse: Callable[[Response], Answer]) -> tuple[Answer | None, str]:
        """Ask one question; return the answer, or None and the verdict of the failure."""
        try:
            response = await ask_page(self.crawler, request)
            walls.check_list(response, "json")
            answer = parse(response)
        except PageError as error:
            self.logger.info("%s: %s", request.url, error)
            self._failures += 1
            self._night.trouble = f"{error.verdict}: {error}"
            return None, str(error.verdict)
        self._failures = 0
        return answer, ""
