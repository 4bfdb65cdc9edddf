"""ningbo_dataset: the portal of Ningbo, whose interface answers on a host of its own."""

from urllib.parse import quote

from opendata_spiders.declared import AsText, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_PORTAL = "http://data.ningbo.gov.cn"
_HEADERS = {"Accept": "application/json", "Origin": _PORTAL, "Referer": f"{_PORTAL}/"}
_SHARED = {
    "resourceName": "title",
    "updateFrequency": "frequency",
    "openConditions": "open_type",
    "label": "tags",
    "dataNumber": "rows",
    "createTime": "published",
    "updateTime": "updated",
}


class NingboDatasetSpider(DeclaredFamily):
    """Reads Ningbo's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host of the interface, http://183.134.232.54; `context_path` is `/api/dataset`, also where
       neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/dataSetList`, pages count from 1, ten rows a page; the numbers are sent as text. Two independent
       crawlers (one of them through an IPv6 gateway).
    3. Detail: `POST …/dataSetInfo` with the id, the dataset lies under `bTCataResources`. One crawler.
    4. The page for people is on the portal's host: `/sjkfptold/#/dataDetails?uuid=<uuid>`. One crawler.

    Quirks:

    5. The interface wants Origin and Referer of the portal's host.
    6. Only the number of pages is printed: no total is declared, and the list is read to that page.
    7. Open condition and frequency are words. `openConditions` may have blanks around it.
    8. The office is `unitName` and only in the list, topic and phone are only in the detail.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "ningbo_dataset"
    page_size = 10
    default_context = "/api/dataset"
    list_call = Call(
        "{context}/dataSetList",
        headers=_HEADERS,
        json={
            "pageNo": AsText(Slot.PAGE), "pageSize": AsText(Slot.SIZE), "dataUnit": "", "domainClassification": "",
            "formatClassification": "", "order": "desc", "orderName": "UPDATE_TIME", "keywords": "", "createUser": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="list.rows",
        pages="list.pages",
        id="uuid",
        keys={
            **_SHARED,
            "remark": "description",
            "unitName": "office",
            "formatClassification": "formats",
            "previewNum": "views",
            "downloadNum": "downloads",
        },
    )
    detail_call = Call("{context}/dataSetInfo", headers=_HEADERS, json={"uuid": Slot.ID})
    detail_page = JsonDetail(
        at="bTCataResources",
        keys={**_SHARED, "domainName": "theme", "corresFormat": "formats", "dataUnitTel": "contact_phone"},
        must=("resourceName",),
        id="uuid",
    )

    def page_url(self, id: str) -> str:
        """Return the page for people, which is on the portal's own host."""
        return f"{_PORTAL}/sjkfptold/#/dataDetails?uuid={quote(id, safe='')}"
