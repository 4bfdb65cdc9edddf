"""Asks candidate addresses: what answers there, whose software it is, and which command would add it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.discovery.candidates import Candidate, Suspect
from opendata_spiders.discovery.policy import discovery_policy
from opendata_spiders.fetching.addresses import host_group, is_local, place_of
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.fetching.redirects import led_away, within
from opendata_spiders.pages import walls
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import PageError, PageMissingError, PageMovedError
from opendata_spiders.probing.homes import Recognised, government_of, recognise
from opendata_spiders.probing.looks import PageResult, Standing
from opendata_spiders.probing.proposal import command_of, proposed_row, sentence
from opendata_spiders.register import Government, Register

_LONGEST = 200
_GIVEN: Mapping[str, str] = {"tenant": "", "old_tls": "no"}


@dataclass(frozen=True, slots=True)
class AddressLook:
    """What answered at one address; portal text in it holds no control characters."""

    address: str
    why: str
    """Why it was asked: who names it, which portals are spelled alike, or which address leads there."""
    standing: Standing
    """`reads` for software that was recognised, `drifted` for unknown software."""
    said: str
    family: str = ""
    confirmed: bool = False
    """Whether the list was read, too."""
    leads_to: str = ""
    """Where the address sends its readers, of one that has moved."""
    command: str = ""
    """What writes the register row; a person runs it. Empty where nothing can be proposed."""

    @property
    def answers(self) -> bool:
        """Whether anything answered, a wall included."""
        return self.standing not in (Standing.DEAD, Standing.FAILED)


@dataclass(frozen=True, slots=True)
class Searched:
    """One government whose addresses were asked."""

    adcode: str
    name: str
    at: str
    """When, as ISO 8601 in UTC."""
    requests: int
    looks: tuple[AddressLook, ...]


Search = tuple[Government, Sequence[Candidate]]


class DiscoverySpider(Spider):
    """Searches governments one beside the other; each host is asked once, at the pace of a crawl."""

    name = "discover"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
        "LOG_LEVEL": "WARNING",
        "RETRY_ENABLED": False,
    }
    """No run is recorded. Delays, robots.txt and proxies are those of a crawl; nothing is asked twice."""

    def __init__(  # noqa: PLR0913 -- all of it keyword-only
        self,
        *,
        searches: Sequence[Search],
        register: Register,
        families: Mapping[str, type[PortalSpider]],
        found: Callable[[Searched], None],
        now: Callable[[], datetime],
        budget: int,
        side_by_side: int,
        stopped: Callable[[], bool],
        **kwargs: Any,
    ) -> None:
        """`found` is called after each government; none is begun once `budget` requests were sent, or `stopped`."""
        super().__init__(**kwargs)
        self._searches, self._register, self._families = searches, register, families
        self._found, self._now, self._budget, self._stopped = found, now, budget, stopped
        self._side_by_side = asyncio.Semaphore(max(1, side_by_side))
        self._asked: Counter[str] = Counter()
        """Requests by host and port."""
        self._answers: dict[str, asyncio.Task[Recognised | PageError]] = {}
        """By address: governments may have the same initials."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Count every request that is sent, robots.txt included."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.count, signal=signals.request_reached_downloader)
        return spider

    def count(self, request: Request) -> None:
        """Count a request."""
        self._asked[urlsplit(request.url).netloc] += 1

    async def start(self) -> AsyncIterator[Any]:
        """Search; nothing is scraped."""
        await asyncio.gather(*(self._search(*one) for one in self._searches))
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # start() has to be a generator
            yield item

    async def _search(self, government: Government, candidates: Sequence[Candidate]) -> None:
        async with self._side_by_side:
            if self._asked.total() >= self._budget or self._stopped():
                return
            looks, waiting = list[AddressLook](), list(candidates)
            addresses, hosts = {one.address for one in candidates}, {one.host for one in candidates}
            while waiting and self._requests(looks) < discovery_policy().government_requests:
                look = await self._look(government, waiting.pop(0))
                looks.append(look)
                if look.family:
                    break
                target = Candidate(look.leads_to, f"{look.address} sends its readers there")
                if look.leads_to and look.address in addresses and target.host not in hosts:  # one step, no further
                    hosts.add(target.host)
                    waiting.insert(0, target)
            at = self._now().isoformat(timespec="seconds")
            requests = self._requests(looks)
            self._found(Searched(government.adcode, government.name_zh, at, requests, tuple(looks)))

    def _requests(self, looks: Sequence[AddressLook]) -> int:
        return sum(self._asked[urlsplit(one.address).netloc] for one in looks)

    async def _look(self, government: Government, candidate: Candidate) -> AddressLook:
        if candidate.address not in self._answers:
            self._answers[candidate.address] = asyncio.ensure_future(self._answer(candidate))
        answer = await self._answers[candidate.address]
        if isinstance(answer, PageError):
            standing: Standing = PageResult(error=answer).standing
            said = plain(answer, _LONGEST)
            return AddressLook(candidate.address, candidate.why, standing, said, leads_to=_target(answer))
        return self._recognised(government, candidate, answer)

    def _recognised(self, government: Government, candidate: Candidate, found: Recognised) -> AddressLook:
        """Propose a row, unless the page is another government's or stands in the register."""
        said = "; ".join((sentence(found), *found.home.seen[:1]))
        standing = Standing.READS if found.family else Standing.DRIFTED
        names = government_of(self._register, found.home)
        known = [one.slug for one in self._register.portals.values() if one.base_url == found.home.base_url]
        if known:
            said += f"; in the register as {', '.join(known)}"
        elif names is not None and names != government:
            said += f"; it seems to be of {names.name_zh}, not of {government.name_zh}"
        elif found.family:
            command = command_of(proposed_row(found, self._register, _GIVEN, government))
            confirmed = found.is_confirmed
            return AddressLook(candidate.address, candidate.why, standing, said, found.family, confirmed, "", command)
        return AddressLook(candidate.address, candidate.why, Standing.DRIFTED, said)

    async def _answer(self, candidate: Candidate) -> Recognised | PageError:
        """Ask one address: its home page, then the list as the software does that the page, or the pattern, tells."""
        try:
            group = host_group(candidate.host, candidate.address)
            response = await ask_page(self.crawler, within(Request(candidate.address, dont_filter=True), group))
            self._check(response)
            found = await recognise(self.crawler, response, self._families, (), {})
            for suspect in () if found.home.families else candidate.suspects:
                if found.is_confirmed:
                    break
                found = await self._suspected(response, suspect)
        except PageError as error:
            return error
        except Exception as error:  # an address that makes us stumble does not end the search of the others
            self.logger.exception("%s could not be asked", candidate.address)
            return PageError(f"our own fault: {type(error).__name__}")
        return found

    def _check(self, response: Response) -> None:
        """Raise the PageError that a home page amounts to; one that is missing may have its software elsewhere."""
        try:
            walls.check_list(response, "html")
        except PageMissingError:
            return
        if target := led_away(response):
            raise PageMovedError(f"its page sends its readers to {plain(target, _LONGEST)}", target)

    async def _suspected(self, response: Response, suspect: Suspect) -> Recognised:
        given = {"context_path": suspect.context_path} if suspect.context_path else {}
        return await recognise(self.crawler, response, self._families, (suspect.family,), given)


def _target(error: PageError) -> str:
    """Where a portal has moved to, if that is an address of the public network; else empty."""
    target = error.target if isinstance(error, PageMovedError) else ""
    place = place_of(target)
    return target if place and not is_local(place[0]) and len(target) <= _LONGEST and target.isprintable() else ""
