"""A family whose list is cut into parts (topics, departments), each with pages of its own."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.declared.calls import Call, Slot
from opendata_spiders.declared.family import DeclaredFamily
from opendata_spiders.pages.contract import ListPage, PageDriftedError
from opendata_spiders.policy import policy

INDEX = ""
"""Stands in the place of a part where the page that names the parts is asked for."""


class PartedFamily(DeclaredFamily):
    """Reads a list that the portal shows in parts only.

    1. `list_call` holds `Slot.PART` (or `{part}` in its path) beside the slots of a page within the part.
    2. The parts are those of the row's tenant (`parts=a,b`), or those that `parts_pattern` (its one group) finds in the
       answer to `parts_call`: a part that the portal adds is then read without a change here.
    3. The crawl counts pages through all parts (`PartPages`), so that a second walk asks for the same addresses.
    4. A dataset that stands in several parts is one dataset. Two parts in a row without any end the reading as partial.
    """

    first_page: ClassVar[int] = 1
    """Of each part, and of the whole."""
    parts_call: ClassVar[Call | None] = None
    parts_pattern: ClassVar[str] = ""

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.part_pages = PartPages(self.named_parts, self.first_page)

    def of_whole_host(self) -> Self:
        """Return a copy without the tenant, which learns the parts and their pages anew."""
        host = super().of_whole_host()
        host.part_pages = PartPages(host.named_parts, host.first_page)
        return host

    @property
    def named_parts(self) -> Sequence[str]:
        """The parts that the register row names; none where the portal names them."""
        return [part for part in self.tenant.get("parts", "").split(",") if part]

    def list_request(self, page: int) -> Request:
        """Ask for the page of a part, or for the parts."""
        part, within = self.part_pages.at(page)
        return self.part_request(part, within).replace(meta={"part": part})

    def part_request(self, part: str, page: int) -> Request:
        """Ask for a page of a part, counted within the part; for the parts where `part` is INDEX."""
        if part == INDEX and self.parts_call:
            return self.parts_call.request(self.site, {})
        offset = (page - self.first_page) * self.page_size
        slots = {Slot.PAGE: page, Slot.OFFSET: offset, Slot.SIZE: self.page_size, Slot.PART: part}
        return self.list_call.request(self.site, slots)

    def parse_list(self, response: Response) -> ListPage:
        """Read the page of a part, or the parts; raises PageError."""
        part = response.request.meta["part"] if response.request else self.part_pages.at(self.first_page)[0]
        if part == INDEX and self.parts_call:
            self.part_pages.take_parts(re.findall(self.parts_pattern, self.answer(response).text))
            page = ListPage(())
        else:
            page = super().parse_list(response)
            self.part_pages.take_length(part, page.pages or 1)
        return replace(page, pages=self.part_pages.due)


class PartPages:
    """Which page of which part stands behind each page number of a crawl: state of one walk or several.

    First the page that names the parts (unless they are known), then the first page of each part, then further pages in
    the order in which their number becomes known: the address behind a number stays the same while the list is read.
    """

    def __init__(self, named: Sequence[str], first_page: int) -> None:
        self._first = first_page
        self._places: list[tuple[str, int]] = []
        self._lengths = dict.fromkeys(named, 1)
        self.due = 0
        """Pages of the whole list, as far as they are known."""
        self._append((part, first_page) for part in named or [INDEX])

    def at(self, number: int) -> tuple[str, int]:
        """Return part and page within it.

        A number beyond those known becomes the page after the last one and stays it: pages that become known later come
        behind.
        """
        while number - self._first >= len(self._places):
            part, within = self._places[-1]
            self._places.append((part, within + 1))
        return self._places[number - self._first]

    def take_length(self, part: str, pages: int) -> None:
        """Take how many pages a part has, of which a page of it was read."""
        known, most = self._lengths.get(part, 1), policy().list_pages
        self._append((part, self._first + number) for number in range(known, min(pages, most)))
        self._lengths[part] = max(known, pages)

    def take_parts(self, parts: Iterable[str]) -> None:
        """Take the parts that the portal names; raises PageDriftedError if there are none."""
        named = dict.fromkeys(parts)
        if not named:
            raise PageDriftedError("the page names none of the parts that the list is cut into")
        new = [part for part in named if part not in self._lengths]
        self._lengths |= dict.fromkeys(new, 1)
        self._append((part, self._first) for part in new)

    def _append(self, places: Iterable[tuple[str, int]]) -> None:
        if places := list(places):
            self._places += places
            self.due = len(self._places)
