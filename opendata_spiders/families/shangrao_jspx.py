"""shangrao_jspx: the portal of Shangrao, HTML throughout."""

from opendata_spiders.declared import AJAX, Call, FieldPlaces, HtmlDetail, HtmlList, LinkedPages, Slot


class ShangraoJspxSpider(LinkedPages):
    """Reads the portal of Shangrao.

    A portal joins by one register row:

    1. `base_url` is the host with its port; `context_path` is `/orgInfoListByName.jspx`, also where neither it nor a
       path is given.

    What is read, and who attests it (one crawler, 2024):

    2. List: `POST` to that path, pages count from 1, five rows a page; `nodeId` 2 is the catalogue. The answer is a
       piece of HTML. A total was read by nobody.
    3. Row: the link in `h3`, which is the id and leads to the detail. That its text is the title is a guess.
    4. Detail: the title in `#dataCatalogTitle`, labelled values in `ul li` and counters in `span`. The label of the
       number of rows is a guess: that crawler looked for 条 in its value.

    Quirks:

    5. 发布日期 is the only date. Neither description nor open type nor formats are told.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "shangrao_jspx"
    page_size = 5
    default_context = "/orgInfoListByName.jspx"
    dates_in_details = True
    knows_lists = False
    list_call = Call("{context}", headers=AJAX, referer="/node/2.jspx", form={"nodeId": "2", "page": Slot.PAGE})
    list_page = HtmlList(
        frame="body > div",
        entries="h3",
        id="a::attr(href)",
        layout=FieldPlaces(cells={"a": "title"}),
    )
    detail_page = HtmlDetail(
        frame="#dataCatalogTitle",
        layout=FieldPlaces(
            cells={"#dataCatalogTitle": "title"},
            labels={
                "数据来源": "office",
                "所属主题": "theme",
                "更新周期": "frequency",
                "发布日期": "published",
                "数据量": "rows",
                "访问量": "views",
                "下载量": "downloads",
            },
            running="ul > li, div > span",
        ),
    )
