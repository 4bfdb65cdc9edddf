"""How a page differs from its family's declaration: missing keys, undeclared keys, the nearest family."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parsel import Selector
from scrapy.http import Response

from opendata_spiders.crawl.recognise import fits
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.declared import DeclaredFamily, FieldPlaces, HtmlDetail, HtmlList, JsonDetail, JsonList
from opendata_spiders.declared.answers import Fields, names
from opendata_spiders.items import RawValues
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageError
from opendata_spiders.pages.json_values import search
from opendata_spiders.pages.labels import label_of, lines

logger = logging.getLogger(__name__)

_MOST_SHOWN = 12
"""Keys shown at most."""
_MOST_NODES = 5_000
"""Objects of an answer that are searched at most."""
_LEAST_SHARE = 0.5
"""Share of a family's declared keys that must occur in an answer for the family to be named as the nearest."""
_KEY_LENGTH = 40
_LABEL = re.compile(r"[一-鿿]{2,10}(?=\s*[:：])")


@dataclass(frozen=True, slots=True)
class Drift:
    """The differences between a page and its declaration; portal text in it holds no control characters."""

    missing: tuple[str, ...] = ()
    """Declared keys, selectors and labels that the page lacks."""
    instead: tuple[str, ...] = ()
    """What the page has and the declaration does not."""
    nearest: str = ""
    """The family that the page is nearest to, perhaps its own; empty where none is near."""


def drift(response: Response, spider: PortalSpider, *, of_detail: bool = False) -> Drift:
    """Compare an answer with the declared list, or detail, of its portal's family.

    An exception in the comparison is logged, and the result then shows no differences.
    """
    try:
        missing, instead = _differences(response, spider, of_detail=of_detail)
        return Drift(_shown(missing), _shown(instead), nearest_family(response, spider))
    except Exception:
        logger.exception("%s could not be compared with %s", response.url, spider.family)
        return Drift()


def _differences(response: Response, spider: PortalSpider, *, of_detail: bool) -> tuple[Iterable[str], Iterable[str]]:
    if not isinstance(spider, DeclaredFamily):
        return (), ()
    declared = spider.detail_page if of_detail else spider.list_page
    text = spider.answer(response).text
    try:
        if isinstance(declared, JsonList):
            return _of_json_list(_object(text, declared.inside), declared)
        if isinstance(declared, JsonDetail):
            return _of_json_detail(_object(text, declared.inside), declared)
        if isinstance(declared, HtmlList | HtmlDetail):
            return _of_html(_html(text, declared.inside), declared)
    except PageError:
        pass
    return (), ()


def _object(text: str, inside: str) -> dict[str, Any]:
    found = bodies.json_object(text)
    within = search(inside, found) if inside else None
    return bodies.json_object(within) if isinstance(within, str) else found


def _html(text: str, inside: str) -> Selector:
    within = search(inside, bodies.json_object(text)) if inside else text
    return bodies.html_page(within if isinstance(within, str) else "")


# --- JSON -----------------------------------------------------------------------------------------------------------


def _of_json_list(found: Mapping[str, Any], declared: JsonList) -> tuple[Iterable[str], Iterable[str]]:
    places = [search(path, found) for path in names(declared.rows)]
    rows = next((place for place in places if isinstance(place, list)), None)
    if rows is None:
        path = names(declared.rows)[0]
        return [path], _keys_at_break(found, path)
    totals = [path for path in declared.totals if not _has(path, found)]
    entries = [row for row in rows if isinstance(row, dict)]
    missing, instead = _of_entries(entries, {declared.id: "id", **declared.keys})
    return [*totals, *missing], instead


def _of_json_detail(found: Mapping[str, Any], declared: JsonDetail) -> tuple[Iterable[str], Iterable[str]]:
    data = search(declared.at, found) if declared.at else found
    if not isinstance(data, dict):
        return [declared.at], _keys_at_break(found, declared.at)
    return _of_entries([data], declared.keys)


def _of_entries(entries: list[dict[str, Any]], keys: Mapping[str, Fields]) -> tuple[list[str], list[str]]:
    """Declared paths that no entry has, and keys of entries that are not declared.

    A path is not missing where another one serves all its fields.
    """
    if not entries:
        return [], []
    there = {path for path in keys if any(_has(path, entry) for entry in entries)}
    served = {name for path in there for name in names(keys[path])}
    missing = [path for path in keys if path not in there and not served.issuperset(names(keys[path]))]
    heads = {_steps(path)[0] for path in keys}
    return missing, [key for key in dict.fromkeys(key for entry in entries for key in entry) if key not in heads]


