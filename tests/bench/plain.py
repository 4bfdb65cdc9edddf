"""The baseline: the least a Scrapy spider can do with the same portal. Callbacks, dicts, no pipeline, no store."""

import json
from collections.abc import Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response

HEADERS = {"Content-Type": "application/json;charset=UTF-8", "role": "0"}


class PlainSpider(Spider):
    """Reads list and details of the Guizhou interface, and yields what it finds as it is."""

    name = "plain"
    base_url = ""
    custom_settings = {"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "TELNETCONSOLE_ENABLED": False}

    def _post(self, action: str, body: dict[str, Any], callback: Any) -> Request:
        url = f"{self.base_url}/api/search/data/{action}"
        return Request(url, method="POST", headers=HEADERS, body=json.dumps(body), callback=callback, dont_filter=True)

    def _page(self, page: int, callback: Any) -> Request:
        body = {"orderBy": 0, "topicId": [], "orgId": [], "divisionId": "520100", "pageSize": 12, "scenarioId": "",
                "resourceType": "", "resourceFormats": [], "openAttribute": "", "searchText": [], "pageIndex": page,
                "thematicId": ""}  # fmt: skip
        return self._post("getDataListByParams", body, callback)

    async def start(self) -> Any:
        yield self._page(1, self.parse_first)

    def parse_first(self, response: Response) -> Iterator[Any]:
        total = json.loads(response.body)["total"]
        yield from self.parse_page(response)
        for page in range(2, -(-total // 12) + 1):
            yield self._page(page, self.parse_page)

    def parse_page(self, response: Response) -> Iterator[Any]:
        for row in json.loads(response.body)["data"]:
            request = self._post("getDataDetailByDataId", {"id": row["id"]}, self.parse_detail)
            request.meta["row"] = row
            yield request

    def parse_detail(self, response: Response) -> Iterator[Any]:
        yield {**response.meta["row"], **json.loads(response.body)["data"]}
