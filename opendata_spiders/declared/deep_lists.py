"""A family whose interface pages through the first rows of a list only, and reads the rest by another call."""

from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.declared.calls import Call, Slot
from opendata_spiders.declared.family import DeclaredFamily
from opendata_spiders.pages.contract import ListPage, PageUnreachableError


class DeepFamily(DeclaredFamily):
    """Reads a list of which `list_call` serves the first `window` rows.

    1. A page that ends within the window is asked for by `list_call`, any later one by `deep_call`. Both sort alike, so
       that the pages of the one continue those of the other, and both are read by `list_page`.
    2. `deep_call` goes on by offset, or from a row: `Slot.AFTER` is the id of the last row of the page before. Such a
       family sets `pages_in_order`.
    """

    window: ClassVar[int]
    """Rows within which a page by `list_call` must end."""
    deep_call: ClassVar[Call]

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._last_ids: dict[int, str] = {}
        """Id of the last row of each page that was read."""

    def list_request(self, page: int) -> Request:
        """Ask for one list page; raises PageUnreachableError for one behind a page that was not read."""
        slots = self.page_slots(page)
        if slots[Slot.OFFSET] + slots[Slot.SIZE] <= self.window:
            return self._request(self.list_call, slots).replace(meta={"page": page})
        if self.pages_in_order and page - 1 not in self._last_ids:
            raise PageUnreachableError(f"page {page - 1} was not read, and its last row says where this one begins")
        slots[Slot.AFTER] = self._last_ids.get(page - 1)
        return self._request(self.deep_call, slots).replace(meta={"page": page})

    def parse_list(self, response: Response) -> ListPage:
        """Read one list page, and keep the id of its last row; raises PageError."""
        read = super().parse_list(response)
        if read.rows and response.request:
            self._last_ids[response.request.meta["page"]] = read.rows[-1].id
        return read
