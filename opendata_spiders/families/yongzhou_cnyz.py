"""yongzhou_cnyz: the open data column of Yongzhou, a page for each department."""

from opendata_spiders.declared import Call, FieldPlaces, HtmlDetail, HtmlList, LinkedPages, PartedFamily

_LIST = "#tbg > div > div > div:nth-of-type(2) > div:nth-of-type(2)"
_UNREAD = ("信息资源代码", "共享类型", "共享条件", "数据长度")


class YongzhouCnyzSpider(LinkedPages, PartedFamily):
    """Reads the portal of Yongzhou, HTML throughout.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/cnyz`, also taken where neither it nor a path is given.
    2. `tenant` names the departments as the addresses do: `parts=sjmzj,szrzyj,szfgjj`. More are not recorded.

    What is read, and who attests it (one crawler, 2024):

    3. List: `GET …/<department>/sjkf_list.shtml`, one page a department; whether a longer one has further pages nobody
       wrote down. A total was read by nobody.
    4. Row: the first link of its third block, which is the id and leads to the detail.
    5. Detail: the title in `ucaptitle`, labelled values in `.c_detail`.

    Quirks:

    6. No date is told, so that this portal cannot be told late.
    7. 共享类型 speaks of sharing between offices, 数据长度 of the columns: unread, as are codes (`_UNREAD`).

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "yongzhou_cnyz"
    page_size = 1
    default_context = "/cnyz"
    list_call = Call("{context}/{part}/sjkf_list.shtml")
    list_page = HtmlList(
        frame=_LIST,
        entries=f"{_LIST} > div:nth-of-type(1) > div",
        id="div:nth-of-type(3) a::attr(href)",
        layout=FieldPlaces(),
    )
    detail_page = HtmlDetail(
        frame=".c_detail",
        layout=FieldPlaces(
            cells={"ucaptitle": "title"},
            labels={
                "信息资源摘要": "description",
                "信息资源提供方": "office",
                "信息资源格式类型": "formats",
                "更新周期": "frequency",
                **dict.fromkeys(_UNREAD, ()),
            },
            running=".c_detail div",
        ),
    )
