"""zj_athena: the athena interface of Shaoxing, Taizhou (Zhejiang) and Yichang."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_HEADERS = {**AJAX, "Accept": "application/json, text/plain, */*"}
_PAGE = "{front}/open/table"


class ZjAthenaSpider(DeclaredFamily):
    """Reads a portal of the athena interface (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/athena`, also where neither it nor a path is given.
    2. `tenant` holds `front=/tz` where the pages for people do not begin at `/kf` (Taizhou).

    What is read, and who attests it:

    3. List: `POST …/catalog/page`, pages count from 1, ten rows a page. Two independent crawlers. All that they read
       of a row is `iid`; total: `data.total`.
    4. Detail: `GET …/catalog/getDetails?dataId=<iid>`. Two independent crawlers. It tells everything else.
    5. The page for people is `/kf/open/table/detail/<iid>`, opened by a person in October 2026 at Yichang and Taizhou.

    Quirks:

    6. `openStatus` is a code: 0 by application, 1 after login, 2 fully open. `openCond` and `openCondition` are words.
    7. `updateFreq` is a code that counts from 1 at Shaoxing and Taizhou and from 0 at Yichang.
    8. Taizhou has answered XML to a crawler that did not ask for JSON; the header asks for it.
    9. Shaoxing's third page was broken in 2023: a hole, not the end.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "zj_athena"
    page_size = 10
    dates_in_details = True
    default_context = "/athena"
    default_front = "/kf"
    list_call = Call(
        "{context}/catalog/page",
        headers=_HEADERS,
        referer=_PAGE,
        json={
            "pageNum": Slot.PAGE, "pageSize": Slot.SIZE, "deptId": "", "domainId": "", "orderField": "2",
            "isDownload": "", "uncode": "", "scene": "", "fieldType": "", "searchString": "", "content": "",
            "orderDefault": "", "isCatalog": "", "searchType": "",
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.rows", totals=("data.total",), id="iid", keys={})
    detail_call = Call("{context}/catalog/getDetails", headers=_HEADERS, referer=_PAGE, query={"dataId": Slot.ID})
    detail_page = JsonDetail(
        keys={
            "title": "title",
            "content": "description",
            "deptName": "office",
            "domainStr": "theme",
            "keywords": "tags",
            "createDate": "published",
            "dataUpdateDate": "data_updated",
            "updateFreq": "frequency",
            "openStatus": "open_type",
            "openCond": ("open_condition", "open_type"),
            "openCondition": ("open_condition", "open_type"),
            "downloadDataInfo.dataType": "formats",
            "dataCount": "rows",
            "dataSize": "storage",
            "deptContact": "contact_phone",
            "visitCount": "views",
            "useCount": "downloads",
            "invokes": "calls",
        },
        must=("title",),
        id="iid",
    )
    human_page = "{front}/open/table/detail/{id}"
