"""The base of every family: what the class for one portal software declares and writes."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.http import Response

from opendata_spiders.crawl.details import DetailQueue
from opendata_spiders.crawl.list_reader import ListReader
from opendata_spiders.crawl.target import CrawlTarget, target_from_arguments
from opendata_spiders.fetching.addresses import HostGroup, host_group
from opendata_spiders.pages.contract import Detail, FilesPage, ListPage, PortalFile, TablePreview
from opendata_spiders.policy import policy
from opendata_spiders.register import Attributor, Government, Portal
from opendata_spiders.store.models import Finding, LookResult


class PortalFamily(Spider):
    """What a family declares and writes, and what one crawl of one of its portals has seen so far.

    To write a family:

    1. Make a module `families/<family>.py` with one subclass of `PortalSpider`; its docstring is a recipe like this.
    2. Set `family`, `page_size`, `body_kind`, `list_fields` and `detail_fields` (names from store/fields.csv);
       `first_page` if the portal counts from 0, `dates_in_details` if the list shows no update date.
    3. Write `list_request` and `parse_list`; raise a PageError of pages/contract.py for a page that is not what it
       should be. Statuses, challenge pages and HTML where JSON is due are dealt with before.
    4. Write `detail_request` and `parse_detail`; raise DatasetGoneError where the portal says so, by a rule that the
       docstring states, or write `says_gone` where it says so with a status that walls have, too. A family without
       details declares no `detail_fields`, and writes neither.
    5. Write `page_url` (the page for people) and `fingerprint` (does this page belong to the software?).
    6. If somebody attests how a dataset's files are listed and fetched, write `files_request`, `parse_files` and
       `file_request`, and set `file_row_cap` where the portal ends its files. Without them no file is looked at.
    7. If the interface shows columns or the number of rows without a download, write `preview_requests` and
       `parse_preview`; a declared family names them as `previews`.
    8. Add fixtures under tests/fixtures/<family>/ and one register row a portal.
    """

    family: ClassVar[str] = ""
    known_addresses: ClassVar[tuple[str, ...]] = ()
    """Base URLs of the register's portals of the same host group, set by the loader."""
    neighbours: ClassVar[tuple[Portal, ...]] = ()
    """The register's other portals on the same host, which differ in their tenant alone; set by the loader."""
    others: ClassVar[tuple[type["PortalFamily"], ...]] = ()
    """The other families, set by the loader."""
    portal: ClassVar[Portal | None] = None
    """The register's row, set by the loader; None for a portal the register does not know (given by arguments)."""
    governments: ClassVar[Mapping[str, Government]] = {}
    """By adcode, set by the loader: whose the datasets may be."""
    extractor_version: ClassVar[int] = 1
    """Raised when a parser reads a field differently; a change of it alone never yields an event."""
    id_rule: ClassVar[int] = 1
    """Raised when native ids are taken from elsewhere; opens a new epoch."""
    page_size: int = 10
    first_page: ClassVar[int] = 1
    pages_in_order: ClassVar[bool] = False
    """Whether a page of the list can be asked for only once the one before it was read."""
    body_kind: ClassVar[str] = "json"
    """json, xml or html. HTML where json is declared counts as blocked; where xml is declared the parser decides."""
    detail_kind: ClassVar[str] = ""
    """`body_kind` of details, where it differs from the list's."""
    list_fields: tuple[str, ...] = ()
    detail_fields: ClassVar[tuple[str, ...]] = ()
    """Empty where details tell nothing that the list does not: then none of a listed dataset is asked for."""
    dates_in_details: ClassVar[bool] = False
    list_paths: ClassVar[tuple[str, ...]] = ("",)
    """Where the list may lie, most likely first: another one is tried only when the first page answers 404."""
    default_context: ClassVar[str] = ""
    """The context path of a portal whose row and base URL give none."""
    home_context: ClassVar[str] = ""
    """Pattern whose one group finds the context path in a home page; empty where the page does not tell it."""
    home_version: ClassVar[str] = ""
    """Pattern whose one group finds in a home page which build of the software answers; empty where it does not say."""
    unsent: ClassVar[frozenset[str]] = frozenset()
    """Keys of a row's `tenant` that mean something to the family and are in no request."""
    headers: ClassVar[Mapping[str, str]] = {}
    needs_browser: ClassVar[bool] = False
    """Whether pages of the portal are opened in Chromium; `scrapy doctor` asks."""
    file_row_cap: ClassVar[int | None] = None
    """Rows after which the portal cuts a file off: a table of exactly so many may be incomplete."""

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        self.target: CrawlTarget = target_from_arguments(type(self).portal, self.family, kwargs)
        super().__init__(name=self.target.slug)
        self.host_group: HostGroup = host_group(
            self.target.host_group,
            self.target.base_url,
            self.known_addresses,
            old_tls=self.target.old_tls,
            impersonate=self.target.impersonate,
        )
        self.list_place = 0
        self.details = DetailQueue(budget=0, policy=policy(), day=0)
        self.look: dict[str, LookResult] = {}
        self.reader: ListReader | None = None
        self.not_its_own = ""
        """Why the list that was read is not this portal's own; empty if nothing says so."""
        self.recognised: Mapping[str, str] = {}
        """How the list is read, where a family finds that out anew each night."""
        self.findings: list[Finding] = []
        """What was seen beside the list and the details."""

    @property
    def has_details(self) -> bool:
        """Whether datasets have pages of their own that are read."""
        return bool(self.detail_fields)

    @property
    def can_look(self) -> bool:
        """Whether a missing dataset can be asked for by itself, also where the list tells all there is."""
        return self.has_details

    @property
    def base_url(self) -> str:
        """Scheme and host (and port) of the portal, without a trailing slash."""
        return self.target.base_url

    @property
    def root(self) -> str:
        """Address of the software, without a trailing slash."""
        default = "" if urlsplit(self.base_url).path else self.default_context
        return self.base_url + (self.target.context_path or default)

    @property
    def tenant(self) -> Mapping[str, str]:
        """Parameters that select this portal on a shared host."""
        return self.target.tenant

    def of_whole_host(self) -> Self:
        """Return a copy without the tenant, which asks for the list of the whole host."""
        host = copy(self)
        host.target = replace(self.target, tenant={})
        return host

    @cached_property
    def attributor(self) -> Attributor:
        """Says which government a dataset of this run belongs to."""
        return Attributor(self.portal, self.tenant, self.governments)

    @property
    def list_path(self) -> str:
        """Where the list is asked for: the first of `list_paths` that the portal knows."""
        return self.list_paths[self.list_place]

    # --- what a family writes ---------------------------------------------------------------------------------------

    def list_request(self, page: int) -> Request:
        """Request of one list page."""
        raise NotImplementedError

    def parse_list(self, response: Response) -> ListPage:
        """Parse one list page; raises PageError."""
        raise NotImplementedError

    def detail_request(self, id: str) -> Request:
        """Request of one dataset's detail."""
        raise NotImplementedError

    def parse_detail(self, response: Response, id: str) -> Detail:
        """Parse one detail; raises PageError, DatasetGoneError if the portal says that it is gone."""
        raise NotImplementedError

    def says_gone(self, response: Response) -> str:
        """Return the software's words in which an answer says that its dataset is gone, '' for any other answer.

        Asked before the status is: for software that says so with a status that walls have, too.
        """
        return ""

    def files_request(self, id: str, page: int) -> Request | None:
        """Request of one page of the list of a dataset's files; None where no such list is attested."""
        return None

    def parse_files(self, response: Response, id: str) -> FilesPage:
        """Parse one page of the list of a dataset's files; raises PageError."""
        raise NotImplementedError

    def file_request(self, file: PortalFile, title: str) -> Request:
        """Request of one file of a dataset of that title."""
        raise NotImplementedError

    def preview_requests(self, id: str) -> Sequence[Request]:
        """Requests whose answers together show columns and rows of a dataset; none where no such call is attested."""
        return ()

    def parse_preview(self, response: Response, id: str, part: int) -> TablePreview:
        """Parse the answer to one of `preview_requests`, counted from 0; raises PageError."""
        raise NotImplementedError

    def page_url(self, id: str) -> str:
        """Return the page a person would open."""
        raise NotImplementedError

    def fingerprint(self, response: Response) -> bool:
        """Tell whether a page belongs to this family's software."""
        raise NotImplementedError
