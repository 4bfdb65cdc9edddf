"""tianjin_static: the portal of Tianjin, one file for the catalogue and a static page for each dataset."""

from opendata_spiders.declared import Call, FieldPlaces, HtmlDetail, JsonList, LinkedPages
from opendata_spiders.declared.usual_labels import USUAL_LABELS


class TianjinStaticSpider(LinkedPages):
    """Reads the portal of Tianjin.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/common/sjj.json`, also taken where neither it nor a path is given.

    What is read, and who attests it (one crawler, 2024):

    2. List: `GET` of that file, which holds all datasets (`sjjk.json` beside it holds the interfaces). There are no
       pages: the file is one page, shorter than `page_size`.
    3. Row: its address, which is the id and leads to the detail, and the format.
    4. Detail: the static page, labels and values as the cells of `.slidecont`. That crawler took whatever label stood
       there and wrote none down: the usual ones are a guess.

    Quirks:

    5. The office of data runs the site now; whether the file is still kept is not known.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "tianjin_static"
    page_size = 100_000
    default_context = "/common/sjj.json"
    dates_in_details = True
    list_call = Call("{context}", referer="/sjj/index.htm")
    list_page = JsonList(rows="dataList", id="href", keys={"documentType": "formats"})
    detail_page = HtmlDetail(
        frame=".slidecont",
        layout=FieldPlaces(cells={"div.title.f-cb.mg-b4 span": "title"}, labels=USUAL_LABELS, rows=".slidecont tr"),
    )
