"""prodapi_openresource: the resource interface of Zhenjiang and Jingmen."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_HEADERS = {"Accept": "application/json, text/plain, */*"}
_PAGE = "/portal/index"
_XML = "BusinessMessage"
_SHARED = {
    "resourceName": "title",
    "resourceRes": "description",
    "organName": "office",
    "topicClassify": "theme",
    "dataRelam": "theme",
    "industryType": "industry",
    "publishTime": "published",
    "updateTime": "updated",
    "updateCycle": "frequency",
    "isOpen": "open_type",
    "resMountType": "formats",
    "storageCount": "rows",
    "serviceInterfaceCount": "apis",
    "browseCount": "views",
    "downCount": "downloads",
}


class ProdapiOpenresourceSpider(DeclaredFamily):
    """Reads a portal of the resource interface (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/prod-api/openResource/rest`, also where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `GET …/page`, pages count from 0, ten rows a page. Two independent crawlers.
    3. Detail: `GET …/findView?id=<id>`, which adds the keywords. Two independent crawlers.
    4. The page for people is `/portal/index#/open/data-resource/info/<id>`. One crawler.

    Quirks:

    5. Only the number of pages is printed: no total is declared, and the list is read to that page.
    6. `isOpen` and `updateCycle` are codes of this family. `dataRelam`, spelled so, is read where no topic is given.
    7. `resMountType` is a kind (文件, 接口, 库表, 其他), the only format that Zhenjiang tells.
    8. Jingmen's detail has `resourceShapeType` (formats), `openCondition` (open type) and `downloads`. One crawler.
    9. Jingmen answered XML to that crawler, who did not ask for JSON. The header asks for it; whichever comes is read.
       A list without rows is an empty element there.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "prodapi_openresource"
    page_size = 10
    first_page = 0
    default_context = "/prod-api/openResource/rest"
    list_call = Call(
        "{context}/page",
        headers=_HEADERS,
        referer=_PAGE,
        query={
            "resourceName": "", "topicClassify": "", "dataRelam": "", "organName": "", "industryType": "", "isOpen": "",
            "updateTimeSort": "", "applyCountSort": "", "browseCountSort": "", "scoreCountSort": "",
            "downCountSort": "", "page": Slot.PAGE, "size": Slot.SIZE,
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.content", pages="data.totalPages", id="id", keys=_SHARED, xml_root=_XML)
    detail_call = Call("{context}/findView", headers=_HEADERS, referer=_PAGE, query={"id": Slot.ID})
    detail_page = JsonDetail(
        keys={
            "resourceShapeType": "formats",
            **_SHARED,
            "openCondition": "open_type",
            "downloads": "downloads",
            "keyWords": "tags",
        },
        xml_root=_XML,
        must=("resourceName",),
        id="id",
    )
    human_page = "/portal/index#/open/data-resource/info/{id}"
