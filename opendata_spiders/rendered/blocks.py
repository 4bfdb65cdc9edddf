"""The entries that a page shows where none of its answers can be read: repeated blocks with labelled values.

Blocks are elements of one name side by side (cards, lines of a list, rows of a table). Each is turned into an entry
whose keys are the labels that it shows, and these are read as the keys of an answer are: by their words and values.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urldefrag, urljoin, urlsplit

from parsel import Selector

from opendata_spiders.normalise.field_words import chinese_labels
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListPage, ListRow, PageDriftedError
from opendata_spiders.pages.labels import label_of, lines, shown, split_label, tidy
from opendata_spiders.pages.selecting import attribute
from opendata_spiders.rendered.columns import EntryColumns, columns_of
from opendata_spiders.rendered.policy import rendered_policy
from opendata_spiders.rendered.recognition import Weak
from opendata_spiders.rendered.totals import total_in_words
from opendata_spiders.store.fields import fields

_TITLES: Final[Mapping[str, str]] = {
    "a class that says title": ".//*[contains(@class, 'title') or contains(@class, 'name') or contains(@class, 'tit')]",
    "a heading": ".//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6",
    "a link": ".//a",
    "bold text": ".//strong | .//b",
}
"""Where a block's title may stand, best first."""
_TITLE, _ID = "title", "id"
"""Keys of what is no labelled value of an entry."""
_QUOTED = re.compile(r"""\(\s*['"]([\w./-]{3,80})['"]""", re.ASCII)
_PASSING = re.compile(
    r";jsessionid=[^?#]*|[?&](?:_|_?t|ts|timestamp|token|session(?:id)?|jsessionid|rnd|random|nonce|sign|csrf)=[^&#]*",
    re.IGNORECASE,
)
"""Parts of an address that are others each night."""
_CUT = re.compile(r"\s*(?:…|\.{3})$")
_BEFORE_LABEL = re.compile(r"[\s;；|]+(?=[\u4e00-\u9fff]{2,10}\s*[:：])")
_LABEL = "label "
_JOINTS = " ：:、,，|/"
"""What stands between a label and its value, or between two values."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """How the entries that a page shows are found and read."""

    frame: str
    """Name and classes of the elements from the root to the one that holds the blocks."""
    tag: str
    """Name of the blocks themselves, with the class that tells them from what stands beside them: `div.item`."""
    title: str
    """Where the title stands: a key of _TITLES, or '' for a labelled one."""
    id: str
    """Where the id stands: `href`, `onclick`, the name of an attribute, or `label` and the label."""
    keys: Mapping[str, str]
    """Label to field."""
    by: Mapping[str, str]
    confirmed: tuple[str, ...]
    entries: int

    @property
    def rule(self) -> Mapping[str, str]:
        """What is kept of it from night to night."""
        fields_at = {name: label for label, name in sorted(self.keys.items(), key=lambda pair: pair[1])}
        return {"rows": f"blocks {self.tag}", "id": self.id, **fields_at, "title": self.title or "a label"}

    def read(self, html: str, url: str) -> ListPage:
        """The entries that the page shows now; raises PageDriftedError where it has no such frame."""
        page = bodies.html_page(html)
        frames = [one for one in _parents(page) if _frame(one) == self.frame]
        if not frames:
            raise PageDriftedError(f"the page no longer shows its list ({self.frame[-80:]})")
        blocks = [block for frame in frames for block in _children(frame, self.tag)]
        entries = [_entry(block) | _title_of(block, self.title) for block in blocks]
        ids = [_id_of(block, entry, self.id, url) for block, entry in zip(blocks, entries, strict=True)]
        rows = tuple(
            ListRow(
                id_, {name: entry[key] for key, name in self.keys.items() if key in entry}, bodies.whole(block.get())
            )
            for id_, entry, block in zip(ids, entries, blocks, strict=True)
            if id_
        )
        return ListPage(rows, total_in_words("\n".join(lines(page)), len(blocks)), len(blocks) - len(rows))

    def __str__(self) -> str:
        fields_said = f"{len(self.confirmed)} fields confirmed by their values"
        return f"{self.entries} blocks <{self.tag}>, id by {self.id}, {fields_said}"


def recognise_blocks(
    html: str, url: str, *, now: datetime, tz: tzinfo, known: Mapping[str, str] = MappingProxyType({})
) -> Blocks | Weak:
    """Find the blocks that are the catalogue among all that a page shows (its `html` holds open shadow roots)."""
    page, looked, nearest = bodies.html_page(html), 0, ("", -1)
    strong: list[Blocks] = []
    for parent in _parents(page):
        for tag, blocks in _groups(parent):
            looked += 1
            one, read = _blocks(tag, blocks, url, lambda entries: columns_of(entries, now=now, tz=tz, known=known))
            if not read.missing:
                strong.append(one)
            elif len(read.confirmed) > nearest[1]:
                nearest = f"{len(blocks)} blocks <{tag}>: {read.missing}", len(read.confirmed)
    if not strong:
        near = f"; the nearest are {nearest[0]}" if nearest[0] else ""
        return Weak(f"none of {looked} groups of blocks on the page is a catalogue by its values{near}")
    ranked = sorted(strong, key=lambda one: (len(one.confirmed), one.entries), reverse=True)
    if len(ranked) > 1 and len(ranked[0].confirmed) == len(ranked[1].confirmed):
        return Weak("two groups of blocks on the page look like the catalogue, and nothing says which of them it is")
    return ranked[0]


def _groups(parent: Selector) -> Iterator[tuple[str, list[Selector]]]:
    """The children of a parent that may be blocks: all of one name, and those of them that share a class."""
    children = list(parent.xpath("./*"))
    tags = Counter(child.root.tag for child in children)
    classes = Counter(f"{child.root.tag}.{one}" for child in children for one in set(_classes(child.root)))
    partly = (name for name, count in classes.items() if count < tags[name.partition(".")[0]])
    for name in (*tags, *partly):
        blocks = _children(parent, name)
        if len(blocks) >= rendered_policy().least_entries:
            yield name, blocks


def _blocks(
    tag: str, blocks: Sequence[Selector], url: str, read: Callable[[Sequence[dict[str, Any]]], EntryColumns]
) -> tuple[Blocks, EntryColumns]:
    """Read some blocks of one parent: with the first place of a title whose texts are titles."""
    entries = [_entry(block) for block in blocks]
    found, title, id_ = read(entries), "", ""
    if len(found.kinds) >= rendered_policy().other_kinds:
        id_ = next(_id_places(blocks, url), "")
        for entry, block in zip(entries, blocks, strict=True):
            entry[_ID] = _id_of(block, entry, id_, url)
        tried = {
            place: read([entry | _title_of(block, place) for entry, block in zip(entries, blocks, strict=True)])
            for place in ("", *_TITLES)
        }
        title = max(tried, key=lambda place: (not tried[place].missing, len(tried[place].confirmed)))
        found = tried[title]
    by = {name: said.partition(": ")[2] for name, said in found.by.items()}
    keys = {path.strip('"'): name for path, name in found.keys.items()}
    at = "" if keys.get(_TITLE) != _TITLE else title
    if found.id not in {_ID, ""}:
        id_ = f"{_LABEL}{found.id.strip(chr(34))}"
    parent = blocks[0].xpath("..")[0]
    return Blocks(_frame(parent), tag, at, id_, keys, by, found.confirmed, len(blocks)), found


def _parents(page: Selector) -> Iterator[Selector]:
    return (one for one in page.xpath("//body//*[count(*) > 0] | //body"))


def _children(parent: Selector, tag: str) -> list[Selector]:
    """The blocks of one name and class below a parent: rows of headings and empty ones are none."""
    name, _, of_class = tag.partition(".")
    children = (child for child in parent.xpath("./*") if child.root.tag == name)
    found = (child for child in children if not of_class or of_class in _classes(child.root))
    return [child for child in found if shown(child) and not (name == "tr" and child.xpath("./th"))]


def _frame(parent: Selector) -> str:
    def said(element: Any) -> str:
        return ".".join((element.tag, *sorted(_classes(element))))

    return " > ".join(said(one) for one in (*reversed(list(parent.root.iterancestors())), parent.root))


def _classes(element: Any) -> list[str]:
    """The classes of an element but those with figures, which change from page to page."""
    return [one for one in (element.get("class") or "").split() if not any(map(str.isdigit, one))]


def _entry(block: Selector) -> dict[str, Any]:
    """What a block shows under its labels, or a row of a table under the headings of its columns."""
    heads = block.xpath("ancestor::table[1]//tr[th]") or block.xpath("ancestor::table[1]/preceding::table[1]//tr[th]")
    cells = block.xpath("./td") if block.root.tag == "tr" else []
    header = [label_of(shown(cell)) for cell in heads[0].xpath("./th")] if heads and cells else []
    if header and len(cells) == len(header):
        return {label: shown(cell) for label, cell in zip(header, cells, strict=True) if label}
    return dict(_labelled(block))


def _labelled(block: Selector) -> Iterator[tuple[str, Any]]:
    """Each label of a block with its value: the texts behind it, up to the next label, of the element that holds both.

    A label that has an element to itself belongs to the closest one that shows more.
    """
    own = {label: label for label in chinese_labels()}
    texts = list(_texts(block.root))
    heads = [split_label(said, own) for said, _ in texts]
    for place, (label, rest) in enumerate(heads):
        if not label:
            continue
        holder = texts[place][1]
        while not rest.strip() and holder is not block.root and _shows_only(holder, texts[place][0]):
            holder = holder.getparent()
        parts = [rest.strip()] if rest.strip() else []
        for (said, owner), (other, _) in zip(texts[place + 1 :], heads[place + 1 :], strict=True):
            if other or not (owner is holder or holder in owner.iterancestors()):
                break
            parts += [part] if (part := said.strip(_JOINTS)) else []
            if holder is block.root and parts:
                break
        many = fields()[chinese_labels()[label]].many if chinese_labels()[label] in fields() else False
        yield label, parts if many and len(parts) > 1 else "".join(parts)


def _texts(element: Any) -> Iterator[tuple[str, Any]]:
    """Every text below an element that is no blank, parted before each label, with the element it stands in."""
    for said in _BEFORE_LABEL.split(element.text or ""):
        if said := tidy(said):
            yield said, element
    for child in element.iterchildren():
        if isinstance(child.tag, str):
            yield from _texts(child)
        for said in _BEFORE_LABEL.split(child.tail or ""):
            if said := tidy(said):
                yield said, element


def _shows_only(element: Any, said: str) -> bool:
    return "".join(one.strip(_JOINTS) for one, _ in _texts(element)) == said.strip(_JOINTS)


def _title_of(block: Selector, where: str) -> dict[str, str]:
    """The title under its key; nothing where it stands under a label."""
    if not where:
        return {}
    for element in block.xpath(_TITLES[where]):
        if said := shown(element):
            cut = _CUT.sub("", said)
            whole = (tidy(one) for one in element.xpath("descendant-or-self::*/@title").getall())
            return {_TITLE: next((one for one in whole if one.startswith(cut)), said)}
    return {_TITLE: ""}


def _id_places(blocks: Sequence[Selector], url: str) -> Iterator[str]:
    """Where every block has an id and no two have the same: a link, an attribute, what a click hands over."""
    names = {str(name) for one in blocks[0].xpath("descendant-or-self::*") for name in one.root.attrib}
    for place in ("href", *sorted(name for name in names if name.startswith("data-") or name == "id"), "onclick"):
        found = [_id_of(block, {}, place, url) for block in blocks]
        if all(found) and len(set(found)) == len(found):
            yield place


def _id_of(block: Selector, entry: Mapping[str, Any], place: str, url: str) -> str:
    """The id of a block at a place; '' where it has none."""
    if place.startswith(_LABEL):
        return bodies.native_id(entry.get(place.removeprefix(_LABEL)))
    for element in block.xpath("descendant-or-self::*"):
        value = (attribute(element, place) or "").strip() if place else ""
        if place == "href":
            value = _within_site(url, value)
        elif place == "onclick":
            value = found[1] if (found := _QUOTED.search(value)) else ""
        if value:
            return bodies.whole(value)
    return ""


def _within_site(page: str, address: str) -> str:
    """Path, query and fragment of a link to another page of the portal; '' for any other link."""
    try:
        whole = urljoin(page, address.strip())
        parts = urlsplit(whole)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or whole == page or (address.strip() in {"#", ""}):
        return ""
    if urldefrag(whole).url == urldefrag(page).url and "/" not in parts.fragment and "=" not in parts.fragment:
        return ""
    said = parts.path + (f"?{parts.query}" if parts.query else "")
    lasting = _PASSING.sub("", said + (f"#{parts.fragment}" if parts.fragment else ""))
    return lasting if "?" in lasting else lasting.replace("&", "?", 1)
