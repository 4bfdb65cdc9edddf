"""The files of the portals of Inspur's "dsp" software: how they are listed and fetched."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import quote, urlencode

from parsel import Selector
from scrapy import FormRequest, Request
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.declared.answers import Answer
from opendata_spiders.declared.json_tables import JsonTable
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import FilesPage, PageDriftedError, PortalFile, TablePreview
from opendata_spiders.pages.labels import inside, shown
from opendata_spiders.pages.selecting import attribute

PAGE_SIZE: Final = 100
_PREVIEW: Final = JsonTable(columns="items", named=("name_cn", "column_name_en"), rows="recordsTotal")
_DATE = re.compile(r"\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?(?:[ T]\d{1,2}:\d{1,2}(?::\d{1,2})?)?")
_SIZE = re.compile(r"[\d,.]+\s*(?:[KMGT]i?)?(?:B|字节)", re.IGNORECASE)


class InspurFiles(PortalSpider):
    """The part of the family that knows files; its recipe stands with the family's spider."""

    default_context: ClassVar[str] = "/oportal"
    file_row_cap: ClassVar[int | None] = 1000

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

    def preview_requests(self, id: str) -> Sequence[Request]:
        """Ask for the first rows of a dataset, which come with its columns and its number of rows."""
        page = f"{self.root}/catalog/{quote(id, safe='')}"
        form = {"draw": "1", "start": "0", "length": "10", "param": ""}
        headers = {"Referer": page, "X-Requested-With": "XMLHttpRequest"}
        return [FormRequest(f"{page}/getData", formdata=form, headers=headers)]

    def parse_preview(self, response: Response, id: str, part: int) -> TablePreview:
        """Read columns and number of rows; raises PageError."""
        text = bodies.decode(response, self.target.charset).text
        return _PREVIEW.read(Answer(text, response.url))

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


def resources(page: Selector) -> list[dict[str, str]]:
    """Read the rows of files that stand in a dataset's page."""
    return [resource for row in inside(page, '[name="file-download"]', "tr") if (resource := _resource(row))]


def _resource(row: Selector) -> dict[str, str]:
    """Read one file row: name, format, id and, where printed, date and size; empty for a row that is no file."""
    cells = [shown(cell) for cell in row.css("td")]
    box = row.css("input[file-id], input[file-name]")
    resource = {
        "name": attribute(box, "file-name") or next(filter(None, cells), ""),
        "format": attribute(row, "fileformat") or "",
        "id": attribute(box, "file-id") or row.css(".downloadFileLink::attr(id)").get() or "",
        "date": next(filter(_DATE.fullmatch, cells), ""),
        "size": next(filter(_SIZE.fullmatch, cells), ""),
    }
    is_file = resource["format"] or resource["id"]
    return {name: value for name, value in resource.items() if value} if is_file else {}
