"""zigong_schema: the portal of Zigong."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_SHARED = {
    "catalogTitle": "title",
    "catalogDesc": "description",
    "supplyOrg": "office",
    "industryName": "industry",
    "createdTime": "published",
    "modifiedTime": "updated",
    "updateCycle": "frequency",
}


class ZigongSchemaSpider(DeclaredFamily):
    """Reads the portal of Zigong (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/catalog_schema`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/findRightSchema`; `offset` counts rows from 0, ten rows a page. Two independent crawlers.
    3. `data.total` is the declared total. One crawler.
    4. Row: `list_page`, one crawler (2024).
    5. Detail: `GET …/findView?id=`, a list of one. Two independent crawlers.

    Quirks:

    6. Dates are milliseconds.
    7. `isOpen` 0 is conditional; the `openType` of a row has another map, of one crawler, and is not read.
    8. No address of a dataset's page for people is attested: the address of the detail stands in its place.

    Gone: HTTP 404 or 410 on a detail alone; an empty list has been seen by no crawler.
    """

    family = "zigong_schema"
    page_size = 10
    default_context = "/catalog_schema"
    list_call = Call(
        "{context}/findRightSchema",
        headers=AJAX,
        query={
            "offset": Slot.OFFSET, "limit": Slot.SIZE, "groupCode": "", "orderBy": "0", "catalogTitle": "",
            "dateType": "", "catalogFormatType": "", "catalogShareWay": "", "syncStatus": "", "shareType": "",
            "openType": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.rows",
        totals=("data.total",),
        id="id",
        keys={
            **_SHARED,
            "catalogFormatType": "formats",
            "clickCount": "views",
            "downloadCount": "downloads",
            "callCount": "calls",
        },
    )
    detail_call = Call("{context}/findView", headers=AJAX, query={"id": Slot.ID})
    detail_page = JsonDetail(
        at="data[0]",
        must=("catalogTitle",),
        id="id",
        keys={**_SHARED, "domainName": "theme", "isOpen": "open_type", "tel": "contact_phone"},
    )
    human_page = "{context}/findView?id={id}"
