"""suzhou_dii: the portal of Suzhou (Jiangsu)."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_SHARED = {
    "resourceName": "title",
    "resourceIntroduction": "description",
    "createrDeptName": "office",
    "createTime": "published",
    "updateFrequency": "frequency",
    "resourceType": "formats",
}


class SuzhouDiiSpider(DeclaredFamily):
    """Reads Suzhou's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/dii/catalog/cms/open`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/getResourcePage` with size and page in the query and again in the body, pages count from 1, twenty
       rows a page. Two independent crawlers.
    3. Detail: `POST …/getResourceInfo?id=<id>` without a body, which adds open type and phone. One crawler.
    4. The page for people is `/#/catalog/<id>`. Two independent crawlers.

    Quirks:

    5. Only the number of pages is printed: no total is declared, and the list is read to that page.
    6. `updateFrequency` is a code of this family. `resourceType` is a kind (库表, 文件, 接口), the only format told.
    7. The list's open type is a code (`openAttribute`) of which one value is known; the detail's word is read instead.
    8. `contacts` is the name of a person and is not read; nor is `applyCount`, a number of applications, and
       `catalogName`, which names the catalogue that holds the dataset. No theme is told.

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
    list_page = JsonList(
        rows="data.records",
        pages="data.pages",
        id="id",
        keys={
            **_SHARED,
            "dataUpdateTime": "data_updated",
            "dataVolume": "rows",
            "viewCount": "views",
            "downloadCount": "downloads",
        },
    )
    detail_call = Call("{context}/getResourceInfo", referer="/", query={"id": Slot.ID}, form={})
    detail_page = JsonDetail(
        keys={**_SHARED, "openAttributeName": "open_type", "contactTel": "contact_phone"},
        must=("resourceName",),
        id="id",
    )
    human_page = "/#/catalog/{id}"
    home_marks = ("苏州市公共数据开放平台", "assets/css/chunk-")
