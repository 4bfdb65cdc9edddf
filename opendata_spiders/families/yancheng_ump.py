"""yancheng_ump: the portal of Yancheng."""

import json
from urllib.parse import quote

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_OPENED = json.dumps(
    {
        "COND": [{"columnName": "catalogState", "relOpt": "=", "value": 25, "valueType": "STRING"}],
        "ORDER": [{"columnName": "PUBLISH_TIME", "dir": "DESC"}],
    },
    separators=(",", ":"),
)
_FORMATS = "[isJson == `1` && 'json', isExcel == `1` && 'excel', isCsv == `1` && 'csv'] | [?@]"
_SHARED = {
    "catalogName": "title",
    "catalogAbstract": "description",
    "deptName": "office",
    "catalogKeywords": "tags",
    "updateCycle": "frequency",
    "createTime": "published",
    "publishTime": "updated",
    _FORMATS: "formats",
}


class YanchengUmpSpider(DeclaredFamily):
    """Reads the portal of Yancheng (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/opendata/ump_gateway/open`, also where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `GET …/data_service/listPageCatalogVo`, pages count from 1, a hundred rows a page. Two independent
       crawlers. `resultData.pager.pageCount` is the number of pages (one crawler).
    3. Row: one crawler; the other reads its `catalogPk` alone.
    4. Detail: `GET …/open_portal/dataSetDetailById?catalogId=`. One crawler.
    5. The page for people is `/opendata/openCatalog/deatil/<id>`, spelled so. Two independent crawlers.

    Quirks:

    6. `searchParam` is JSON that is percent-encoded before the query is: catalogState 25 are the published ones.
    7. A format is offered where `isJson`, `isExcel`, `isCsv` are 1. `publishTime` is the later date and is read as the
       update by both crawlers. `shareType` speaks of sharing between offices: unread.
    8. `openType` 1 stands for 可开放, which says nothing of conditions; they stand in `openCondition`, null where there
       are none by one crawler's reading.

    Gone: HTTP 404 or 410 on a detail alone; `resultData: null` has been seen by no crawler.
    """

    family = "yancheng_ump"
    page_size = 100
    default_context = "/opendata/ump_gateway/open"
    list_call = Call(
        "{context}/data_service/listPageCatalogVo",
        headers=AJAX,
        referer="/opendata/openHome",
        query={
            "pageNumber": Slot.PAGE,
            "pageSize": Slot.SIZE,
            "categoryType": "INDUSTRY_CLASS",
            "searchParam": quote(_OPENED, safe=""),
        },
    )
    list_page = JsonList(
        rows="resultData.list",
        pages="resultData.pager.pageCount",
        id="catalogPk",
        keys={**_SHARED, "dataCount": "rows", "viewCount": "views", "downloadCount": "downloads"},
    )
    detail_call = Call(
        "{context}/open_portal/dataSetDetailById",
        headers=AJAX,
        referer="/opendata/openHome",
        query={"catalogId": Slot.ID},
    )
    detail_page = JsonDetail(
        at="resultData",
        must=("catalogName",),
        id="catalogPk",
        keys={
            **_SHARED,
            "subjectName": "theme",
            "industryName": "industry",
            "openCondition": ("open_condition", "open_type"),
        },
    )
    human_page = "/opendata/openCatalog/deatil/{id}"
