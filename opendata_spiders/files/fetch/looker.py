"""Checks the files of single datasets, one request after the other."""

from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeVar

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.files.failures import outcome_of
from opendata_spiders.files.fetch import answers
from opendata_spiders.files.fetch.host_budget import HostBudget
from opendata_spiders.files.fetch.size_limit import SizeCap, Transfer
from opendata_spiders.files.parse import kinds
from opendata_spiders.files.parse.content import kept
from opendata_spiders.files.parse.file_reading import FileReading
from opendata_spiders.files.policy import file_policy
from opendata_spiders.pages import bodies, walls
from opendata_spiders.pages.contract import FilesPage, PageError, PortalFile
from opendata_spiders.store.file_checks import LIST, PREVIEW, FileCheck, FileOutcome

Fetch = Callable[[Request], Awaitable[Response]]
Read = Callable[[bytes, str, bool], Awaitable[FileReading]]
"""Body, declared format, and whether the body is whole."""
FileKey = tuple[str, str]
"""Native id of the dataset and id of the file."""
Page = TypeVar("Page")
PREVIEW_NAME: Final = "数据预览 (preview)"
"""Stands for the preview where files are shown by the name their portal gives them."""
_NO_LIST = "no_file_list"
_NAME_LENGTH = 300
_ADDRESS_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class WatchedDataset:
    """A watched dataset as today's view has it."""

    id: str
    title: str
    why: str = ""
    """Class of the reason why its files are not checked; empty if they are."""


