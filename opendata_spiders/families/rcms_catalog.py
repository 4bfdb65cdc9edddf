"""rcms_catalog: the catalogue interface of Huai'an and Hohhot."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonList, Slot, Tenant


class RcmsCatalogSpider(DeclaredFamily):
    """Reads a portal of this catalogue interface (JSON).

    A portal joins by one register row:

    1. `base_url` is the host with its port; `context_path` is `/api/catalog`, also where neither it nor a path is
       given.
    2. `tenant` is `categoryId=3` at Hohhot (one crawler), where no other list was asked for.

    What is read, and who attests it:

    3. List: `GET …?pageNum=`, pages count from 1, twenty rows a page (a hundred were served at Huai'an). Two
       independent crawlers. The rows lie under `data.data`; at Huai'an in 2024 under `data.dataMap.catalogListResp`.
    4. Total: `data.total`. One crawler; whether Huai'an still prints it there is not known.
    5. Details (`GET …/catalogDetail?catalogId=<id>`, one crawler) tell nothing beside the list and are not read.
    6. The address of the page for people is not recorded: the detail's own stands in for it, as one crawler links it.

    Quirks:

    7. `sharingProperty` is a word of sharing between offices; the open type is `openCondition`.
    8. `dataSource` names the office at Hohhot. `categoryNames` is a list of topics.
    9. `fileMount` and `interfaceMount` count files and interfaces; `databaseMount`, `haveApi`, `collectCount` are not
       read.

    Gone: never, for no details are read.
    """

    family = "rcms_catalog"
    page_size = 20
    default_context = "/api/catalog"
    list_call = Call(
        "{context}",
        headers=AJAX,
        referer="/",
        query={
            "keyword": "", "resourceType": "", "categoryId": Tenant("categoryId"), "pageNum": Slot.PAGE,
            "pageSize": Slot.SIZE, "orderBy": "publishTime", "dir": "desc",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows=("data.data", "data.dataMap.catalogListResp"),
        totals=("data.total",),
        id="id",
        keys={
            "catalogName": "title",
            "orgName": "office",
            "dataSource": "office",
            "remark": "description",
            "categoryNames": "theme",
            "publishTime": "published",
            "dataUpdateTime": "data_updated",
            "dataUpdatePeriod": "frequency",
            "openCondition": "open_type",
            "dataVolume": "rows",
            "fileMount": "files",
            "interfaceMount": "apis",
            "clickCount": "views",
            "downloadNumber": "downloads",
        },
    )
    human_page = "{context}/catalogDetail?catalogId={id}"
