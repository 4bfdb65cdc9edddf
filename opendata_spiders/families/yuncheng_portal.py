"""yuncheng_portal: the portal of Yuncheng, HTML throughout."""

from opendata_spiders.declared import Call, FieldPlaces, HtmlDetail, HtmlList, LinkedPages, Slot
from opendata_spiders.declared.usual_labels import USUAL_LABELS


class YunchengPortalSpider(LinkedPages):
    """Reads the portal of Yuncheng.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/portal/l-zh_CN`, also taken where neither it nor a path is given.

    What is read, and who attests it (one crawler, 2023):

    2. List: `GET …/data.htm`, pages count from 1. How many rows a page holds nobody wrote down, nor a total: only an
       empty page or one without news ends the list.
    3. Row: the link in `h2.tit`, which is the id and leads to the detail. That its text is the title is a guess.
    4. Detail: the title in `.details-con b`, labels and values as the cells of its tables. That crawler took whatever
       label stood there and wrote none down: the usual ones are a guess.

    Quirks:

    5. That crawler asked for the detail by POST; the page opens by its address.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "yuncheng_portal"
    page_size = 1
    default_context = "/portal/l-zh_CN"
    dates_in_details = True
    list_call = Call(
        "{context}/data.htm",
        referer="{context}/data.htm",
        query={"id": "", "skey": "", "pname": "", "orderType": "", "pageIndex": Slot.PAGE},
    )
    list_page = HtmlList(
        frame=".etab1",
        entries="div.etab1 ul li, ul.etab1 li",
        id="h2.tit a::attr(href)",
        layout=FieldPlaces(cells={"h2.tit a": "title"}),
    )
    detail_page = HtmlDetail(
        frame=".details-con",
        layout=FieldPlaces(cells={".details-con b": "title"}, labels=USUAL_LABELS, rows=".details-con tr"),
    )
