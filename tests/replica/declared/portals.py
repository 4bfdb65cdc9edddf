"""The portals of declared families on their hosts: only requests that the family itself sends are recognised."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from urllib.parse import parse_qsl, quote, urlsplit

from scrapy import Request as SpiderRequest
from scrapy.settings import Settings

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.declared import DeclaredFamily, HtmlList, LinkedPages
from opendata_spiders.declared.parted_lists import INDEX, PartedFamily
from opendata_spiders.loader import RegisterSpiderLoader
from opendata_spiders.register import Portal
from tests.replica import wire
from tests.replica.declared.fields import values_of
from tests.replica.declared.pages import detail_text, list_text, preview_text
from tests.replica.declared.patterns import spell
from tests.replica.listing import Listing
from tests.replica.records import Record
from tests.replica.sheets import Ids, PortalSpec
from tests.replica.wire import Ask, Reply, Request
from tests.replica.world import World

EVERYBODY = ""
"""Stands for a portal where a request names no tenant: the list of the whole host."""
UNPAGED = 10**6
"""Rows of a page that holds the whole list."""
_PAST_END = 60
"""Pages past the end of a list that are recognised and answered empty."""
_LOCKS = {
    "wuhu_datagovops": lambda body: json.dumps(body, ensure_ascii=False),
    "jincheng_directory": lambda body: json.dumps({"jsonStr": body}, ensure_ascii=False),
    "xianning_json": lambda body: json.dumps(json.loads(body).get("rows", {}), ensure_ascii=False),
}
"""Encodes a body for families whose bodies are encoded or encrypted (those that override `answer`)."""
Key = tuple[str, str, frozenset[tuple[str, str]], bytes]
"""A request without its host: method, path, query, body."""


class NotPlayedError(ValueError):
    """Raised for a portal that the replica cannot simulate; the message says what is missing."""


class DeclaredHost:
    """The portals of one host, which share a family."""

    def __init__(self, world: World, slugs: Iterable[str]) -> None:
        self._world = world
        self.slugs = tuple(slugs)
        self._spiders = {slug: spider_of(slug) for slug in self.slugs}
        self._routes: dict[tuple[int, int], Mapping[Key, Ask]] = {}
        """By night and length of the script, to which incidents may be added at any time."""

    @cached_property
    def _any(self) -> DeclaredFamily:
        return next(iter(self._spiders.values()))

    def understand(self, request: Request, path: str, night: int) -> Ask | Reply:
        """Return what is asked; an unknown request gets its 404."""
        if request.method == "GET" and path in ("", "/"):
            return Ask(self.slugs[0], "home")
        key = request.method, path, frozenset(request.query.items()), request.body
        state = night, sum(len(self._world.scripted(slug)) for slug in self.slugs)
        if state not in self._routes:
            self._routes[state] = dict(self._all_routes(night))
        return self._routes[state].get(key) or wire.not_found()

    def home(self) -> Reply:
        return wire.html(f"<!DOCTYPE html><html><body>{' '.join(self._any.home_marks)}</body></html>")

    def list_page(self, page: Listing, slug: str, *, redesigned: bool) -> Reply:
        spider = self._spiders.get(slug, self._any)
        if page.missing:
            return wire.not_found()
        if redesigned:
            return self._reply(spider, spider.body_kind, _REDESIGNED[spider.body_kind])
        shown = [(record.id, values_of(record, _family(spider))) for record in page.rows]
        return self._reply(
            spider, spider.body_kind, list_text(spider.list_page, shown, page.total, page_length(spider))
        )

    def parts_page(self, slug: str, *, redesigned: bool) -> Reply:
        """Name the parts of a list as its declaration finds them."""
        spider = self._spiders.get(slug, self._any)
        if redesigned:
            return wire.html(_REDESIGNED["html"])
        return wire.html("\n".join(f"<a {spell(spider.parts_pattern, {1: part})}></a>" for part in parts_of(spider)))

    def part(self, rows: Sequence[Record], ask: Ask) -> Sequence[Record]:
        """Return the rows of the part that is asked for: every dataset stands in one."""
        parts = parts_of(self._spiders.get(ask.slug, self._any))
        return rows[parts.index(ask.filters["part"]) :: len(parts)] if parts else rows

    def detail_page(self, record: Record | None, slug: str, *, redesigned: bool) -> Reply:
        spider = self._spiders.get(slug, self._any)
        if record is None or not record.opens or spider.detail_page is None:
            return wire.not_found()
        if redesigned:
            return self._reply(spider, spider.detail_kind, _REDESIGNED[spider.detail_kind])
        text = detail_text(spider.detail_page, (record.id, values_of(record, _family(spider))))
        return self._reply(spider, spider.detail_kind, text)

    def preview_page(self, record: Record | None, slug: str, part: int) -> Reply:
        """Answer the `part`-th of the calls that show a dataset's table."""
        if record is None or not record.opens:
            return wire.not_found()
        _, table = self._spiders.get(slug, self._any).previews[part]
        return wire.json(preview_text(table, record.columns, record.rows))

    def _reply(self, spider: DeclaredFamily, kind: str, text: str) -> Reply:
        locked = _LOCKS.get(spider.family, str)(text)
        return _SENT[kind](locked)

    def _all_routes(self, night: int) -> Iterable[tuple[Key, Ask]]:
        """Every recognised request; those of the whole host first, so that equal ones of a portal replace them."""
        most = len(self._world.listed_by(self.slugs, night))
        for slug, spider in {EVERYBODY: self._any.of_whole_host(), **self._spiders}.items():
            yield from _list_routes(spider, slug, most)
        for slug in sorted(self._spiders, key=lambda slug: bool(self._world.portals[slug].division)):
            spider = self._spiders[slug]
            for record in self._world.night(slug, night):
                if spider.can_look:
                    yield key_of(spider.detail_request(record.id)), Ask(slug, "detail", id=record.id)
                for part, request in enumerate(spider.preview_requests(record.id)):
                    yield key_of(request), Ask(slug, "preview", part, id=record.id)


