"""Reads an answer as terms of use: the visible text without navigation, counters and dates of today."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree
from parsel import Selector
from scrapy.http import Response

from opendata_spiders.normalise.texts import fold
from opendata_spiders.pages import bodies, gone, labels, selecting, walls
from opendata_spiders.pages.contract import PageDriftedError
from opendata_spiders.store.content import digest
from opendata_spiders.terms.policy import noise, terms_policy, words

_BARE = frozenset({"nav", "header", "footer", "aside", "select", "button"})
"""Elements that hold no terms."""
_IN, _OUT = "\ue000", "\ue001"
"""Stand around the text of links while the lines of a page are read: private characters, taken out of portal text."""
_LINKED = re.compile(f"{_IN}[^{_IN}{_OUT}]*{_OUT}")
_HOMES = frozenset({"", "index.html", "index.htm", "index.jsp", "index.do", "index", "home"})


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a home page that may lead to the terms."""

    url: str
    document: str
    """The word of words.csv that it bears."""
    text: str


@dataclass(frozen=True, slots=True)
class ReadTerms:
    """What one answer says."""

    title: str
    form: str
    """html, or pdf and the like: then there is no text, and hash and size stand for the file."""
    text: str
    hash: str
    size: int
    """Bytes of the answer."""
    cut: bool = False
    """Whether the text is longer than what is kept."""


def links(home: Response) -> list[Link]:
    """Links of a home page to its terms of use, the best first, each address once; raises PageError for no HTML."""
    page, found = bodies.html_page(bodies.decode(home).text), list[tuple[int, Link]]()
    for one in page.css("a[href]"):
        text = labels.shown(one) or (selecting.attribute(one, "title") or "").strip()
        href = (selecting.attribute(one, "href") or "").strip()
        rank = _rank(text) if len(text) <= terms_policy().link_chars else None
        if rank is not None and (url := _address(home.url, href)):
            found.append((rank, Link(url, words()[rank], bodies.plain(text))))
    found.sort(key=lambda pair: pair[0])
    return list({link.url: link for _, link in reversed(found)}.values())[::-1]


def _rank(text: str) -> int | None:
    folded = fold(text)
    return next((place for place, word in enumerate(words()) if fold(word) in folded), None)


def _address(base: str, href: str) -> str:
    """The URL that a link leads to; '' for a script, a mail address, or the page itself."""
    try:
        url = urljoin(base, href)
        parts, home = urlsplit(url), urlsplit(base)
    except ValueError:
        return ""
    elsewhere = (parts.netloc, parts.path, parts.query) != (home.netloc, home.path, home.query)
    return url.partition("#")[0] if parts.scheme in ("http", "https") and elsewhere else ""


def read_terms(response: Response, home: Response | None = None) -> ReadTerms:
    """Read an answer that was asked for as terms of use; raises PageError for one that is not.

    A wall, an error, a notice that there is no such page, the home page in its place (`home`: as it was read tonight)
    and a text that is too short or bears no word of words.csv are no terms.
    """
    walls.check_list(response, "html")
    if urlsplit(response.url).path.strip("/").lower() in _HOMES and not urlsplit(response.url).query:
        raise PageDriftedError("the home page answers where the terms of use should be")
    if not walls.looks_like_html(response.body):
        return _file(response)
    read = _page(response)
    if home is not None and walls.looks_like_html(home.body) and _page(home).hash == read.hash:
        raise PageDriftedError("the home page answers where the terms of use should be")
    if len(read.text) < terms_policy().least_chars or _rank(read.title + read.text) is None:
        raise PageDriftedError(f"{len(read.text)} characters that do not read as terms of use")
    return read


def _page(response: Response) -> ReadTerms:
    page = bodies.html_page(bodies.decode(response).text)
    title = labels.tidy(page.css("title::text").get("") or "")
    if gone.said(labels.lines(page)):
        raise PageDriftedError("the page says that it does not exist")
    text, most = "\n".join(_lines(page)), terms_policy().text_chars
    kept = text[:most]
    return ReadTerms(bodies.plain(title), "html", kept, fingerprint(kept), len(response.body), cut=len(text) > most)


def _file(response: Response) -> ReadTerms:
    """A file is not opened: its hash and size tell that it changed, not what."""
    body = response.body
    form = next((name for mark, name in _FORMS.items() if body.startswith(mark)), "")
    if not form:
        raise PageDriftedError("neither a page nor a document of a known form")
    name = bodies.plain(urlsplit(response.url).path.rpartition("/")[2])
    return ReadTerms(name, form, "", hashlib.sha256(body).hexdigest(), len(body))


_FORMS = {b"%PDF": "pdf", b"PK\x03\x04": "docx", b"\xd0\xcf\x11\xe0": "doc"}
"""Form of a document by its first bytes."""


def _lines(page: Selector) -> Iterator[str]:
    """The lines of a page that are neither navigation (nothing but links) nor noise."""
    for element in page.root.iter():
        if element.tag in _BARE:
            element.set("hidden", "")
        elif element.tag == "a":
            element.text = _IN + (element.text or "").replace(_IN, "").replace(_OUT, "")
            _close(element)
    for line in labels.lines(page):
        if not any(char.isalpha() for char in _LINKED.sub("", line)):
            continue
        shown = labels.tidy(line.replace(_IN, "").replace(_OUT, ""))
        if len(shown) > terms_policy().noise_chars or not noise().search(shown):
            yield shown


def _close(element: etree._Element) -> None:
    """End the marked text of a link, which may hold elements of its own."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + _OUT
    else:
        element.text = (element.text or "") + _OUT


def fingerprint(text: str) -> str:
    """Hash of a text without blanks, quotation marks and forms of width and case: equal for what reads the same."""
    return digest(fold(text).encode())
