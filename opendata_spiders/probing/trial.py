"""The trial (`scrapy crawlall --trial`): page one and one detail of every portal, and a report of the answers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from rich.markup import escape
from rich.table import Table
from scrapy import Spider

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.night import uplink
from opendata_spiders.pages import bodies
from opendata_spiders.probing.drift import Drift, drift
from opendata_spiders.probing.looks import PageResult, PortalLook, Standing, look_at

_COLOURS = {
    Standing.READS: "green",
    Standing.EMPTY: "cyan",
    Standing.MOVED: "yellow",
    Standing.DRIFTED: "magenta",
    Standing.WALLED: "red",
    Standing.DEAD: "bright_black",
    Standing.FAILED: "bold red",
}
_NO_ANSWER = frozenset({Standing.WALLED, Standing.DEAD, Standing.FAILED})
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Tried:
    """The result of one portal's trial; portal text in it holds no control characters."""

    portal: str
    """Slug."""
    family: str
    host: str
    """The host group."""
    standing: Standing
    part: str
    """The page that decided, `list` or `detail`; empty where both were read."""
    said: str
    """One English sentence."""
    missing: tuple[str, ...] = ()
    """Declared keys, selectors and labels that the page lacks, also where it could be read without them."""
    instead: tuple[str, ...] = ()
    """What the page has that is not declared."""
    nearest: str = ""
    """The family that a drifted page is nearest to."""
    record: str = ""
    """The command that keeps the answers as golden pages; empty where there is nothing to keep."""


def tried(look: PortalLook) -> Tried:
    """Judge one trial reading."""
    target, standing = look.spider.target, look.standing
    of_detail = look.detail is not None and look.detail.standing is not Standing.READS
    result: PageResult[Any] = look.detail if look.detail and of_detail else look.list
    found = Drift()
    if result.response is not None and standing in {Standing.READS, Standing.DRIFTED, Standing.WALLED}:
        found = drift(result.response, look.spider, of_detail=of_detail)
    reads = standing is Standing.READS
    return Tried(
        portal=target.slug,
        family=look.spider.family,
        host=target.host_group,
        standing=standing,
        part="" if reads else "detail" if of_detail else "list",
        said=_said(look, result),
        missing=() if standing is Standing.WALLED else found.missing,
        instead=() if reads or standing is Standing.WALLED else found.instead,
        nearest="" if reads else found.nearest,
        record=f"scrapy record {target.slug}" if standing in {Standing.READS, Standing.DRIFTED} else "",
    )


def _said(look: PortalLook, result: PageResult[Any]) -> str:
    if result.error is not None:
        return bodies.plain(result.error, _LONGEST)
    page = look.list.page
    if page is None or not page.rows:
        unkeyed = f", and {page.without_id} entries without an id" if page and page.without_id else ""
        return f"the list answers and holds no dataset{unkeyed}"
    declared = "an unsaid number" if page.declared is None else f"{page.declared:,}"
    said = f"{len(page.rows)} datasets on the first page of {declared}"
    return f"{said}, none with a title" if look.standing is Standing.DRIFTED else said


class TrialSpider(Spider):
    """Reads portals by host group: hosts in parallel, the portals of one host one after the other."""

    name = "trial"
    custom_settings: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "EXTENSIONS": {},
        "ITEM_PIPELINES": {},
        "LOG_LEVEL": "WARNING",
    }
    """No run is recorded, no item kept. Delays, robots.txt, retries and proxies are those of a crawl."""

    def __init__(
        self,
        groups: Sequence[Sequence[PortalSpider]],
        found: Callable[[PortalLook], None],
        *,
        hosts: int,
        stopped: Callable[[], bool] = lambda: False,
        **kwargs: Any,
    ) -> None:
        """`groups`: the portals by host group, `found` is called after each portal, `hosts`: how many in parallel.

        Once `stopped` says so no further portal is asked.
        """
        super().__init__(**kwargs)
        self._groups = groups
        self._found = found
        self._stopped = stopped
        self._side_by_side = asyncio.Semaphore(max(1, hosts))

    async def start(self) -> AsyncIterator[Any]:
        """Read every portal; nothing is scraped."""
        await asyncio.gather(*map(self._host, self._groups))
        nothing: tuple[Any, ...] = ()
        for item in nothing:  # start() has to be a generator
            yield item

    async def _host(self, group: Sequence[PortalSpider]) -> None:
        async with self._side_by_side:
            for portal in group:
                if not self._stopped():
                    self._found(await look_at(self.crawler, portal))


# --- the report -------------------------------------------------------------------------------------------------------


def uplink_suspect(portals: Sequence[Tried]) -> bool:
    """Whether most hosts gave no answer, which points to our own internet connection."""
    return uplink.is_suspect((one.host, one.standing in _NO_ANSWER) for one in portals)


def document(portals: Sequence[Tried], planned: Sequence[str]) -> Mapping[str, Any]:
    """The report as plain data; `planned`: slugs of the portals that were to be tried."""
    done = {one.portal for one in portals}
    return {
        "families": {family: dict(counts) for family, counts in sorted(_by_family(portals).items())},
        "portals": [asdict(one) for one in _ordered(portals)],
        "not_tried": [slug for slug in planned if slug not in done],
        "uplink_suspect": uplink_suspect(portals),
    }


def line(one: Tried) -> str:
    """One portal's result in one line, for a terminal."""
    return f"[{_COLOURS[one.standing]}]{one.standing:<8}[/] {one.portal} ({one.family}): {escape(one.said)}"


def family_table(portals: Sequence[Tried]) -> Table:
    """Count standings by family."""
    table = Table("family", *Standing, title="the trial by family")
    for family, counts in sorted(_by_family(portals).items()):
        table.add_row(family, *(str(counts[standing] or "") for standing in Standing))
    return table


def portal_table(portals: Sequence[Tried]) -> Table:
    """One row a portal: the best first, long cells folded."""
    table = Table(title="the trial by portal")
    for column in ("portal", "family", "standing", "what was seen", "next"):
        table.add_column(column, overflow="fold")
    for one in _ordered(portals):
        standing = f"[{_COLOURS[one.standing]}]{one.standing}[/]{f' ({one.part})' if one.part else ''}"
        table.add_row(one.portal, one.family, standing, escape(_details(one)), one.record)
    return table


def _details(one: Tried) -> str:
    parts = [one.said]
    parts += [f"missing: {', '.join(one.missing)}"] if one.missing else []
    parts += [f"instead: {', '.join(one.instead)}"] if one.instead else []
    parts += [f"nearest family: {one.nearest}"] if one.nearest else []
    return "\n".join(parts)


def _by_family(portals: Sequence[Tried]) -> Mapping[str, Counter[Standing]]:
    counts: dict[str, Counter[Standing]] = {}
    for one in portals:
        counts.setdefault(one.family, Counter())[one.standing] += 1
    return counts


def _ordered(portals: Sequence[Tried]) -> list[Tried]:
    rank = {standing: place for place, standing in enumerate(Standing)}
    return sorted(portals, key=lambda one: (rank[one.standing], one.family, one.portal))
