"""suzhou_dii: the portal of Suzhou (Jiangsu)."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_SHARED = {
    "resourceName": "title",
    "resourceIntroduction": "description",
    "createrDeptName": "office",
    "catalogName": "theme",
    "createTime": "published",
    "dataUpdateTime": "data_updated",
    "updateFrequency": "frequency",
    "openAttributeName": "open_type",
    "resourceType": "formats",
    "contactTel": "contact_phone",
    "dataVolume": "rows",
    "viewCount": "views",
    "downloadCount": "downloads",
}


class SuzhouDiiSpider(DeclaredFamily):
    """Reads Suzhou's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/dii/catalog/cms/open`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/getResourcePage` with size and page in the query and again in the body, pages count from 1, twenty
       rows a page. Two independent crawlers.
    3. Detail: `POST …/getResourceInfo?id=<id>` without a body. One crawler.
    4. Keys: `_SHARED`. Which of them a list row has and which only the detail has was told apart by nobody; both are
       read by the same ones, and a missing one is left out.
    5. The page for people is `/#/catalog/<id>`. Two independent crawlers.

    Quirks:

    6. Only the number of pages is printed: no total is declared.
    7. `updateFrequency` is a code of this family. `resourceType` is a kind (库表, 文件, 接口), by code or word.
    8. `contacts` is the name of a person and is not read. `applyCount` counts applications and is not read.
    9. `catalogName` is read as theme: it names the catalogue that the resource is filed under.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "suzhou_dii"
    page_size = 20
    default_context = "/dii/catalog/cms/open"
    list_call = Call(
        "{context}/getResourcePage",
        referer="/",
        query={"size": Slot.SIZE, "current": Slot.PAGE},
        json={
            "resourceCode": "", "openAttribute": "", "resourceName": "", "order": "", "sortColumn": "", "deptId": "",
            "labelIds": [], "subjectTypeId": "", "industryTypeId": "", "deptTypeId": "", "mountType": "",
            "current": Slot.PAGE, "size": Slot.SIZE,
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.records", id="id", keys=_SHARED)
    detail_call = Call("{context}/getResourceInfo", referer="/", query={"id": Slot.ID}, form={})
    detail_page = JsonDetail(keys=_SHARED, must=("resourceName",), id="id")
    human_page = "/#/catalog/{id}"
    home_marks = ("苏州市公共数据开放平台", "assets/css/chunk-")