def _has(path: str, entry: Any) -> bool:
    if isinstance(entry, dict) and path in entry:
        return True
    for key in _steps(path):
        if isinstance(entry, list):
            entry = next((one for one in entry if isinstance(one, dict)), None)
        if not isinstance(entry, dict) or key not in entry:
            return False
        entry = entry[key]
    return True


def _steps(path: str) -> list[str]:
    return [part.partition("[")[0] for part in path.split(".")]


def _keys_at_break(found: Any, path: str) -> Iterable[str]:
    """The keys present at the point where a path breaks off."""
    for key in _steps(path):
        if not isinstance(found, dict) or not isinstance(found.get(key), dict):
            break
        found = found[key]
    return found if isinstance(found, dict) else ()


# --- HTML -----------------------------------------------------------------------------------------------------------


def _of_html(page: Selector, declared: HtmlList | HtmlDetail) -> tuple[Iterable[str], Iterable[str]]:
    entries = list(page.css(declared.entries)) if isinstance(declared, HtmlList) else list(page.css(declared.frame))
    selectors = [declared.frame]
    if isinstance(declared, HtmlList):
        selectors += [declared.entries, *filter(None, [declared.total])]
    missing = [selector for selector in selectors if not page.css(selector)]
    if isinstance(declared, HtmlList) and entries and not any(entry.css(declared.id) for entry in entries):
        missing.append(declared.id)
    values = [declared.layout.values(entry) for entry in entries]
    missing += _unread(declared.layout, values) if entries else []
    known = {label_of(label) for label in declared.layout.labels}
    printed = (label for entry in entries or [page] for line in lines(entry) for label in _LABEL.findall(line))
    labels = [label for label in dict.fromkeys(printed) if label_of(label) not in known]
    return missing, labels if entries else [*_repeated(page), *labels]


def _unread(layout: FieldPlaces, values: list[RawValues]) -> list[str]:
    """Selectors and labels of the fields that no entry has."""
    read = {name for one in values for name in one}
    places = {**layout.cells, **layout.labels}
    return [place for place, served in places.items() if not read.issuperset(names(served))]


def _repeated(page: Selector) -> list[str]:
    """The elements that repeat most in a page: where its entries may lie now."""
    classes = ((one.root.tag, one.attrib["class"].split()) for one in page.css("[class]"))
    counts = Counter(f"{tag}.{names_[0]}" for tag, names_ in classes if names_)
    return [f"{name} ×{count}" for name, count in counts.most_common(_MOST_SHOWN // 2) if count > 2]


# --- the nearest family -----------------------------------------------------------------------------------------------


def nearest_family(response: Response, spider: PortalSpider) -> str:
    """The family whose fingerprint alone fits, else the one with most of its declared keys in the answer."""
    target = spider.target
    others = [family(base_url=target.base_url, slug=target.slug) for family in spider.others]
    if fits(spider, response):
        return spider.family
    if known := [other.family for other in others if fits(other, response)]:
        return known[0] if len(known) == 1 else ""
    try:
        keys = set(_all_keys(bodies.json_object(bodies.decode(response).text)))
    except PageError:
        return ""
    shares = {one.family: _share(one, keys) for one in (spider, *others)}
    best = max(shares, key=lambda family: shares[family])
    alone = sum(share == shares[best] for share in shares.values()) == 1
    return best if alone and shares[best] >= _LEAST_SHARE else ""


def _share(spider: object, keys: set[str]) -> float:
    """How many of the keys that a family declares for its list are among `keys`, from 0 to 1."""
    declared = spider.list_page if isinstance(spider, DeclaredFamily) else None
    if not isinstance(declared, JsonList):
        return 0.0
    paths = (*names(declared.rows), *declared.totals, declared.id, *declared.keys)
    wanted = {step for path in paths for step in _steps(path)}
    return len(wanted & keys) / len(wanted)


def _all_keys(found: Any) -> Iterator[str]:
    """Every key of an answer, at any depth, JSON within text included."""
    waiting, left = [found], _MOST_NODES
    while waiting and left:
        one, left = waiting.pop(), left - 1
        if isinstance(one, str) and one[:1] == "{":
            try:
                one = bodies.json_object(one)
            except PageError:
                continue
        if isinstance(one, dict):
            yield from one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _shown(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(bodies.plain(word, _KEY_LENGTH) for word in words)[:_MOST_SHOWN]
