"""A family whose rows hold no id but the address of the dataset's page."""

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.declared.family import DeclaredFamily
from opendata_spiders.pages.contract import ListPage


class LinkedPages(DeclaredFamily):
    """Reads a portal whose rows lead to a page each: its detail, which is also the page for people.

    The native id is the address without scheme and host, so that a move to https or to another host renames nothing;
    one that is relative counts from the page of the list, as in a browser.
    """

    def parse_list(self, response: Response) -> ListPage:
        """Read one list page; raises PageError."""
        page = super().parse_list(response)
        rows = tuple(replace(row, id=id_) for row in page.rows if (id_ := _within_host(response.url, row.id)))
        return replace(page, rows=rows, without_id=page.without_id + len(page.rows) - len(rows))

    def detail_request(self, id: str) -> Request:
        """Ask for the page of one dataset."""
        return Request(self.page_url(id))

    def page_url(self, id: str) -> str:
        """Return the page for people."""
        return f"{self.base_url}/{id.removeprefix('/')}"


def _within_host(page: str, address: str) -> str:
    """Path and query of an address that stands in `page`; '' for one that is none or has no path."""
    try:
        parts = urlsplit(urljoin(page, address))
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
