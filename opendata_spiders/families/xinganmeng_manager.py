"""xinganmeng_manager: the portal of the Hinggan League."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_PAIR = "5f0c7e52-0d53-4c39-9a4e-6f5d8f1f2b11"
_HEADERS = {"X-XSRF-TOKEN": _PAIR, "Cookie": f"XSRF-TOKEN={_PAIR}"}
"""The page's own script sends the same text twice; any text of this form, by how that protection works."""


class XinganmengManagerSpider(DeclaredFamily):
    """Reads the portal of the Hinggan League (JSON).

    A portal joins by one register row:

    1. `base_url` is the host with its port; `context_path` is `/api/v1/manager/resource/public`, also where neither it
       nor a path is given.

    What is read, and who attests it (one crawler, 2023):

    2. List: `POST …/pageData`, pages count from 1, ten rows a page. `data.pages` is the number of pages. A row is read
       for its `id` alone.
    3. Detail: `GET …/dataResource/<id>`.
    4. The page for people is `/#/dataDirectory/detail?id=<id>`.

    Quirks:

    5. Each call carries the same random text as a header and as a cookie. That crawler sent a recorded pair; that a
       pair of our own is as good is a guess.
    6. Neither frequency nor open type nor formats are told.

    Gone: HTTP 404 or 410 on a detail alone; `data: null` has been seen by no crawler.
    """

    family = "xinganmeng_manager"
    page_size = 10
    default_context = "/api/v1/manager/resource/public"
    dates_in_details = True
    knows_lists = False
    list_call = Call(
        "{context}/pageData",
        headers=_HEADERS,
        referer="/",
        json={
            "name": "", "subjectCodes": [], "deptCode": "", "pageNum": Slot.PAGE, "length": Slot.SIZE,
            "orderField": "", "orderMethod": "asc",
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.data", pages="data.pages", id="id", keys={})
    detail_call = Call("{context}/dataResource/{id}", headers=_HEADERS, referer="/")
    detail_page = JsonDetail(
        must=("name",),
        id="id",
        keys={
            "name": "title",
            "description": "description",
            "deptName": "office",
            "subjectName": "theme",
            "releaseTime": "published",
            "updateTime": "updated",
        },
    )
    human_page = "/#/dataDirectory/detail?id={id}"
