"""A family whose list is cut into parts (topics, departments), each with pages of its own."""

import re
from dataclasses import replace
from typing import Any, ClassVar

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
    3. The crawl counts pages through all parts: the page that names the parts, the first page of each part, then
       further pages in the order in which their number becomes known. So the address behind a number stays the same
       while the list is read, and a second walk asks for the same addresses.
    4. While the first page of some part is not read, one page more than is known is announced, so that the list does
       not end before it. A number that is asked for beyond those known becomes the page after the last one and stays
       it: pages that become known later come behind.
    5. A dataset that stands in several parts is one dataset. Two parts in a row without any end the reading as partial.
    """

    first_page: ClassVar[int] = 1
    """Of each part, and of the whole."""
    parts_call: ClassVar[Call | None] = None
    parts_pattern: ClassVar[str] = ""

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        named = [part for part in self.tenant.get("parts", "").split(",") if part]
        self._places = [(part, self.first_page) for part in named] or [(INDEX, self.first_page)]
        self._known = len(self._places)
        """Pages up to the last one that the portal has announced; those after it are requested to find the end."""
        self._lengths = dict.fromkeys(named, 1)
        self._unread = set(named)

    def list_request(self, page: int) -> Request:
        """Ask for the page of a part, or for the parts."""
        while page - self.first_page >= len(self._places):
            part, within = self._places[-1]
            self._places.append((part, within + 1))
        part, within = self._places[page - self.first_page]
        if part == INDEX and self.parts_call:
            return self.parts_call.request(self.site, {}).replace(meta={"part": INDEX})
        offset = (within - self.first_page) * self.page_size
        slots = {Slot.PAGE: within, Slot.OFFSET: offset, Slot.SIZE: self.page_size, Slot.PART: part}
        return self.list_call.request(self.site, slots).replace(meta={"part": part})

    def parse_list(self, response: Response) -> ListPage:
        """Read the page of a part, or the parts; raises PageError."""
        part = response.request.meta["part"] if response.request else self._places[0][0]
        if part == INDEX and self.parts_call:
            self._take_parts(self.answer(response).text)
            page = ListPage(())
        else:
            page = super().parse_list(response)
            self._take_length(part, page.pages or 1)
        return replace(page, pages=len(self._places) + 1 if self._unread else self._known)

    def _take_length(self, part: str, pages: int) -> None:
        self._unread.discard(part)
        known, most = self._lengths.get(part, 1), policy().list_pages
        if more := [(part, self.first_page + number) for number in range(known, min(pages, most))]:
            self._places += more
            self._known = len(self._places)
        self._lengths[part] = max(known, pages)

    def _take_parts(self, text: str) -> None:
        parts = dict.fromkeys(re.findall(self.parts_pattern, text))
        if not parts:
            raise PageDriftedError("the page names none of the parts that the list is cut into")
        for part in parts:
            if part not in self._lengths:
                self._lengths[part] = 1
                self._places.append((part, self.first_page))
                self._known = len(self._places)
                self._unread.add(part)
