"""rendered: a portal whose interface nobody has recorded, read as its own page reads it."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.http import Response
from scrapy.utils.misc import load_object

from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.fetching.ask import ask_page
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import ListPage, PageDriftedError, PageError
from opendata_spiders.rendered.blocks import recognise_blocks
from opendata_spiders.rendered.recognition import Weak
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.models import RECOGNISED, Finding

if TYPE_CHECKING:
    from opendata_spiders.rendered.page_reading import PageReading
    from opendata_spiders.rendered.sources import ListSource

_READING = "opendata_spiders.rendered.page_reading.PageReading"
"""Loaded by name when a page is opened: it imports the browser, which other crawls do without."""


class RenderedSpider(PortalSpider):
    """Reads a portal through its own page, opened in Chromium.

    A portal joins by one register row:

    1. `base_url` and `context_path` are the address of the page that lists the datasets, as a person opens it. The
       path may hold the route of a single-page application: `/portal/#/catalog`.
    2. `tenant` names nothing that is sent. `reading=2` (then 3, …) begins a new epoch, after a person has looked at why
       the list is recognised in another way than before.

    What is read, and how it is known:

    3. The answers that the page's scripts get are searched for one array whose entries are datasets: an id, a title and
       fields of two more kinds, by the words of their keys (normalise/field_words.csv) **and** by their values; the
       request names a page, or the answer prints a total (`rendered/recognition.py`).
    4. Where no answer can be read (encrypted bodies), the repeated blocks that the page shows are read in the same way,
       by their labels (`rendered/blocks.py`).
    5. Whatever is not certain is no reading: the run is drifted, and its reason names the nearest array.
    6. Further pages: the recognised request with another page number, sent plainly, if the second page brings other
       entries; else the page's own pager in the browser, at the settings' delay.
    7. The place of rows, ids and fields is kept with the run. A later night that would read any of them from elsewhere
       is drifted.

    Quirks:

    8. A field that values do not confirm is not read; codes of frequency and open type are kept as they come.
    9. Details are not read: `page_url` is the list's page, unless the ids are links.

    Gone: never, for no details are read.
    """

    family = "rendered"
    body_kind = "html"
    needs_browser = True
    unsent = frozenset({"reading"})
    custom_settings = {"LIST_WINDOW": 1}  # noqa: RUF012 -- Scrapy's. A page in a browser is turned one by one

    def __init__(self, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self._source: ListSource | None = None
        self._failure: PageError | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Open the list's page and recognise the list, then read it as any portal's is read."""
        recorder = Recorder.of(self.crawler)
        reading: PageReading = load_object(_READING)(
            self.crawler,
            self.root or self.base_url,
            self.host_group,
            self._ask,
            now=recorder.at,
            tz=self.target.timezone,
            known=recorder.previous.run.recognised if recorder.previous.run else {},
        )
        try:
            if not recorder.refusal:
                await self._learn(reading)
            async for dataset in super().start():
                yield dataset
        finally:
            await reading.close()

    async def _learn(self, reading: "PageReading") -> None:
        """Take over how the list is read, or why it cannot be."""
        try:
            found, self._source, first = await reading.learn()
        except PageError as error:
            self._failure = error
            return
        except Exception as error:
            self.logger.exception("the page could not be understood")
            self._failure = PageError(f"our reader stumbled: {type(error).__name__}")
            return
        self.recognised = found.rule
        self.page_size = len(first.rows) + first.without_id
        self.list_fields = tuple(sorted(set(found.keys.values())))
        self.findings.append(Finding(RECOGNISED, f"{found}; {self._source.said}"))

    async def _fetch_list(self, page: int) -> ListPage:
        if self._source is None:
            raise self._failure or PageError("the list was not recognised")
        return await self._source.page(page - self.first_page)

    async def _ask(self, request: Request) -> Response:
        return await ask_page(self.crawler, self.bound(request))

    def list_request(self, page: int) -> Request:
        """Ask for the list's page without a browser, as a trial does."""
        return Request(self.root or self.base_url)

    def parse_list(self, response: Response) -> ListPage:
        """Read what the page shows without its scripts; raises PageDriftedError where that is no list."""
        html = bodies.decode(response, self.target.charset).text
        found = recognise_blocks(html, response.url, now=real_now(), tz=self.target.timezone)
        if isinstance(found, Weak):
            raise PageDriftedError(f"only a browser can tell, as `scrapy crawl` opens it; without one {found.reason}")
        self.list_fields = tuple(sorted(set(found.keys.values())))
        return found.read(html, response.url)

    def page_url(self, id: str) -> str:
        """Return the page for people: the dataset's where the id is its link, else the list's."""
        return f"{self.base_url}{id}" if id.startswith("/") else self.root or self.base_url

    def fingerprint(self, response: Response) -> bool:
        """Tell nothing: any software may be read in this way."""
        return False