class Looker:
    """Checks the files of one portal. Nothing a portal answers makes it raise: failures are recorded in the check."""

    def __init__(self, family: PortalSpider, fetch: Fetch, read: Read, budget: HostBudget, cap: SizeCap) -> None:
        self._family = family
        self._fetch = fetch
        self._read = read
        self._budget = budget
        self._cap = cap

    async def look(self, dataset: WatchedDataset, first: Container[FileKey]) -> list[FileCheck]:
        """Check the list of files, the preview of the table, and every file; those of `first` come first."""
        listing = FileCheck(dataset.id, LIST, why=dataset.why or self._budget.refusal)
        if listing.why:
            return [listing]
        listing, files = await self._list(dataset.id)
        files.sort(key=lambda file: (file.dataset, file.id) not in first)
        answered = listing.outcome is FileOutcome.OK or listing.why == _NO_LIST
        shown = await self._preview(dataset.id) if answered else []
        return [listing, *shown, *[await self._check_file(file, dataset.title) for file in files]]

    # --- the list of files ------------------------------------------------------------------------------------------

    async def _list(self, id_: str) -> tuple[FileCheck, list[PortalFile]]:
        """Read the list, page by page; with anything but OK the list may be short."""
        check = FileCheck(id_, LIST, outcome=FileOutcome.OK)
        files: dict[str, PortalFile] = {}
        for page in range(1, file_policy().list_pages + 1):
            request = self._family.files_request(id_, page)
            if request is None:
                return replace(check, outcome=FileOutcome.UNSEEN, why=_NO_LIST), []
            check, found = await self._list_page(request, check)
            known = len(files)
            for file in found.files:
                files.setdefault(file.id, file)
            if found.files and len(files) == known:
                return _judged(check, "drifted"), list(files.values())  # the same page again: pages are not numbered
            whole = found.declared is not None and len(files) >= found.declared
            if check.outcome is not FileOutcome.OK or not found.files or whole:
                return check, list(files.values())
        return replace(check, outcome=FileOutcome.UNSEEN, why="budget"), list(files.values())

    async def _list_page(self, request: Request, check: FileCheck) -> tuple[FileCheck, FilesPage]:
        check, page = await self._page(request, check, self._family.parse_files)
        if page is None:
            return check, FilesPage(())
        return _judged(check, "drifted" if page.without_id else ""), page

    # --- the preview of the table -----------------------------------------------------------------------------------

    async def _preview(self, id_: str) -> list[FileCheck]:
        """Read columns and number of rows, where the family knows how; a failure here is not a failure of a file."""
        requests = self._family.preview_requests(id_)
        blank = found = last = FileCheck(id_, PREVIEW, PREVIEW_NAME)
        if not requests:
            return []
        if why := self._budget.refusal:
            return [_judged(blank, why)]
        self._budget.spend()
        for part, request in enumerate(requests):
            last, shown = await self._page(request, blank, partial(self._family.parse_preview, part=part))
            if shown:
                found = replace(last, columns=found.columns or kept(shown.columns), rows=found.rows or shown.rows)
        if found.columns or found.rows:
            return [found]
        return [replace(last, outcome=FileOutcome.UNSEEN, why=last.why or "no_preview")]

    async def _page(
        self, request: Request, check: FileCheck, parse: Callable[[Response, str], Page]
    ) -> tuple[FileCheck, Page | None]:
        """Ask for a JSON answer about a dataset and parse it; without one, the check says why."""
        check = replace(check, url=_address(request))
        response, why = await self._ask(request, Transfer(None))
        if response is None:
            return _judged(check, why), None
        check = replace(check, status=response.status)
        if why := answers.of_status(response) or answers.of_body(response) or _not_json(response):
            return _judged(check, why), None
        try:
            return _judged(check, ""), parse(response, check.dataset)
        except PageError as error:
            self._family.logger.info("%s: %s", check.url, error)
            return _judged(check, answers.of_page_error(error)), None
        except Exception:
            self._family.logger.exception("the parser stumbled over %s", response.url)
            return _judged(check, "fault"), None

    # --- one file ---------------------------------------------------------------------------------------------------

    async def _check_file(self, file: PortalFile, title: str) -> FileCheck:
        name = bodies.plain(file.name, _NAME_LENGTH)
        check = FileCheck(file.dataset, file.id, name, declared=bodies.plain(file.format))
        if why := self._budget.refusal:
            return _judged(check, why)
        self._budget.spend()  # also for entries that are no files: a round has to end, and to fit into a document
        if kinds.declared_format(file.format) in kinds.NOT_FILES:
            return _judged(check, "not_a_file")
        request = self._family.file_request(file, title)
        transfer = self._cap.limit(request)
        check = replace(check, url=_address(request))
        response, why = await self._ask(request, transfer)
        if response is None:
            return _judged(check, why)
        return await self._judge(response, transfer, replace(check, status=response.status))

    async def _judge(self, response: Response, transfer: Transfer, check: FileCheck) -> FileCheck:
        if why := answers.of_status(response) or answers.of_body(response):
            return _judged(check, why)
        whole = "download_stopped" not in response.flags
        body = response.body if whole else response.body[: file_policy().head_bytes]
        found = await self._read(body, check.declared, whole)
        size = len(response.body) if whole else transfer.length
        check = replace(check, size=size, kind=found.kind, columns=found.columns)
        at_cap = found.rows is not None and found.rows == self._family.file_row_cap
        if whole and not at_cap:
            check = replace(check, rows=found.rows, content_hash=found.content_hash)
        return _judged(check, found.why)

    # --- asking -----------------------------------------------------------------------------------------------------

    async def _ask(self, request: Request, transfer: Transfer) -> tuple[Response | None, str]:
        """Send a request; return the answer, or None and the class of the failure."""
        try:
            response = await self._fetch(request)
        except Exception as error:  # noqa: BLE001 -- whatever stands between us and an answer
            why = answers.of_error(error, received=transfer.received)
            self._family.logger.info("%s: %s (%s)", _address(request), why, type(error).__name__)
            self._budget.answered(why)
            return None, why
        self._budget.answered(answers.of_status(response))
        return response, ""


def _judged(check: FileCheck, why: str) -> FileCheck:
    return replace(check, outcome=outcome_of(why), why=why)


def _not_json(response: Response) -> str:
    if not response.body.strip():
        return "empty"
    return "blocked" if walls.looks_like_html(response.body) else ""


def _address(request: Request) -> str:
    return request.url[:_ADDRESS_LENGTH]
