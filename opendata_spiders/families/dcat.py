"""dcat: any portal that publishes its catalogue in DCAT, whole or page by page."""

from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.dcat.catalogue import FIELDS
from opendata_spiders.dcat.policy import catalogue_policy
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListPage, PageDriftedError, PageError, PageUnreachableError


class DcatSpider(PortalSpider):
    """Reads a catalogue in DCAT.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` the path of the catalogue, as `/data.json`. Without one the usual paths
       are tried, each only if those before it answer 404. `tenant` is the query of the first document.

    What is read, by published specifications and by what CKAN 2.12 with ckanext-dcat 2.4.4 and udata 17.18 answer, both
    started on this machine (no portal has been read yet):

    2. DCAT-US 1.1 and 3.0: one JSON document. DCAT-AP as JSON-LD, Turtle or RDF/XML: one document, or pages that name
       the next one by Hydra (`hydra:next`, or `hydra:nextPage` of its first drafts, which ckanext-dcat writes) and
       print `hydra:totalItems`. The answer's content type and first characters tell the syntax.
    3. Pages are read one after the other, each at the address that the one before it names. A page that names one that
       was read before is refused, since nobody can tell what is missing then.
    4. Row: a dataset that the catalogue links to. The list tells all there is; dcat/properties.csv has the properties.
    5. The id is the IRI without its scheme; of DCAT-US, and of a dataset without an IRI, its identifier.
    6. The update is the dataset's `dct:modified`, else the newest of its distributions.

    Quirks:

    7. A catalogue in one document prints no total: its length is judged by earlier readings.
    8. Titles in several languages: the one of the row's language counts, else one without a language, else the first by
       its tag. Lists have no order in RDF and are sorted.
    9. A JSON-LD context that lies elsewhere is never fetched: such a document is refused.
    10. A document of 10,000 datasets (300,000 triples) takes 3 seconds and 175 MB as DCAT-US, 5 and 220 as JSON-LD, 5.5
        and 245 as Turtle, 7.5 and 200 as RDF/XML; one above 1 MB is read in a process of its own (dcat/policy.csv).

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "dcat"
    page_size = 100_000  # rows of a page are as many as the first one has
    pages_in_order = True
    body_kind = "xml"
    list_fields = FIELDS
    list_paths: ClassVar[tuple[str, ...]] = (
        "/data.json",
        "/catalog.jsonld",
        "/catalog.ttl",
        "/catalog.rdf",
        "/catalog.xml",
    )

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        if self.target.context_path:
            self.list_paths = ("",)  # type: ignore[misc]  # the row knows where it is
        self._following: list[str] = []
        """Addresses of the pages after the first, as far as they are known."""
        self._human_pages: dict[str, str] = {}

    def of_whole_host(self) -> Self:
        """Return a copy without the tenant, which learns its pages anew."""
        host = super().of_whole_host()
        host._following = []  # noqa: SLF001 -- its own copy's
        return host

    def list_request(self, page: int) -> Request:
        """Ask for a page; raises PageUnreachableError for one that no page read so far leads to."""
        place = page - self.first_page
        if place > len(self._following):
            raise PageUnreachableError(f"no page that was read gives the address of page {page}")
        query = urlencode(self.tenant)
        first = f"{self.root}{self.list_path}{'?' if query else ''}{query}"
        meta = {"page": page, "download_maxsize": catalogue_policy().document_mb << 20}
        return Request(self._following[place - 1] if place else first, meta=meta)

    def parse_list(self, response: Response) -> ListPage:
        """Read one document; raises PageError."""
        from opendata_spiders.dcat.apart import read_bounded  # noqa: PLC0415 -- RDF's libraries, of no other family

        read = bodies.decode(response, self.target.charset)
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        language = self.portal.language if self.portal else ""
        page = read_bounded(read.text, kind, response.url, language)
        number = response.request.meta.get("page", self.first_page) if response.request else self.first_page
        self._learn(page.following, number)
        self._human_pages |= page.human_pages
        oddities, pages = (*read.oddities, *page.oddities), self.first_page + len(self._following)
        return ListPage(page.rows, page.declared, page.without_id, oddities, pages)

    def _learn(self, address: str, page: int) -> None:
        """Take the address of the page after `page`; raises PageDriftedError if it is that of an earlier one.

        The last answer counts: in a second reading of the list the addresses may be others (they may hold a token).
        """
        place = page - self.first_page
        if address and address in (self.list_request(self.first_page).url, *self._following[:place]):
            raise PageDriftedError(f"page {page} names a next page that was read before: {bodies.plain(address)}")
        named = [address] if address else []
        if self._following[place : place + 1] != named:
            self._following[place:] = named

    def page_url(self, id: str) -> str:
        """Return the page for people: the landing page, else the IRI, else the portal."""
        return self._human_pages.get(id, self.base_url)

    def fingerprint(self, response: Response) -> bool:
        """Tell a catalogue by its datasets."""
        if b"dataset" not in response.body:  # a word that is in every syntax; other families' pages are not parsed
            return False
        try:
            return bool(type(self)(slug=self.target.slug, base_url=self.base_url).parse_list(response).rows)
        except PageError:
            return False
