"""jx_opendata: the software of Jiangxi's portal, also run by Ji'an."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_HEADERS = {"Authorization": "Bearer "}


class JxOpendataSpider(DeclaredFamily):
    """Reads a portal of Jiangxi's software (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/opendata-portal/prod-api`, also where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `POST …/openData/page`, pages count from 1, ten rows a page. Two independent crawlers. All that they read
       of a row is `dataId` and `filesType`.
    3. Detail: `GET …/openData/infoById?dataId=<id>`. Two independent crawlers. It tells everything else.
    4. The page for people is `/open-data/detail?id=<id>`. One crawler.

    Quirks:

    5. Only the number of pages is printed (`page.pages`): no total is declared, and the list is read to that page.
    6. The header `Authorization` holds `Bearer` and no token.
    7. `resShareType` is the id of a row of a code table; one is known to mean conditional.
    8. `updateTime` is the entry's update, `dataUpdateTime` that of the data. `resUpdateCycle` is a code of this family.
    9. In September 2026 the province's old host showed a notice that it has moved to kfpt.jiangxi.cn.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "jx_opendata"
    page_size = 10
    dates_in_details = True
    default_context = "/opendata-portal/prod-api"
    list_call = Call(
        "{context}/openData/page",
        headers=_HEADERS,
        referer="/open-data",
        json={
            "current": Slot.PAGE, "pageSize": Slot.SIZE, "dataName": "", "resResourceType": "", "resOrgCode": [],
            "dataFieldCode": [], "resShareType": "", "responsibilityListFlag": "", "orderHotNum": "desc",
        },
    )  # fmt: skip
    list_page = JsonList(rows="data", pages="page.pages", id="dataId", keys={"filesType": "formats"})
    detail_call = Call(
        "{context}/openData/infoById", headers=_HEADERS, referer="/open-data/detail", query={"dataId": Slot.ID}
    )
    detail_page = JsonDetail(
        keys={
            "dataName": "title",
            "resRemark": "description",
            "resOrgName": "office",
            "dataFieldName": "theme",
            "createTime": "published",
            "updateTime": "updated",
            "dataUpdateTime": "data_updated",
            "resUpdateCycle": "frequency",
            "resShareType": "open_type",
            "openCondition": "open_condition",
            "dataSize": "rows",
            "accessNum": "views",
            "downNum": "downloads",
            "callNum": "calls",
        },
        must=("dataName",),
        id="dataId",
    )
    human_page = "/open-data/detail?id={id}"
    home_marks = ("<title id=titles>", "/settings.js", "/aes.js")
