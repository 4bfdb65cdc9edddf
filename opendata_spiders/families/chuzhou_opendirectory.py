"""chuzhou_opendirectory: the portal of Chuzhou."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonList, Slot

_ALL = "全部"


class ChuzhouOpendirectorySpider(DeclaredFamily):
    """Reads the portal of Chuzhou (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/OpenDirectory`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/select`, pages count from 0, ten rows a page; all filters are sent as 全部. Two independent
       crawlers.
    3. `totalElements` is the declared total. One crawler.
    4. Row: `list_page`. Two independent crawlers; counters by one.
    5. The page for people is `/#/wdfwDetail?id=`. Two independent crawlers.

    Quirks:

    6. `companys`, `themes` and `fields` are objects with a `title`. `themes` is the topic (教育科技); `fields` is
       mostly 其他 and not read.
    7. `sharetype` 2 is unconditional.
    8. The detail is asked for by the title, not by the id, and adds phone and files alone: it is not read.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "chuzhou_opendirectory"
    page_size = 10
    first_page = 0
    default_context = "/api/OpenDirectory"
    list_call = Call(
        "{context}/select",
        headers=AJAX,
        referer="/",
        query={
            "shareType": _ALL, "resourceStatus": _ALL, "resourceType": _ALL, "updatetimes": _ALL, "orderType": "0",
            "sortnum": "1", "page": Slot.PAGE, "size": Slot.SIZE, "star": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="content",
        totals=("totalElements",),
        id="id",
        keys={
            "name": "title",
            "description": "description",
            "companys.title": "office",
            "themes.title": "theme",
            "keyword": "tags",
            "sharetype": "open_type",
            "createtime": "published",
            "updatetime": "updated",
            "dataCount": "rows",
            "views": "views",
            "downloads": "downloads",
        },
    )
    human_page = "/#/wdfwDetail?id={id}"
