"""gddata: the portal of Guangdong, which lists the datasets of the province and of its cities."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot, Tenant

_PAGE = "/opdata/index"
_SHARED = {
    "resTitle": "title",
    "resAbstract": "description",
    "officeName": "office",
    "subjectName": "theme",
    "dataUpdateTime": "data_updated",
    "sourceSuffix": "formats",
    "recordTotal": "rows",
}


class GddataSpider(DeclaredFamily):
    """Reads Guangdong's portal, or one city of it (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/backOpen/open/data`, also where neither it nor a path is given.
    2. `tenant` is `officecCode=37`, the portal's own code of a city (one crawler); without one the province is read.

    What is read, and who attests it:

    3. List: `POST …/data/openCatalog/findPageBySearch`, pages count from 1. Two independent crawlers. The site asks for
       eight rows a page, one crawler for twenty.
    4. Total: `data.cityCount`, one crawler, who asked for cities. What it counts where no city is named is not known.
    5. Detail: `POST …/data/openCatalog/selectDataCatalogByResId` with the id. Two independent crawlers.
    6. The page for people is `/opdata/index?chooseValue=collectForm&id=<id>`. One crawler.

    Quirks:

    7. The code of a city is spelled `officecCode` by one crawler, `officeCode` by the other; both are sent.
    8. Ids hold a slash (`3070220200043/000089`).
    9. `sourceType` is read as format where no suffix is given: 1 interface, 2 file, 3 database; it may hold several.
    10. `updateCycle` is a code of this family. The list tells it, the detail does not.
    11. `dataUpdateTime` is the update of the data, `lastModifyTime` (detail) that of the entry.
    12. No industry is in any answer. Interfaces have a list of their own, which is not read.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "gddata"
    page_size = 20
    default_context = "/backOpen/open/data"
    list_call = Call(
        "{context}/data/openCatalog/findPageBySearch",
        referer=_PAGE,
        json={
            "pageSize": Slot.SIZE, "pageNo": Slot.PAGE, "officecCode": Tenant("officecCode"),
            "officeCode": Tenant("officecCode"), "subjectType": "", "sourceType": "", "keyword": "", "openType": "",
            "sourceSuffix": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.page.list",
        totals=("data.cityCount",),
        id="resId",
        keys={
            **_SHARED,
            "sourceType": "formats",
            "pubDate": "published",
            "updateCycle": "frequency",
            "visits": "views",
            "downloads": "downloads",
            "invokedCount": "calls",
        },
    )
    detail_call = Call("{context}/data/openCatalog/selectDataCatalogByResId", referer=_PAGE, json={"resId": Slot.ID})
    detail_page = JsonDetail(
        keys={
            **_SHARED,
            "keyword": "tags",
            "openMode": "open_type",
            "openLevelName": "open_type",
            "openCondition": "open_condition",
            "publishDate": "published",
            "lastModifyTime": "updated",
            "email": "contact_email",
        },
        must=("resTitle",),
        id="resId",
    )
    human_page = "/opdata/index?chooseValue=collectForm&id={id}"
    home_marks = ('id="html_box"', "/static/css/chunk-")
