"""fujian_openportal: the portal of Fujian, which lists the datasets of the province, its cities and Pingtan."""

from opendata_spiders.declared import OMIT, Call, DeclaredFamily, JsonDetail, JsonList, JsonTable, Slot, Tenant

_SHARED = {
    "catalogName": "title",
    "catalogDes": "description",
    "orgName": "office",
    "themeName": "theme",
    "updateTime": "updated",
    "openType": "open_type",
    "dataVol": "rows",
}


class FujianOpenportalSpider(DeclaredFamily):
    """Reads Fujian's portal, or one city of it (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/datadevelop/prod-api/open-portal`, also where neither it nor a path
       is given.
    2. `tenant` is `currentTab=city&cityCode=350100000000` (adcode and six noughts); without it all is read.

    What is read, and who attests it:

    3. List: `GET …/catalog/list`, pages count from 1, ten rows a page; total: `data.total`. Two independent crawlers,
       and read live in September 2026, with every city's code.
    4. Detail: `GET …/catalog/getCataInfo?cataId=`. Two independent crawlers, and live in 2026.
    5. The page for people is not recorded: the portal's home stands in for it, with the id behind the hash (a guess).

    6. Preview: `GET …/catalog/getCataItem?cataId=` shows the columns, `GET …/catalog/getCataItemData` the number of
       rows (`total`) beside the first thirty. Read live in September 2026; whether the list of columns stands bare or
       under `data`, as elsewhere in this interface, is not recorded: both are read.

    Quirks:

    7. `type` is 1 for the whole portal and 2 for a city. One crawler.
    8. `openType` is a code: 1 unconditional, 0 conditional. `files` may be null.
    9. Ids have 32 hexadecimal digits, or are numbers of 12.
    10. An error comes as `code` other than 200 inside HTTP 200. One crawler sends `x-open-portal-access`, which others
       read the portal without.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "fujian_openportal"
    page_size = 10
    default_context = "/datadevelop/prod-api/open-portal"
    list_call = Call(
        "{context}/catalog/list",
        referer="/",
        query={
            "pageNum": Slot.PAGE, "pageSize": Slot.SIZE, "format": "", "openType": "",
            "type": Tenant("cityCode", "1", given="2"), "key": "", "orderByColumn": "", "isAsc": "",
            "currentTab": Tenant("currentTab", "all"), "cityCode": Tenant("cityCode", OMIT),
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.rows",
        totals=("data.total",),
        id="catalogID",
        keys={
            **_SHARED,
            "files[].fileFormat": "formats",
            "visits": "views",
            "downloads": "downloads",
            "invokeTimes": "calls",
        },
    )
    detail_call = Call("{context}/catalog/getCataInfo", referer="/", query={"cataId": Slot.ID})
    detail_page = JsonDetail(
        keys={
            **_SHARED,
            "releasedTime": "published",
            "dataUpdateTime": "data_updated",
            "updateCycle": "frequency",
            "industryName": "industry",
            "organPhone": "contact_phone",
            "organEmail": "contact_email",
            "tags": "tags",
        },
        must=("catalogName",),
        id="catalogID",
    )
    previews = (
        (
            Call("{context}/catalog/getCataItem", referer="/", query={"cataId": Slot.ID}),
            JsonTable(columns=("@", "data", "data.rows"), named=("nameCn", "nameEn")),
        ),
        (
            Call(
                "{context}/catalog/getCataItemData",
                referer="/",
                query={"cataId": Slot.ID, "searchKey": "", "searchKeyColumnId": ""},
            ),
            JsonTable(rows=("total", "data.total")),
        ),
    )
    human_page = "/#/catalog/{id}"
    home_marks = ("福建省公共数据资源统一开放平台", "govcloud")
    home_version = 'content="([^"]{1,60}?)-{1,9}govcloud'
