"""The files of the portals of Inspur's "dsp" software: how they are listed and fetched."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import FilesPage, PageDriftedError, PortalFile

DEFAULT_CONTEXT: Final = "/oportal"
PAGE_SIZE: Final = 100


class InspurFiles(PortalSpider):
    """The part of the family that knows files; its recipe stands with the family's spider."""

    file_row_cap: ClassVar[int | None] = 1000

    @property
    def root(self) -> str:
        """Address of the software, without a trailing slash."""
        return self.base_url + (self.context_path or ("" if urlsplit(self.base_url).path else DEFAULT_CONTEXT))

    def files_request(self, id: str, page: int) -> Request | None:
        """Ask for one page of a dataset's files."""
        query = urlencode({"cataId": id, "pageNum": page, "pageSize": PAGE_SIZE, "fileFormat": ""})
        headers = {"Accept": "application/json, text/plain, */*", "X-Requested-With": "XMLHttpRequest"}
        return self._of_dataset(f"getResourceWithFormat?{query}", id, headers)

    def parse_files(self, response: Response, id: str) -> FilesPage:
        """Read one page of a dataset's files; raises PageError for an error code, a cut-off body or another shape."""
        answer = bodies.json_object(bodies.decode(response, self.target.charset).text)
        bodies.check_envelope(answer)
        page = answer.get("object")
        if not isinstance(page, dict) or not isinstance(page.get("records"), list):
            raise PageDriftedError(f"no list of files at object.records, only: {bodies.plain(', '.join(answer))}")
        files = [_file(entry, id) for entry in page["records"]]
        declared, _ = bodies.total(page.get("total"))
        return FilesPage(tuple(filter(None, files)), declared, files.count(None))

    def file_request(self, file: PortalFile, title: str) -> Request:
        """Ask for one file, as the portal's own page does: by ids and the dataset's title."""
        query = urlencode({"cataId": file.dataset, "cataName": title, "idInRc": file.id})
        return self._of_dataset(f"download?{query}", file.dataset, {"Accept": "*/*"})

    def _of_dataset(self, action: str, id_: str, headers: Mapping[str, str]) -> Request:
        referer = f"{self.root}/catalog/{quote(id_, safe='')}"
        language = {"Accept-Language": "zh-CN,zh;q=0.9"}
        return Request(f"{self.root}/catalog/{action}", headers={**headers, **language, "Referer": referer})


def _file(entry: Any, dataset: str) -> PortalFile | None:
    """Read one entry; None without an id, for it cannot be fetched then."""
    id_ = bodies.native_id(entry.get("idInRc")) if isinstance(entry, dict) else ""
    if not id_:
        return None
    name, format_ = (str(bodies.scalar(entry.get(key))).strip() for key in ("fileName", "fileFormat"))
    return PortalFile(dataset, id_, name, format_)