def _list_routes(spider: DeclaredFamily, slug: str, most: int) -> Iterable[tuple[Key, Ask]]:
    """The pages of a list of at most so many datasets; where it is cut into parts those of each, and what names them."""
    size = page_length(spider)
    pages = -(-most // size) + _PAST_END
    for part in parts_of(spider) or (INDEX,):
        for page in range(pages, 0, -1):  # a request that names no page is one for the first
            key = key_of(_page_request(spider, part, page - 1 + spider.first_page))
            yield key, Ask(slug, "list", page, size, filters={"part": part})
    if isinstance(spider, PartedFamily) and spider.parts_call:
        yield key_of(spider.part_request(INDEX, spider.first_page)), Ask(slug, "parts")


def _page_request(spider: DeclaredFamily, part: str, page: int) -> SpiderRequest:
    return spider.part_request(part, page) if isinstance(spider, PartedFamily) else spider.list_request(page)


def page_length(spider: DeclaredFamily) -> int:
    """Rows of a page: all where pages have no addresses of their own; ten where the family does not know (it says 1)."""
    part = next(iter(parts_of(spider)), INDEX)
    first, second = (key_of(_page_request(spider, part, spider.first_page + page)) for page in range(2))
    if first == second:
        return UNPAGED
    return spider.page_size if spider.page_size > 1 else 10


def parts_of(spider: DeclaredFamily) -> Sequence[str]:
    """The parts that a list is cut into; none for one that is whole."""
    if not isinstance(spider, PartedFamily):
        return ()
    return spider.named_parts or ("101", "102")


_SENT = {"json": wire.json, "html": wire.html, "xml": wire.xml}
"""Kind of a body to the answer that holds it."""
_REDESIGNED = {
    "json": '{"ok": true, "payload": {"count": 0}}',
    "html": '<!DOCTYPE html><html lang="zh-CN"><body><main class="resource-list"></main></body></html>',
    "xml": "<Catalogue><entries/></Catalogue>",
}


def key_of(request: SpiderRequest) -> Key:
    parts = urlsplit(request.url)
    return request.method, parts.path, frozenset(parse_qsl(parts.query, keep_blank_values=True)), request.body


@cache
def _loader() -> RegisterSpiderLoader:
    return RegisterSpiderLoader(Settings())


def spider_of(slug: str) -> DeclaredFamily:
    """Return the spider of a registered portal; raise NotPlayedError for one without a usable declaration."""
    portal = _loader().register.get(slug)
    try:
        made = _loader().spider_class(portal)
    except KeyError:
        raise NotPlayedError(f"{slug} runs {portal.family}, which is not played: the family has no module") from None
    if not issubclass(made, DeclaredFamily):
        raise NotPlayedError(f"{slug} runs {made.family}, which is not declared: write a module that plays it")
    if made.answer is not DeclaredFamily.answer and made.family not in _LOCKS:
        raise NotPlayedError(f"{made.family} unlocks its bodies: say in {__name__} how the portal locks them")
    return made(base_url="http://127.0.0.1:1")


def ids_of(spider: PortalSpider) -> Ids:
    """Return the form of ids that the declaration of a portal can read."""
    page = getattr(spider, "list_page", None)
    if isinstance(spider, LinkedPages):
        return Ids.PATH
    if isinstance(page, HtmlList) and r"\d" in page.id_pattern:
        return Ids.DIGITS
    return Ids.PAIR if page is not None and "join('/'" in page.id else Ids.HEX


def declared_spec(portal: Portal, **more: object) -> PortalSpec:
    """Return the spec of a registered portal of a declared family; raise NotPlayedError where it cannot be simulated."""
    spider = spider_of(portal.slug)
    return PortalSpec(
        slug=portal.slug, family=portal.family, short_zh=portal.short_zh or portal.slug,
        adcode=portal.government or "000000", host=portal.base_url, ids=ids_of(spider),
        division="&".join(f"{key}={quote(value)}" for key, value in portal.tenant.items()), **more,
    )  # fmt: skip


def _family(spider: PortalSpider) -> str:
    return f"{spider.family}/{spider.target.slug}"
