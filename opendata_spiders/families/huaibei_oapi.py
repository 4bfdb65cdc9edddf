"""huaibei_oapi: the portal of Huaibei."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_FORMATS = ", ".join(f"(has{one} && has{one} != `0`) && '{one}'" for one in ("csv", "json", "rdf", "xls", "xml"))


class HuaibeiOapiSpider(DeclaredFamily):
    """Reads the portal of Huaibei (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/opendata/oapi/dataset`, also taken where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `POST …/pagelist` with everything in the query, pages count from 1, ten rows a page. Two independent
       crawlers. A row is attested for its `id` alone; interfaces are at `…/iface/pagelist`.
    3. `result.count` is the declared total. One crawler.
    4. Detail: `POST …/detail?id=`. One crawler, of whose rows 375 were seen.
    5. The page for people is `/#/data_public/detail/<id>`. One crawler.

    Quirks:

    6. Formats are five flags, `hascsv` to `hasxml`.
    7. `openConditions` is the open type in words; most rows say 无条件共享, which is about sharing between offices.
    8. The site stands behind a wall that sets a cookie.

    Gone: HTTP 404 or 410 on a detail alone; `result: null` has been seen by no crawler.
    """

    family = "huaibei_oapi"
    page_size = 10
    default_context = "/opendata/oapi/dataset"
    dates_in_details = True
    list_call = Call(
        "{context}/pagelist",
        headers=AJAX,
        referer="/",
        query={
            "name": "", "curPageNumber": Slot.PAGE, "pageSize": Slot.SIZE, "total": "0", "fileType": "",
            "appTypeId": "", "companyId": "",
        },
        form={},
    )  # fmt: skip
    list_page = JsonList(rows="result.data", totals=("result.count",), id="id", keys={})
    detail_call = Call("{context}/detail", headers=AJAX, referer="/", query={"id": Slot.ID}, form={})
    detail_page = JsonDetail(
        at="result",
        must=("name",),
        id="id",
        keys={
            "name": "title",
            "summary": "description",
            "companyName": "office",
            "appTypeName": "theme",
            "industryType": "industry",
            "label": "tags",
            "updateCycle": "frequency",
            "openConditions": "open_type",
            f"[{_FORMATS}][?@]": "formats",
            "phone": "contact_phone",
            "createTime": "published",
            "lastUpdateTime": "updated",
            "dataCount": "rows",
        },
    )
    human_page = "/#/data_public/detail/{id}"
