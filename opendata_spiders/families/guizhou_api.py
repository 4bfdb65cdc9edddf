"""guizhou_api: the data.guizhou.gov.cn interface, which serves the province, its nine cities and Gui'an New Area."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final
from urllib.parse import quote

from scrapy import Request
from scrapy.http import Response

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.pages import bodies, records
from opendata_spiders.pages.contract import Detail, ListPage, PageDriftedError, PageError

LIST_KEYS: Final[Mapping[str, str]] = {
    "name": "title",
    "description": "description",
    "orgName": "office",
    "topicName": "theme",
    "createTime": "published",
    "updateTime": "updated",
    "openAttribute": "open_type",
    "resourceFormats": "formats",
    "views": "views",
    "calls": "calls",
}
"""Key of a list row to canonical field."""
DETAIL_KEYS: Final[Mapping[str, str]] = {
    "name": "title",
    "description": "description",
    "orgName": "office",
    "topicName": "theme",
    "industryName": "industry",
    "createTime": "published",
    "updateTime": "updated",
    "openAttribute": "open_type",
    "frequency": "frequency",
    "dataCapacity": "rows",
}
"""Key of a detail to canonical field."""


class GuizhouApiSpider(PortalSpider):
    """Reads a portal of the Guizhou interface (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/search/data`, also taken where neither it nor a path is given.
    2. `tenant` is `divisionId=520100` (the city's adcode; 529900 for Gui'an); without one the whole province is read.

    What is read, and who attests it:

    3. List: `POST …/getDataListByParams`, pages count from 1, twelve rows a page. One crawler (2024); another (2023)
       read the same answer at `…/getDataDirectoryListByParams`, which is tried where the former answers 404. Keys of a
       row: `LIST_KEYS`, two independent crawlers.
    4. Detail: `POST …/getDataDetailByDataId` with the id. Two independent crawlers. Keys: `DETAIL_KEYS`.
    5. `total` beside the rows is the declared total. Two independent crawlers.
    6. The page for people is `/open-data/<id>` on the same host.

    Quirks:

    7. Dates are milliseconds; `updateTime` and `resourceFormats` may be null. `openAttribute` 1 is conditional.
    8. `frequency` is a code of this family alone, and crawlers disagree on 7 and on null: kept raw.
    9. `dataCapacity` is read as `rows`: the crawler that keeps it files it under data volume, and it has no unit.
    10. `calls` stands for downloads and interface calls alike; it is read as `calls`, never as downloads.
    11. No contact, licence or list of files is in any answer that was seen: the files of watched datasets stay unseen.
    12. A list page in the middle may answer 404 (Bijie, 2023): a hole, not the end.
    13. Envelope keys (`code`, `message`, `success`) come from no crawler; an answer without them is fine.

    Gone: HTTP 404 or 410 on a detail alone. `data: null` has been seen by no crawler and may as well be a failing
    search index: it is a page that is not understood (PageDriftedError), and the look at what is missing says unknown.
    """

    family: ClassVar[str] = "guizhou_api"
    default_context: ClassVar[str] = "/api/search/data"
    page_size: ClassVar[int] = 12
    list_paths: ClassVar[tuple[str, ...]] = ("getDataListByParams", "getDataDirectoryListByParams")
    body_kind: ClassVar[str] = "json"
    list_fields: ClassVar[tuple[str, ...]] = tuple(LIST_KEYS.values())
    detail_fields: ClassVar[tuple[str, ...]] = tuple(DETAIL_KEYS.values())
    headers: ClassVar[Mapping[str, str]] = {
        "Accept": "application/json, text/plain, */*",
        "Content-Type": "application/json;charset=UTF-8",
        "role": "0",
    }

    def list_request(self, page: int) -> Request:
        """Ask for one list page; the body is the one the portal's own page sends."""
        body = {
            "orderBy": 0,
            "topicId": [],
            "orgId": [],
            **self.tenant,
            "pageSize": self.page_size,
            "scenarioId": "",
            "resourceType": "",
            "resourceFormats": [],
            "openAttribute": "",
            "searchText": [],
            "pageIndex": page,
            "thematicId": "",
        }
        return self._post(self.list_path, body)

    def parse_list(self, response: Response) -> ListPage:
        """Read one list page; raises PageError for an error code, a cut-off body or another shape."""
        answer, oddities = records.answer_of(response, self.target.charset)
        total, entries = answer.get("total"), answer.get("data")
        if entries is None and "data" in answer and bodies.total(total)[0] == 0:
            entries = []
        if not isinstance(entries, list):
            raise records.drifted("data", answer, "a list")
        return records.list_page(entries, LIST_KEYS, total, oddities)

    def detail_request(self, id: str) -> Request:
        """Ask for one dataset."""
        return self._post("getDataDetailByDataId", {"id": id})

    def parse_detail(self, response: Response, id: str) -> Detail:
        """Read one dataset; raises PageError, by design never DatasetGoneError (see the class)."""
        answer, _ = records.answer_of(response, self.target.charset)
        data = answer.get("data")
        if not isinstance(data, dict):
            raise records.drifted("data", answer, "an object")
        if "name" not in data:
            raise PageDriftedError("the detail has no key 'name': this is not the interface we know")
        if (other := bodies.native_id(data.get("id"))) not in ("", id):
            raise PageDriftedError(f"asked for {bodies.plain(id)}, answered about {bodies.plain(other)}")
        return Detail(records.values_of(data, DETAIL_KEYS), bodies.json_text(data))

    def page_url(self, id: str) -> str:
        """Return the page for people; ids are quoted, they may hold slashes."""
        return f"{self.base_url}/open-data/{quote(id, safe='')}"

    def fingerprint(self, response: Response) -> bool:
        """Tell the portal's home page (title and referrer rule) or a list answer of this interface."""
        text = bodies.decode(response, self.target.charset).text
        if text.lstrip()[:1] != "<":
            return self._is_list(response)
        page = bodies.html_page(text)
        title = page.xpath("string(//title)").get() or ""
        return "政府数据开放平台" in title and bool(page.css('meta[name="referrer"][content="never"]'))

    def _is_list(self, response: Response) -> bool:
        try:
            return any("title" in row.values for row in self.parse_list(response).rows)
        except PageError:
            return False

    def _post(self, action: str, body: Mapping[str, Any]) -> Request:
        return Request(
            f"{self.root}/{action}",
            method="POST",
            headers={**self.headers, "Origin": self.base_url},
            body=json.dumps(body, ensure_ascii=False),
        )
