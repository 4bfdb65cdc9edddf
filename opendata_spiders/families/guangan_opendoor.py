"""guangan_opendoor: the portal of Guang'an."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonList, Slot

_PAGES = "/opendoor/base/zh-cn/code"


class GuanganOpendoorSpider(DeclaredFamily):
    """Reads the portal of Guang'an (JSON).

    A portal joins by one register row:

    1. `base_url` is the host with its port; `context_path` is `/s`, also taken where neither it nor a path is given.

    What is read, and who attests it (one crawler, 2024):

    2. List: `GET /s`, pages count from 1, a hundred rows a page; the parameters end in `.cludove`.
    3. The list tells all there is. A total was read by nobody.
    4. The page for people is `…/detail.html?resource_code=<id>`.

    Quirks:

    5. The server speaks TLS at port 80.
    6. `is_open` is true or false; `sharingtype` speaks of sharing between offices: unread. `update_period` is an
       English word of this family (real, day, week, month, quarter, year).
    7. No row tells formats.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "guangan_opendoor"
    page_size = 100
    default_context = "/s"
    list_call = Call(
        "{context}",
        referer=f"{_PAGES}/resource_catalog.html",
        query={
            "buddle.cludove": "opendoor", "catalog.cludove": "gai.resource.search.view", "exchange": "true",
            "upload": "true", "interface": "true", "recordNumber.cludove": Slot.SIZE, "pageNumber.cludove": Slot.PAGE,
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="list_data",
        id="code",
        keys={
            "resource_title": "title",
            "resource_abstract": "description",
            "provider_name": "office",
            "resource_category_name": "theme",
            "update_period": "frequency",
            "is_open": "open_type",
            "publish_date": "published",
            "last_modify": "updated",
            "total_number": "rows",
            "interface_num": "apis",
            "visit_num": "views",
            "use_num": "downloads",
        },
    )
    human_page = f"{_PAGES}/detail.html?resource_code={{id}}"
