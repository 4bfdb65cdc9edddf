"""nantong_portalresource: the portal of Nantong."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot


class NantongPortalresourceSpider(DeclaredFamily):
    """Reads the portal of Nantong (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/anony/portalResource`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/findResourceByPage`, pages count from 0, ten rows a page. Two independent crawlers. A row is read
       for its `id` alone; no total was read by anybody.
    3. Detail: `GET …/getResourceById?id=`. Two independent crawlers; 发布 and the counters by one of them.
    4. The page for people is `/home/index.html#/catalog/details?id=<id>`. One crawler.

    Quirks:

    5. `isOpenToSociety` is a code: 1 open, 2 after application. `resLevel` speaks of sharing between offices: unread.
    6. The formats stand in the list of files (`listFiles?resId=`), which is not asked for.

    Gone: HTTP 404 or 410 on a detail alone; `data: null` has been seen by no crawler.
    """

    family = "nantong_portalresource"
    page_size = 10
    first_page = 0
    default_context = "/api/anony/portalResource"
    dates_in_details = True
    knows_lists = False
    list_call = Call(
        "{context}/findResourceByPage",
        referer="/",
        query={
            "page": Slot.PAGE, "size": Slot.SIZE, "sortType": "", "sortStyle": "", "themeType": "", "industryType": "",
            "applicationType": "", "isOpenToSociety": "", "resType": "6", "companyId": "", "assessmentUser": "",
            "comType": "1",
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.content", id="id", keys={})
    detail_call = Call("{context}/getResourceById", referer="/", query={"id": Slot.ID})
    detail_page = JsonDetail(
        must=("resName",),
        id="id",
        keys={
            "resName": "title",
            "abstracts": "description",
            "companyName": "office",
            "themeTypeName": "theme",
            "industryTypeName": "industry",
            "updateCycle": "frequency",
            "isOpenToSociety": "open_type",
            "phone": "contact_phone",
            "publishTime": "published",
            "createTime": "published",
            "updateTime": "updated",
            "scanNum": "views",
            "downNum": "downloads",
        },
    )
    human_page = "/home/index.html#/catalog/details?id={id}"
