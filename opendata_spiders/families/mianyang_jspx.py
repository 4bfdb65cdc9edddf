"""mianyang_jspx: the portal of Mianyang."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_PAGE = "/ly/index.jhtml"


class MianyangJspxSpider(DeclaredFamily):
    """Reads the portal of Mianyang (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/dataDirectory`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/getShowMsg.jspx`, by offset, eight rows a page; `type` 2 is data. Two independent crawlers. A row is
       read for its `id` alone.
    3. `elementthing.listPage.total` is the declared total. One crawler.
    4. Detail: `GET …/showBasicMsg.jspx?id=`. Two independent crawlers agree on name, office, topic and update; the
       other fields are told by one of them each. It is also the only page of a dataset whose address is recorded.

    Quirks:

    5. `totalNum` is the total that the page already knew; the two crawlers sent different ones, so it decides nothing.
    6. `dir_updatetime` is the code of the frequency (0 real time … 6 yearly), `gmt_modified` the update.
    7. `isopen` 1 is unconditional (one crawler); the other read the open type off `sharelevel`, which by its name
       speaks of sharing: unread.

    Gone: HTTP 404 or 410 on a detail alone; a detail without `showBasicList` is not understood.
    """

    family = "mianyang_jspx"
    page_size = 8
    default_context = "/dataDirectory"
    dates_in_details = True
    list_call = Call(
        "{context}/getShowMsg.jspx",
        headers=AJAX,
        referer=_PAGE,
        query={
            "dir_code": "", "dir_name": "", "dir_trade": "", "dir_codetheme": "", "dir_sharetype": "", "isopen": "",
            "startTime": "", "delTime": "", "startNum": Slot.OFFSET, "queryNum": Slot.SIZE, "id": "", "type": "2",
            "mysort": "", "totalNum": "10366", "limitNum": Slot.SIZE, "elemId": "pagination",
        },
    )  # fmt: skip
    list_page = JsonList(rows="elementthing.listPage.list", totals=("elementthing.listPage.total",), id="id", keys={})
    detail_call = Call("{context}/showBasicMsg.jspx", headers=AJAX, referer=_PAGE, query={"id": Slot.ID})
    detail_page = JsonDetail(
        at="elementthing.showBasicList",
        must=("dir_name",),
        keys={
            "dir_name": "title",
            "dir_office": "office",
            "sszt": "theme",
            "sshy": "industry",
            "ssbq": "tags",
            "dir_updatetime": "frequency",
            "dir_statistics_data[0].isopen": "open_type",
            "dir_phone": "contact_phone",
            "dir_issuertime": "published",
            "gmt_modified": "updated",
            "dir_statistics_data[0].db_opennum": "rows",
            "dir_statistics_data[0].db_downloadnum": "downloads",
            "dir_statistics_data[0].service_time_All": "calls",
        },
    )
    human_page = "{context}/showBasicMsg.jspx?id={id}"
