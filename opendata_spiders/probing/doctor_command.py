"""`scrapy doctor`: one request to each host, and what its answer means. `python -m alerts doctor` calls it."""

import argparse
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from rich.console import Console
from rich.table import Table
from scrapy import Spider
from scrapy.commands import ScrapyCommand

from opendata_spiders.browser.installed import INSTALL, version
from opendata_spiders.command import process_of, wrong_use
from opendata_spiders.command_run import check_access, portal_spider
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.exits import Exit
from opendata_spiders.fetching.permissions import allowed_passes
from opendata_spiders.pages.contract import PageMovedError
from opendata_spiders.probing.looks import look_at
from opendata_spiders.register import RegisterError, load
from opendata_spiders.safe_json import safe_json
from opendata_spiders.store.models import Verdict

_SAYS = {
    Verdict.BLOCKED: (
        "blocked",
        "ours to solve: try from a line in China, or set a proxy for the host group (PROXIES)",
    ),
    Verdict.UNREACHABLE: (
        "unreachable",
        "not answering from here; many hosts answer inside China only: try a proxy (PROXIES)",
    ),
    Verdict.DRIFTED: ("answers, but differently", "the software may have changed: compare with the family's recipe"),
    Verdict.FAILED: ("our fault", "a parser stumbled: see the log"),
}

_FINE = frozenset({"answers", "found"})
_MOVED = "open the address in a browser: if the portal has moved there, change its register row"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one host answered to one request; also whether this machine has what is needed."""

    host: str
    slug: str
    says: str
    detail: str
    next_step: str


class DoctorSpider(Spider):
    """Requests the first list page of each portal."""

    name = "doctor"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "ROBOTSTXT_OBEY": False,  # robots.txt would be a second request to each host
        "RETRY_ENABLED": False,
        "LOG_LEVEL": "ERROR",
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
    }
    """No crawl: no retries, nothing stored or compared."""

    def __init__(self, portals: Sequence[PortalSpider], found: list[Diagnosis], **kwargs: Any) -> None:
        """`found` takes the diagnoses."""
        super().__init__(**kwargs)
        self._portals = portals
        self._found = found

    async def start(self) -> AsyncIterator[Any]:
        """Examine one portal after the other; each has another host, so no delay is due between them."""
        for portal in self._portals:
            self._found.append(await self._examine(portal))
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # an examination scrapes nothing, but start() has to be a generator
            yield item

    async def _examine(self, portal: PortalSpider) -> Diagnosis:
        seen = (await look_at(self.crawler, portal, details=False)).list
        if isinstance(seen.error, PageMovedError):
            return Diagnosis(portal.target.host_group, portal.target.slug, "moved", str(seen.error)[:200], _MOVED)
        if seen.page is None:
            says, step = _SAYS.get(seen.error.verdict if seen.error else Verdict.FAILED, _SAYS[Verdict.DRIFTED])
            return Diagnosis(portal.target.host_group, portal.target.slug, says, str(seen.error)[:200], step)
        page = seen.page
        declared = "an unsaid number" if page.declared is None else f"{page.declared:,}"
        said = f"{len(page.rows)} datasets on the first page of {declared}"
        return Diagnosis(portal.target.host_group, portal.target.slug, "answers", said, "nothing to do")


def run(command: ScrapyCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Examine the named portals, or one portal of every host group."""
    check_access(command)
    found: list[Diagnosis] = []
    asked = [portal_spider(command, slug, opts.base_url) for slug in _named(args) or _one_a_host()]
    made = [one for one in asked if one]
    if any(one.needs_browser or one.target.host_group in allowed_passes() for one in made):
        found.append(_browser())
    process_of(command).crawl(DoctorSpider, portals=made, found=found)
    process_of(command).start()
    if opts.json:
        print(safe_json([asdict(one) for one in found]))
    else:
        Console().print(_table(found))
    command.exitcode = Exit.DONE if found and all(one.says in _FINE for one in found) else Exit.FAILED


def _named(words: Sequence[str]) -> list[str]:
    """Slugs of the portals that the words name, as in every command; an unknown name is wrong use."""
    with wrong_use(RegisterError):
        return [portal.slug for portal in load().select(",".join(words))] if words else []


def _one_a_host() -> list[str]:
    hosts: dict[str, str] = {}
    for portal in load().crawlable():
        hosts.setdefault(portal.host_group, portal.slug)
    return list(hosts.values())


def _browser() -> Diagnosis:
    """Whether the Chromium that some of the portals need is here."""
    found = version()
    if found is None:
        return Diagnosis("this machine", "", "Chromium is missing", "some of these portals are read in it", INSTALL)
    return Diagnosis("this machine", "", "found", found, "nothing to do")


def _table(found: Sequence[Diagnosis]) -> Table:
    table = Table()
    for column in ("host", "portal", "says", "detail", "next step"):
        table.add_column(column, overflow="fold")
    for one in found:
        colour = "green" if one.says in _FINE else "red"
        table.add_row(one.host, one.slug, f"[{colour}]{one.says}[/]", one.detail, one.next_step)
    return table
