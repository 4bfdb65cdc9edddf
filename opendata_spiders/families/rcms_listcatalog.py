"""rcms_listcatalog: the catalogue interface of Bazhong."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_SHARED = {
    "resourceName": "title",
    "remark": "description",
    "dataSource": "office",
    "industryCategory": "theme",
    "publishTime": "published",
    "updateTime": "updated",
    "dataUpdatePeriod": "frequency",
    "dataVolume": "rows",
}
_LISTED = {**_SHARED, "resourceTypeDetail": "formats", "viewCount": "views", "downloadTimes": "downloads"}


class RcmsListcatalogSpider(DeclaredFamily):
    """Reads Bazhong's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/rcms/catalog`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/listCatalog` with page and order in the query and the search in the body; pages count from 1. Two
       independent crawlers; five and twenty rows a page were served. Each row holds its dataset as `catalogInfo`.
    3. Total: `data.total`. One crawler.
    4. Detail: `GET …/queryDataCatalogDetail?dataCatalogId=<id>`, which holds `data.catalogInfo`. One crawler.
    5. The page for people is `/#/dataCatalog/catalogDetail/<id>`. One crawler.

    Quirks:

    6. Ids have 19 digits.
    7. `openType` is in the detail; the list's `sharingProperty` is a word of sharing between offices.
    8. Formats are `resourceTypeDetail` in the list and `resourceType` in the detail.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "rcms_listcatalog"
    page_size = 20
    default_context = "/api/rcms/catalog"
    list_call = Call(
        "{context}/listCatalog",
        headers=AJAX,
        referer="/",
        query={"field": "publishTime", "dir": "desc", "page": Slot.PAGE, "pageSize": Slot.SIZE},
        json={"searchContent": "", "nodeTree": "", "sharingType": ""},
    )
    list_page = JsonList(
        rows="data.data",
        totals=("data.total",),
        id="catalogInfo.id",
        keys={f"catalogInfo.{key}": name for key, name in _LISTED.items()},
    )
    detail_call = Call("{context}/queryDataCatalogDetail", headers=AJAX, referer="/", query={"dataCatalogId": Slot.ID})
    detail_page = JsonDetail(
        at="data.catalogInfo",
        keys={
            **_SHARED,
            "industryField": "industry",
            "openType": "open_type",
            "resourceType": "formats",
            "departmentContactTel": "contact_phone",
            "email": "contact_email",
        },
        must=("resourceName",),
        id="id",
    )
    human_page = "/#/dataCatalog/catalogDetail/{id}"
