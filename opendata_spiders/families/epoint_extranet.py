"""epoint_extranet: the extranet interface of Jiangsu, Zhangjiakou and Yichun (Jiangxi)."""

from typing import Any
from urllib.parse import quote

from scrapy import Request

from opendata_spiders.declared import AJAX, AsText, Call, DeclaredFamily, JsonDetail, JsonList, Slot, Tenant

_HEADERS = {**AJAX, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
_PAGES = "/extranet/openportal/pages/resource"
_FORMATS = ", ".join(f"{kind}Url && '{kind}'" for kind in ("json", "xml", "csv", "xls", "xlsx", "rdf"))


class EpointExtranetSpider(DeclaredFamily):
    """Reads a portal of the extranet interface (JSON).

    A portal joins by one register row:

    1. `base_url` is the host with its port; `context_path` is `/extranet/rest/dataOpen` (also where neither it nor a
       path is given), `/extranet/rest/apitextapistore` at Yichun.
    2. `tenant` is `city=` for Jiangsu itself and `city=all` for its cities; `token` holds the text that Yichun's calls
       carry (one crawler), null without it.

    What is read, and who attests it:

    3. List: `POST …/getResourceList`, pages count from 0, fifteen rows a page. Two independent crawlers. What they read
       of a row: its `rowGuid`, its `tag` names (formats) and its number of records.
    4. Total: `custom.total`. One crawler.
    5. Detail: `POST …/getResourceDetail` with the id. Two independent crawlers.
    6. The page for people is `/extranet/openportal/pages/resource/resource_detail.html?rowguid=<id>`. Two crawlers.

    Quirks:

    7. The body is JSON, percent-encoded as a whole, under a form's content type.
    8. Rows lie under `custom.resultList` or `custom.resourceList`; they count records as `openresdataCount` or
       `dataCount`.
    9. The detail's formats are those whose address (`csvUrl` …) is not empty.
    10. The date of update is `updateDate` or `updateTime`, the open type `openCondition` or `openScope` (Yichun).
    11. How the interface tells an error is not known: an answer without `custom` is not understood.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "epoint_extranet"
    page_size = 15
    first_page = 0
    dates_in_details = True
    default_context = "/extranet/rest/dataOpen"
    list_call = Call(
        "{context}/getResourceList",
        headers=_HEADERS,
        referer=f"{_PAGES}/resourcelist.html",
        json={
            "token": Tenant("token", None), "usertype": None,
            "params": {
                "currentPage": Slot.PAGE, "pageSize": AsText(Slot.SIZE), "sortField": "", "sortOrder": "desc",
                "resourcesName": "", "resourceSubject": "", "resourceIndustry": "", "resourceScene": "",
                "registDepartGuid": "", "city": Tenant("city"), "resourcesType": "", "openType": "",
            },
        },
    )  # fmt: skip
    list_page = JsonList(
        rows=("custom.resultList", "custom.resourceList"),
        totals=("custom.total",),
        id="rowGuid",
        keys={"tag[].name": "formats", "openresdataCount": "rows", "dataCount": "rows"},
    )
    detail_call = Call(
        "{context}/getResourceDetail",
        headers=_HEADERS,
        referer=f"{_PAGES}/resource_detail.html",
        json={"token": Tenant("token", None), "usertype": None, "params": {"rowGuid": Slot.ID, "type": "1"}},
    )
    detail_page = JsonDetail(
        at="custom",
        keys={
            "resourcesName": "title",
            "resourceDetail": "description",
            "provideDepartName": "office",
            "resourceSubject": "theme",
            "belongIndustry": "industry",
            "registDate": "published",
            "updateDate": "updated",
            "updateTime": "updated",
            "updateFrequency": "frequency",
            "openCondition": "open_type",
            "openScope": "open_type",
            f"[{_FORMATS}] | [?@]": "formats",
            "visitCnt": "views",
            "downloadCnt": "downloads",
            "apiCnt": "calls",
        },
        must=("resourcesName",),
        id="rowGuid",
    )
    human_page = f"{_PAGES}/resource_detail.html?rowguid={{id}}"
    home_marks = ("js/boot/boot.min.js", "ResBoot.output(")

    def _request(self, call: Call, slots: dict[Slot, Any]) -> Request:
        request = super()._request(call, slots)
        return request.replace(body=quote(request.body, safe=":,"))
