"""Recognises a portal's software and its version from a home page, confirmed by page one of the list."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from parsel import Selector
from scrapy.crawler import Crawler
from scrapy.http import Response

from opendata_spiders.crawl.recognise import fits
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.crawl.target import SpiderArgumentError
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListPage, PageError, PageMissingError
from opendata_spiders.probing.looks import PageResult, PortalLook, Standing, look_at
from opendata_spiders.register import Government, Register
from opendata_spiders.register.edit import slug_of

_MOST_SHOWN = 8
_LONGEST = 80
_MOST_TRIED = 2
"""Families whose list is requested at most."""
_HASH = re.compile(r"[.-][0-9a-zA-Z_]{6,40}(?=\.(?:js|css))|\?.*")
"""Hashes and versions that a build adds to file names."""
_METAS = ("generator", "author", "SiteName", "SiteDomain", "SiteIDCode", "others", "keywords")


@dataclass(frozen=True, slots=True)
class Home:
    """What a home page shows; portal text in it holds no control characters."""

    base_url: str
    families: tuple[str, ...]
    """Families whose fingerprint fits."""
    title: str
    seen: tuple[str, ...]
    """What lets a person recognise the software: title, metas, scripts and styles without hashes, ids."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """The result of a probe."""

    home: Home
    family: str = ""
    """Empty where it is unknown."""
    version: str = ""
    """The software's version as the home page prints it; empty where it prints none."""
    context_path: str = ""
    look: PortalLook | None = None
    """Page one of the list as `family` requests it, else as the last family tried does."""

    @property
    def is_confirmed(self) -> bool:
        """Whether page one of the list was read, too."""
        page = self.look.list.page if self.look else None
        return bool(self.family and page and page.rows)


def read_home(response: Response, families: Mapping[str, type[PortalSpider]]) -> Home:
    """Read a home page; any HTML page is accepted."""
    parts = urlsplit(response.url)
    base_url = f"{parts.scheme}://{parts.netloc}"
    made = (one(slug="probe", base_url=base_url) for one in families.values())
    text = bodies.decode(response).text
    try:
        page = bodies.html_page(text)
    except PageError:
        page = Selector("<html></html>")
    title = _plain(page.css("title::text").get(""))
    return Home(base_url, tuple(one.family for one in made if fits(one, response)), title, tuple(_seen(page, title)))


def _seen(page: Selector, title: str) -> Iterable[str]:
    if title:
        yield f"title: {title}"
    for name in _METAS:
        if text := _plain(page.css(f'meta[name="{name}"]::attr(content)').get("")):
            yield f"meta {name}: {text}"
    files = (_HASH.sub("", one) for one in page.css("script::attr(src), link[href*='.css']::attr(href)").getall())
    for file in [*dict.fromkeys(files)][:_MOST_SHOWN]:
        yield f"loads: {_plain(file)}"
    ids = [_plain(one) for one in page.css("body > [id]::attr(id), html::attr(id)").getall()]
    if ids:
        yield f"ids: {', '.join(ids[:_MOST_SHOWN])}"


async def recognise(
    crawler: Crawler,
    response: Response,
    families: Mapping[str, type[PortalSpider]],
    suspects: Sequence[str],
    given: Mapping[str, str],
) -> Recognised:
    """Request page one of the list as each family does that the home page fits, or as each of `suspects` does.

    `given` are spider arguments that hold for the portal, whatever its family.

    A family is recognised if its list is read. If the list gives no answer, a home page that fits one family only
    decides. A list in another shape than that family's makes the software unknown.
    """
    home = read_home(response, families)
    last = Recognised(home)
    for name in [*dict.fromkeys(suspects or home.families)][:_MOST_TRIED]:
        spider = _spider(home, response, families[name], given)
        version = _group(spider.home_version, bodies.decode(response).text)
        look = await look_at(crawler, spider, details=False)
        last = Recognised(home, name, version, spider.target.context_path, look)
        if last.is_confirmed:
            return last
    alone = home.families == (last.family,) and last.look is not None and _is_inconclusive(last.look.list)
    return last if alone else replace(last, family="")


def _is_inconclusive(seen: PageResult[ListPage]) -> bool:
    """Whether the failure to read a list does not exclude the family: no such page, a wall, no answer."""
    return seen.page is None and (isinstance(seen.error, PageMissingError) or seen.standing is not Standing.DRIFTED)


def _spider(home: Home, response: Response, family: type[PortalSpider], given: Mapping[str, str]) -> PortalSpider:
    """The family's spider for a portal at that address, with the context path found in its home page."""
    found = _group(family.home_context, bodies.decode(response).text)
    context = {} if found in ("", family.default_context) else {"context_path": found}
    try:
        return family(slug="probe", base_url=home.base_url, **{**given, **context})
    except SpiderArgumentError:  # what the page holds is no path
        return family(slug="probe", base_url=home.base_url, **given)


def _group(pattern: str, text: str) -> str:
    found = re.search(pattern, text) if pattern else None
    return _plain(found[1]) if found else ""


def government_of(register: Register, home: Home) -> Government | None:
    """The government that the title names, else the one named in the host; None if there is none or more than one."""
    host = urlsplit(home.base_url).hostname or ""
    by_title = _longest(register, lambda one: [name for name in (one.name_zh, one.short_zh) if name in home.title])
    if by_title is not None:
        return by_title
    labels = set(re.split(r"[.-]", host))
    return _longest(register, lambda one: [name for name in [slug_of(one)] if name in labels])


def _longest(register: Register, names: Callable[[Government], list[str]]) -> Government | None:
    """The government with the longest name that fits, if it is one alone."""
    lengths = {one.adcode: max(map(len, found)) for one in register.governments.values() if (found := names(one))}
    best = [adcode for adcode, length in lengths.items() if length == max(lengths.values())]
    return register.governments[best[0]] if len(best) == 1 else None


def _plain(text: str) -> str:
    return bodies.plain(" ".join(text.split()), _LONGEST)
