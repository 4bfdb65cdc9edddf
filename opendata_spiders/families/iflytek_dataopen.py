"""iflytek_dataopen: the portal of Anhui, which serves the province and cities, and that of Xuancheng."""

from opendata_spiders.declared import OMIT, Call, DeclaredFamily, JsonDetail, JsonList, Slot, Tenant

_HEADERS = {"IFLYTEK_CSRFTOKEN": "null"}
_SHARED = {
    "catalogName": "title",
    "belongFieldName": "theme",
    "providerDept": "office",
    "publishTime": "published",
    "formats": "formats",
}


class IflytekDataopenSpider(DeclaredFamily):
    """Reads a portal of the dataopen software (JSON).

    A portal joins by one register row:

    1. `base_url` is the host with its port; `context_path` is `/dataopen-web`, also taken where neither it nor a path
       is given.
    2. `tenant` is `xzqh=3405` (Ma'anshan; 3407 Tongling, 3400 the province itself); without one all is read.

    What is read, and who attests it:

    3. List: `POST …/data/findByPage` with a form, pages count from 1, ten rows a page. Two independent crawlers.
    4. Detail: `POST …/data/findByRid` with the id, which adds abstract, update, open type and frequency. Two crawlers.
    5. The page for people is `…/api-data-details.html?rid=<rid>`. One crawler.

    Quirks:

    6. Only the number of pages is printed: no total is declared, and the list is read to that page.
    7. Dates have 14 digits (`20230411101010`).
    8. `shareTypeName` of the list is a word of sharing between offices; the open type is the detail's `openTypeName`.
    9. Counters have Chinese initials: `llcs` views, `xzcs` downloads, `dycs` calls.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "iflytek_dataopen"
    page_size = 10
    dates_in_details = True
    default_context = "/dataopen-web"
    list_call = Call(
        "{context}/data/findByPage",
        headers=_HEADERS,
        referer="{context}/api-data.html",
        form={
            "pageSize": Slot.SIZE, "pageNum": Slot.PAGE, "dycs": "", "gxsj": "", "fwcs": "", "xzcs": "",
            "xzqh": Tenant("xzqh", OMIT),
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.rows",
        pages="data.pages",
        id="rid",
        keys={**_SHARED, "llcs": "views", "xzcs": "downloads", "dycs": "calls"},
    )
    detail_call = Call(
        "{context}/data/findByRid",
        headers=_HEADERS,
        referer="{context}/api-data-details.html",
        form={"rid": Slot.ID},
    )
    detail_page = JsonDetail(
        keys={
            **_SHARED,
            "summary": "description",
            "updateTime": "updated",
            "updateCycleTxt": "frequency",
            "openTypeName": "open_type",
        },
        must=("catalogName",),
        id="rid",
    )
    human_page = "{context}/api-data-details.html?rid={id}"
    home_marks = ("<title>数据开放平台</title>", "请开启浏览器JavaScript功能")
