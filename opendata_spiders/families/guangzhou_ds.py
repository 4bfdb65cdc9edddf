"""guangzhou_ds: the portal of Guangzhou."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_HEADERS = {**AJAX, "token": ""}
_SHARED = {
    "name": "title",
    "description": "description",
    "orgName": "office",
    "subjectName": "theme",
    "created": "published",
    "lastUpdated": "updated",
    "updateCycle": "frequency",
    "openStatus": "open_type",
    "dataFileList[].fileFormat": "formats",
    "dataFormat": "formats",
    "dataCount": "rows",
    "viewCount": "views",
    "downloadCount": "downloads",
    "apiCallCount": "calls",
}


class GuangzhouDsSpider(DeclaredFamily):
    """Reads Guangzhou's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/data-source/dsDataCatalog`, also where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `POST …/findDsDataTableExts`, pages count from 1, ten rows a page; total: `total`. Two crawlers.
    3. Detail: `GET …/findDsDataTableExtDetail/<sid>`, which adds tags and industry. Two independent crawlers.
    4. The page for people is `/dataDetail.html?sid=<sid>`. Two independent crawlers. It alone shows a contact.

    Quirks:

    5. The page's number is `page`. A crawler that sent `pageNum` seems to have read the first page over and over.
    6. Rows lie under `body`, and the one dataset of a detail too.
    7. `openStatus` (1, 3) and `updateCycle` are codes. `dataFormat` 3 (interface) is read where no file is listed.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "guangzhou_ds"
    page_size = 10
    default_context = "/data-source/dsDataCatalog"
    list_call = Call(
        "{context}/findDsDataTableExts",
        headers=_HEADERS,
        referer="/dataSet.html",
        json={
            "body": {
                "orgCode": "", "name": None, "subjectId": None, "useType": None, "dataFormat": None, "openStatus": None,
                "display": "1",
            },
            "page": Slot.PAGE, "pageSize": Slot.SIZE, "sortName": "lastUpdateTime", "sortOrder": "desc",
        },
    )  # fmt: skip
    list_page = JsonList(rows="body", totals=("total",), id="sid", keys=_SHARED)
    detail_call = Call("{context}/findDsDataTableExtDetail/{id}", headers=_HEADERS, referer="/dataSet.html")
    detail_page = JsonDetail(
        at="body", keys={**_SHARED, "tags": "tags", "industryName": "industry"}, must=("name",), id="sid"
    )
    human_page = "/dataDetail.html?sid={id}"
