"""xiaogan_themelist: the open data column of Xiaogan, HTML throughout."""

import re

from opendata_spiders.declared import Call, FieldPlaces, HtmlDetail, HtmlList, LinkedPages, Slot


class XiaoganThemelistSpider(LinkedPages):
    """Reads the portal of Xiaogan.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/themeList.jspx`, also taken where neither it nor a path is given.

    What is read, and who attests it (one crawler, 2024):

    2. List: `GET` of that path, pages count from 1, ten rows a page. A total was read by nobody.
    3. Row: the link in `h2`, which is the id and leads to the detail. That its text is the title is a guess.
    4. Detail: pairs of blocks below `.data-content`, a label and its value.

    Quirks:

    5. Years have two digits (24-06-13), which is kept raw and read as no date: day and year could be taken for each
       other. 下载量/调用量 are two numbers in one text.
    6. Neither description nor open type is told; 提供单位 is the office.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "xiaogan_themelist"
    page_size = 10
    default_context = "/themeList.jspx"
    dates_in_details = True
    knows_lists = False
    list_call = Call("{context}", query={"pageNo": Slot.PAGE})
    list_page = HtmlList(
        frame="body > div ul",
        entries="ul > li > h2",
        id="a::attr(href)",
        layout=FieldPlaces(cells={"a": "title"}),
    )
    detail_page = HtmlDetail(
        frame=".data-content",
        layout=FieldPlaces(
            labels={
                "数据名称": "title",
                "数据主题": "theme",
                "提供单位": "office",
                "发布时间": "published",
                "更新频度": "frequency",
                "数据格式": "formats",
                "浏览次数": "views",
                "下载量/调用量": re.compile(r"(?P<downloads>[\d,]+)\s*/\s*(?P<calls>[\d,]*)"),
                "API接口": (),
            },
            running=".data-content",
        ),
    )
