"""huainan_odssite: the portal of Huainan."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_SHARED = {
    "dataName": "title",
    "dataDomainName": "theme",
    "pubDeptName": "office",
    "modifyTime": "updated",
}


class HuainanOdssiteSpider(DeclaredFamily):
    """Reads the portal of Huainan (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/odssite/govData`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/getGovDataList`, pages count from 1, ten rows a page; `dataType` 1 is data, 2 are interfaces. Two
       independent crawlers.
    3. `total` is the declared total. One crawler.
    4. Row: `list_page`. Two independent crawlers.
    5. Detail: `GET …/getGovDataById?dataId=`. One crawler.

    Quirks:

    6. `createTime` of a row is read as the publication; the detail tells it apart as `pubTime`.
    7. `openAttrName` lacks the word 开放 (无条件). `dataTypeName` is a kind (数据, 接口, 文件), not a format.
    8. No address of a dataset's page for people is attested: the address of the detail stands in its place.

    Gone: HTTP 404 or 410 on a detail alone; `data: null` has been seen by no crawler.
    """

    family = "huainan_odssite"
    page_size = 10
    default_context = "/odssite/govData"
    list_call = Call(
        "{context}/getGovDataList",
        headers=AJAX,
        referer="/odssite/view/page/govData",
        query={"dataType": "1", "fuzzy": "", "page": Slot.PAGE, "size": Slot.SIZE},
    )
    list_page = JsonList(
        rows="rows",
        totals=("total",),
        id="dataId",
        keys={
            **_SHARED,
            "createTime": "published",
            "openLvName": "open_type",
            "browseCount": "views",
            "downCount": "downloads",
        },
    )
    detail_call = Call(
        "{context}/getGovDataById", headers=AJAX, referer="/odssite/view/page/govDataFile", query={"dataId": Slot.ID}
    )
    detail_page = JsonDetail(
        must=("dataName",),
        id="dataId",
        keys={
            **_SHARED,
            "pubTime": "published",
            "openAttrName": "open_type",
            "themeName": "theme",
            "dataTypeName": "formats",
        },
    )
    human_page = "{context}/getGovDataById?dataId={id}"
