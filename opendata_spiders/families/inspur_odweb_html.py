"""inspur_odweb_html: Datong's portal, the older Inspur product with a list that is HTML."""

from opendata_spiders.declared import Call, FieldPlaces, HtmlDetail, HtmlList, LinkedPages, Slot
from opendata_spiders.families.inspur_odweb import INFO_LABELS


class InspurOdwebHtmlSpider(LinkedPages):
    """Reads the portal of Datong.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/Dataopen`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/list?pageNumber=N&null=null`, pages count from 1, six rows a page. Two independent crawlers.
    3. The last option of `select.page-select` is the number of pages; the portal declares no total. One crawler.
    4. Row: the link of `div.item-title` is the id and leads to the detail, two independent crawlers; that its text is
       the title is a guess. `div.item-info` shows labelled values, of which 开放状态 is attested (one crawler).
    5. Detail: `div.info-list li`, two independent crawlers; 浏览次数 and 下载次数 by one of them. Formats are the
       classes of the rows below `data-download` (the other one).

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "inspur_odweb_html"
    page_size = 6
    default_context = "/Dataopen"
    dates_in_details = True
    list_call = Call("{context}/list", query={"pageNumber": Slot.PAGE, "null": "null"}, referer="{context}/list")
    list_page = HtmlList(
        frame=".m-cata-list",
        entries=".m-cata-list > ul > li",
        id=".item-title a::attr(href)",
        pages="select.page-select option:last-child",
        layout=FieldPlaces(
            cells={".item-title a": "title"}, labels={"开放状态": "open_type"}, running=".item-info div"
        ),
    )
    detail_page = HtmlDetail(
        frame=".info-list",
        layout=FieldPlaces(
            cells={
                ".detail-title": "title",
                ".info-body[tags]::attr(tags)": "tags",
                '[target="data-download"] tr::attr(class)': "formats",
            },
            labels={**INFO_LABELS, "标签": "tags", "浏览次数": "views", "下载次数": "downloads"},
            running=".info-list li",
        ),
    )
