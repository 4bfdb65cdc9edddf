"""leshan_kfmh: the portal of Leshan."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot


class LeshanKfmhSpider(DeclaredFamily):
    """Reads the portal of Leshan (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/data/kfmh/api/open/1`, also taken where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `GET …/getDirectoryList`, pages count from 1, six rows a page. Two independent crawlers. A row is read for
       its `resourceId` alone.
    3. `data.recordCount` is the declared total. One crawler.
    4. Detail: `GET …/getDirectoryDetails?resourceId=`. One crawler.
    5. The page for people is `/data/#/source_catalog_detail/<id>/0`. One crawler.

    Quirks:

    6. `updateTime` may be empty; the crawler then took the date of publication, which is no update.

    Gone: HTTP 404 or 410 on a detail alone; `data: null` has been seen by no crawler.
    """

    family = "leshan_kfmh"
    page_size = 6
    default_context = "/data/kfmh/api/open/1"
    dates_in_details = True
    list_call = Call(
        "{context}/getDirectoryList",
        referer="/data/",
        query={"pageIndex": Slot.PAGE, "pageSize": Slot.SIZE, "sortOrder": "desc", "sortName": ""},
    )
    list_page = JsonList(rows="data.rows", totals=("data.recordCount",), id="resourceId", keys={})
    detail_call = Call("{context}/getDirectoryDetails", referer="/data/", query={"resourceId": Slot.ID})
    detail_page = JsonDetail(
        must=("resourceName",),
        id="resourceId",
        keys={
            "resourceName": "title",
            "remark": "description",
            "resourceProvider": "office",
            "associativeClassification": "theme",
            "industryClassification": "industry",
            "updateCycle": "frequency",
            "sharedType": "open_type",
            "resourceFormat": "formats",
            "publishTime": "published",
            "updateTime": "updated",
        },
    )
    human_page = "/data/#/source_catalog_detail/{id}/0"
