"""Entries of a list whose id stands twice, in a hidden input and in the link of the title; the two must agree.

Where markup breaks, the title of one dataset comes to stand beside the hidden id of another; such a page is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from parsel import Selector

from opendata_spiders.declared.html_pages import HtmlList
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListRow, PageDriftedError
from opendata_spiders.pages.labels import inside
from opendata_spiders.pages.selecting import attribute, closest, elements


@dataclass(frozen=True, slots=True)
class KeyedHtmlList(HtmlList):
    """As `HtmlList`, of entries that are found by their ids, wherever those stand.

    `id` is the hidden input, `link` a link to a dataset, `title` the class of the block that holds the title's link;
    `marks` is what an entry without an id shows, which is counted. `not_ids` are last parts of a link's path that lead
    elsewhere than to a dataset.
    """

    link: str = ""
    title: str = ""
    marks: str = ""
    not_ids: frozenset[str] = frozenset()

    def _rows(self, page: Selector) -> tuple[tuple[ListRow, ...], int]:
        entries = self._around(page)
        found = self._items(entries)
        rows = tuple(ListRow(id_, self.layout.values(item), bodies.whole(item.get())) for id_, item in found)
        others = (one for one in elements(page, self.entries) if one.root not in entries)
        return rows, sum(bool(elements(one, self.marks)) and not self._ids(one) for one in others)

    def _items(self, entries: Mapping[Any, tuple[Selector, set[str]]]) -> Iterator[tuple[str, Selector]]:
        """Yield id and element of every entry that carries an id, in the order of the page."""
        for root, (item, own) in entries.items():
            around = (entries[up][1] for up in root.iterancestors() if up in entries)
            ids = self._ids(item).union(*(others for others in around if others.isdisjoint(own)))
            if len(ids) > 1:
                raise PageDriftedError(f"one list item holds {len(ids)} datasets: the markup is broken or redesigned")
            yield from ((id_, item) for id_ in ids)

    def _around(self, page: Selector) -> Mapping[Any, tuple[Selector, set[str]]]:
        """The closest list item around everything that carries an id, each once, with the ids it is the closest to."""
        linked = {one.root for outer in (self.title, self.entries) for one in inside(page, outer, self.link)}
        entries: dict[Any, tuple[Selector, set[str]]] = {}
        for carrier in elements(page, f"{self.id}, {self.link}"):
            if (carrier.root.tag == "input" or carrier.root in linked) and (id_ := self._id(carrier)):
                item = self._item(carrier)
                entries.setdefault(item.root, (item, set()))[1].add(id_)
        return entries

    def _item(self, carrier: Selector) -> Selector:
        block = f"ancestor::*[contains(@class, '{self.title.removeprefix('.')}')][1]/.."
        return (closest(carrier, "li") or carrier.xpath(block) or [carrier])[0]

    def _ids(self, item: Selector) -> set[str]:
        """The ids an entry carries: of its hidden inputs and its title's links, else of any link to a dataset.

        A link agrees with a hidden id that its address ends with, slashes and question marks included
        (`/catalog/3066/025`).
        """
        hidden, links = {*map(self._id, elements(item, self.id))} - {""}, inside(item, self.title, self.link)
        ends = tuple(f"/{id_}" for id_ in hidden)
        strange = (link for link in links if not unquote(attribute(link, "href") or "").endswith(ends))
        named = hidden | {*map(self._id, strange)} - {""}
        return named or {*map(self._id, elements(item, self.link))} - {""}

    def _id(self, carrier: Selector) -> str:
        if (value := attribute(carrier, "value")) is not None:
            return value.strip()
        path = (attribute(carrier, "href") or "").split("?")[0].split("#")[0].rstrip("/")
        id_ = unquote(path.rsplit("/", 1)[-1]).strip()
        return "" if id_ in self.not_ids else id_
