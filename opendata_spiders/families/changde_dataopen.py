"""changde_dataopen: the open data column of Changde, whose details are HTML."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, FieldPlaces, HtmlDetail, JsonList, Slot
from opendata_spiders.declared.usual_labels import USUAL_LABELS


class ChangdeDataopenSpider(DeclaredFamily):
    """Reads the portal of Changde.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/cdwebsite/dataopen`, also taken where neither it nor a path is given.

    What is read, and who attests it (one crawler, 2024):

    2. List: `GET …/catalogs`, pages count from 1, fifteen rows a page; the answer is JSON. `pages` is the number of
       pages. A row is read for its `CATA_ID` alone.
    3. Detail: `GET …/detail?cataId=`, HTML: the name in `.catalog-name`, 资源发布日期 in `.time`, pairs of `.info-name`
       and `.info-detail`. That crawler took whatever label stood there and wrote none down: the usual ones are a
       guess.

    Quirks:

    4. That crawler sent a `csrf` text and the session it belongs to. Here it is sent empty, which is a guess: the
       portal may refuse it.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "changde_dataopen"
    page_size = 15
    default_context = "/cdwebsite/dataopen"
    dates_in_details = True
    list_call = Call(
        "{context}/catalogs",
        headers=AJAX,
        referer="{context}/list",
        query={"csrf": "", "size": Slot.SIZE, "page": Slot.PAGE},
    )
    list_page = JsonList(rows="list", pages="pages", id="CATA_ID", keys={})
    detail_call = Call("{context}/detail", query={"cataId": Slot.ID}, referer="{context}/list")
    detail_page = HtmlDetail(
        frame=".info-content",
        layout=FieldPlaces(
            cells={".top-info .catalog-name": "title"},
            labels=USUAL_LABELS,
            running=".top-info .time, .row-content",
        ),
    )
    human_page = "{context}/detail?cataId={id}"
