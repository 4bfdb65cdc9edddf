"""chizhou_sjml: the portal of Chizhou, HTML throughout."""

from opendata_spiders.declared import Call, DeclaredFamily, FieldPlaces, HtmlList, Slot
from opendata_spiders.declared.usual_labels import USUAL_LABELS


class ChizhouSjmlSpider(DeclaredFamily):
    """Reads the portal of Chizhou.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/OpenData/sjml`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET` of that path, pages count from 1, six rows a page. Two independent crawlers. `pagination[pagecount]`
       is the number of pages (one crawler).
    3. Row: title and format by two crawlers. The other values stand in `.content-item` beside their labels, of which
       one crawler took whatever stood there and the other the position: the usual labels are a guess.
    4. The id is the name of the file that the row leads to, without its ending. One crawler.
    5. There is no detail: the list tells all there is, and is the page for people.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "chizhou_sjml"
    page_size = 6
    default_context = "/OpenData/sjml"
    list_call = Call("{context}", referer="{context}", query={"page": Slot.PAGE})
    list_page = HtmlList(
        frame="#listContent",
        entries="#listContent .list-content-item",
        id="a::attr(href)",
        id_pattern=r"([^/?#]+?)(?:\.\w+)?(?:[?#].*)?$",
        pages="pagination::attr(pagecount)",
        layout=FieldPlaces(
            cells={".text.ell": "title", ".file-type-wrap": "formats"},
            labels=USUAL_LABELS,
            running=".content-item.ell",
        ),
    )
    human_page = "{context}?file={id}"
