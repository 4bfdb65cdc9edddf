"""One attempt to mend one portal: watch its page, prove a new mapping by the last reading, draft it, try the draft."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy import Spider

from opendata_spiders.declared import DeclaredFamily, JsonList
from opendata_spiders.healing.agreement import Terms
from opendata_spiders.healing.attempt import Attempt, NotHealedError
from opendata_spiders.healing.declaration import DraftFamily, OldFamily, ProvenList
from opendata_spiders.healing.details import old_details_hold, proven_details
from opendata_spiders.healing.draft_folder import DraftFolder
from opendata_spiders.healing.last_reading import LastReading
from opendata_spiders.healing.paging import PagedList, paged
from opendata_spiders.healing.policy import healing_policy
from opendata_spiders.healing.proof import IdProof, Proof, prove, prove_id
from opendata_spiders.healing.report import report
from opendata_spiders.healing.trying import Trial, try_draft
from opendata_spiders.healing.watched_calls import NotReplayableError
from opendata_spiders.healing.watching import PageWithLists, watch
from opendata_spiders.loader import RegisterSpiderLoader
from opendata_spiders.pages.bodies import native_id
from opendata_spiders.pages.contract import PageError
from opendata_spiders.policy import policy
from opendata_spiders.probing.looks import Standing, look_at
from opendata_spiders.probing.recording import NotRecordedError, record
from opendata_spiders.store.fields import fields

_LISTS_TRIED = 3


@dataclass(frozen=True, slots=True)
class Healed:
    """A draft that was written and tried."""

    draft: DraftFamily
    trial: Trial
    folder: Path
    requests: int = 0


@dataclass(frozen=True, slots=True)
class StillReads:
    """The portal answers as its family declares: there is nothing to mend."""


@dataclass(frozen=True, slots=True)
class HealingOrder:
    """What is to be mended, by what, and where the draft goes."""

    portal: DeclaredFamily
    reading: LastReading
    loader: RegisterSpiderLoader
    url: str
    """The page to watch; '' for those that the family names."""
    out: Path
    now: datetime


HealingResult = Healed | StillReads | NotHealedError | PageError


class HealSpider(Spider):
    """Attempts to mend one portal; nothing is scraped and no run recorded."""

    name = "heal"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
        "LOG_LEVEL": "WARNING",
    }

    def __init__(self, order: HealingOrder, found: Callable[[HealingResult], None], **kwargs: Any) -> None:
        """`found` is called with the result."""
        super().__init__(**kwargs)
        self._order, self._found = order, found
        self._portal, self._reading = order.portal, order.reading
        self._folder = DraftFolder(order.out)

    @property
    def _attempt(self) -> Attempt:
        portal = self._portal
        terms = Terms(
            f"{portal.family}/{portal.target.slug}", portal.target.timezone, self._order.now, self._reading.at
        )
        return Attempt(self.crawler, portal, self._reading, terms, healing_policy())

    async def start(self) -> AsyncIterator[Any]:
        """Attempt it; nothing is scraped."""
        try:
            self._found(await self._heal())
        except (NotHealedError, PageError) as error:
            self._found(error)
        except Exception as error:
            self.logger.exception("the attempt on %s failed", self._portal.name)
            self._found(PageError(f"a fault of this program ({type(error).__name__}), see the log; please report it"))
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # start() has to be a generator
            yield item

    async def _heal(self) -> HealingResult:
        if await self._still_reads():
            return StillReads()
        attempt = self._attempt
        page = await watch(attempt, self._pages())
        listed = await self._listed(attempt, page)
        matches = listed.found.matches
        proof = prove(matches, tuple(fields()), attempt.terms, attempt.policy)
        id_proof = prove_id(listed.found, page.links.addresses, attempt.policy)
        if id_proof is None:
            raise NotHealedError("no path of its entries is proven to be the id: none is filled and nowhere the same")
        ids = {one.known.id: native_id(one.leaves.get(id_proof.path)) for one in matches}
        draft = DraftFamily(
            old=self._old(),
            slug=self._portal.target.slug,
            watched=urlsplit(page.url).path or "/",
            list=_proven_list(listed, proof, id_proof),
            human_page=page.links.human_page(
                [(one.known, ids[one.known.id]) for one in matches], self._portal.base_url
            ),
            home_marks=tuple(mark for mark in self._portal.home_marks if mark in page.html),
        )
        if id_proof.survives and await old_details_hold(attempt, matches):
            kept = await self._tried(attempt, replace(draft, keeps_details=True))
            if not kept.trial.fault:
                return self._laid_out(kept)
        if self._portal.has_details or proof.unproven:
            draft = replace(draft, details=await proven_details(attempt, matches, ids, page.links))
        if "title" not in draft.proven:
            why = proof.unproven.get("title", "no path shows them")
            raise NotHealedError(f"no path is proven to show the titles: {why}")
        tried = await self._tried(attempt, draft)
        if tried.trial.fault:
            raise NotHealedError(f"the draft does not work: {tried.trial.fault} (see {self._folder.path})")
        return self._laid_out(tried)

    async def _still_reads(self) -> bool:
        """Whether the portal answers as declared, with every field that its last trusted reading filled."""
        look = await look_at(self.crawler, self._portal)
        if look.standing is not Standing.READS or look.list.page is None:
            return False
        rows = [row.values for row in look.list.page.rows]
        filled = {name for name, share in self._reading.run.fill.items() if share >= policy().fill_was}
        return all(
            any(row.get(name) not in (None, "", []) for row in rows) for name in filled & {*self._portal.list_fields}
        )

    def _pages(self) -> Sequence[str]:
        """The pages to watch: the one that was named, else the one that made the old call, and the home page."""
        if self._order.url:
            return [self._order.url]
        site = self._portal.site
        referer = getattr(self._portal, "list_call", None)
        paths = [referer.referer.format(context=site.context, front=site.front)] if referer else []
        return list(dict.fromkeys(f"{site.base}{path}" for path in [*filter(None, paths), site.front or "/", "/"]))

    async def _listed(self, attempt: Attempt, page: PageWithLists) -> PagedList:
        """The first list of the page that can be asked for page by page."""
        said = ""
        for watched in page.lists[:_LISTS_TRIED]:
            try:
                found = await paged(attempt, watched)
            except (NotReplayableError, PageError) as error:
                said = said or str(error)
                continue
            count, least = len(found.found.matches), attempt.policy.matched_least
            if count >= least:
                return found
            said = (
                f"{count} of the {len(found.found.entries)} entries on {found.pages_read} pages are datasets of the "
                f"last reading, {least} are needed"
            )
        raise NotHealedError(f"the list that the page loads cannot be used: {said}")

    def _old(self) -> OldFamily:
        portal = self._portal
        base = self._order.loader.families[portal.family]
        human_page = str(getattr(portal, "human_page", ""))
        return OldFamily(
            portal.family, base.__name__, portal.id_rule, portal.detail_fields, human_page, portal.dates_in_details
        )

    async def _tried(self, attempt: Attempt, draft: DraftFamily) -> Healed:
        """Write the module of a draft, read with it, and report on it, whether or not it works."""
        now, portal = self._order.now, self._portal.portal
        made = self._folder.write_module(draft, now)
        if portal is not None:
            made = self._order.loader.spider_class(replace(portal, family=draft.family), made)
        trial = await try_draft(attempt, made(**self._arguments()))
        self._folder.write_report(report(draft, trial, self._reading, now))
        return Healed(draft, trial, self._folder.path)

    def _laid_out(self, healed: Healed) -> Healed:
        """Write what belongs to a draft that works: row, codes, requests, and golden pages of what it read."""
        now, draft, look = self._order.now, healed.draft, healed.trial.look
        requests = {"": look.spider.list_request(look.spider.first_page)}
        if look.id:
            requests[look.id] = look.spider.detail_request(look.id)
        self._folder.write_row(draft, self._portal, now)
        self._folder.write_codes(draft, self._reading, self._portal)
        self._folder.write_asked(draft, self._portal, requests)
        self._folder.write_refused(draft, requests, now)
        try:
            list(record(look, self._folder.fixtures, now))
        except NotRecordedError as error:
            self.logger.warning("no golden pages: %s", error)
        return replace(healed, requests=self._requests)

    def _arguments(self) -> dict[str, str]:
        target = self._portal.target
        return {"base_url": target.base_url} | ({} if self._portal.portal else {"slug": target.slug})

    @property
    def _requests(self) -> int:
        stats = self.crawler.stats
        return int(stats.get_value("downloader/request_count", 0)) if stats else 0


def _proven_list(listed: PagedList, proof: Proof, id_proof: IdProof) -> ProvenList:
    page = JsonList(
        rows=listed.place.rows,
        id=id_proof.path,
        keys=dict(proof.keys),
        totals=(listed.total,) if listed.total else (),
        inside=listed.place.inside,
    )
    return ProvenList(listed.call, page, listed.page_size, listed.first_page, proof, id_proof, listed.total_said)
