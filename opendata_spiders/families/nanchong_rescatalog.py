"""nanchong_rescatalog: the portal of Nanchong."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_SHARED = {
    "NAME": "title",
    "ABSRACTINFO": "description",
    "PROVIDEDEPT": "office",
    "RESOURCESNUM": "rows",
    "UPDATE_TIME": "updated",
}


class NanchongRescatalogSpider(DeclaredFamily):
    """Reads the portal of Nanchong (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/data/resCatalog`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/find`, pages count from 1, twenty rows a page. Two independent crawlers (one asks for five). The
       page's script adds a random `key` against caches; one crawler leaves it out.
    3. `count` is the declared total. One crawler.
    4. Row: `list_page`, one crawler (2024). `ABSRACTINFO` is the portal's own spelling.
    5. Detail: `GET …/getdetailsbyid?id=`, a list of one. One crawler (2023).
    6. The page for people is `/data/catalog/details.html?id=`. Two independent crawlers.

    Quirks:

    7. `provideDetail` within the detail is '' where the office leaves no phone and mail.
    8. `OPENTYPE` 1 is unconditional; what other codes mean nobody wrote down.
    9. `CREATETIME` of the detail and `RELEASETIME` of the row are both read as the publication.

    Gone: HTTP 404 or 410 on a detail alone; an empty list has been seen by no crawler.
    """

    family = "nanchong_rescatalog"
    page_size = 20
    default_context = "/data/resCatalog"
    list_call = Call(
        "{context}/find",
        headers=AJAX,
        referer="/data/catalog/index.html",
        query={
            "code": "", "type": "", "inputtext": "", "RELEASETIME": "desc", "accesscount": "", "downnum": "",
            "callnum": "", "ykfcclnum": "", "update_time": "", "page": Slot.PAGE, "rows": Slot.SIZE, "resourcenum": "",
            "tag_id1": "", "tag_id2": "", "tag_id3": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data",
        totals=("count",),
        id="ID",
        keys={
            **_SHARED,
            "TAG_NAME1": "theme",
            "FORMAT_NAME": "formats",
            "RELEASETIME": "published",
            "ACCESSCOUNT": "views",
            "DOWNNUM": "downloads",
            "CALLNUM": "calls",
        },
    )
    detail_call = Call(
        "{context}/getdetailsbyid", headers=AJAX, referer="/data/catalog/index.html", query={"id": Slot.ID}
    )
    detail_page = JsonDetail(
        at="data[0]",
        must=("NAME",),
        id="ID",
        keys={
            **_SHARED,
            "TAG_ID1": "theme",
            "TAG_ID2": "industry",
            "FORMATNAME": "formats",
            "OPENTYPE": "open_type",
            "CREATETIME": "published",
            "provideDetail.PHONENUM": "contact_phone",
            "provideDetail.EMAIL": "contact_email",
        },
    )
    human_page = "/data/catalog/details.html?id={id}"
