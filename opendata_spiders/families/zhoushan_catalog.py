"""zhoushan_catalog: the portal of Zhoushan."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_FRONT = "http://data.zhoushan.gov.cn"
_HEADERS = {"Origin": _FRONT, "Referer": f"{_FRONT}/"}
_SHARED = {
    "resName": "title",
    "resSummary": "description",
    "idPocName": "office",
    "datadomain": "theme",
    "updateDate": "updated",
}


class ZhoushanCatalogSpider(DeclaredFamily):
    """Reads the portal of Zhoushan (JSON).

    A portal joins by one register row:

    1. `base_url` is the host with the interface's port; `context_path` is `/catalog/dataOpen`, also where neither it
       nor a path is given. The pages for people are on the host's ordinary port.

    What is read, and who attests it:

    2. List: `POST …/otherPage`, pages count from 1, fifty rows a page. Two independent crawlers. `data.pages` is the
       number of pages (one crawler).
    3. Row: one crawler; the other reads its `id` alone.
    4. Detail: `POST …/selectOne` with the id in the query. One crawler.
    5. The page for people is `#/OpenData/DataSet/Detail?id=<id>`. Two independent crawlers.

    Quirks:

    6. Dates are milliseconds. `datadomain` holds codes of the national list, several joined by commas.
    7. `frequery`, spelled so, is a code of this family; 0 and 1 stand for words of sharing in the one crawler's map and
       are not read. `isopen` 1 is unconditional.

    Gone: HTTP 404 or 410 on a detail alone; `data: null` has been seen by no crawler.
    """

    family = "zhoushan_catalog"
    page_size = 50
    default_context = "/catalog/dataOpen"
    list_call = Call(
        "{context}/otherPage",
        headers=_HEADERS,
        json={
            "pageNo": Slot.PAGE,
            "pageSize": Slot.SIZE,
            "param": {
                "resName": "", "datadomain": "", "idPoc": None, "keywords": "", "areaCode": None, "capacity": None,
            },
        },
    )  # fmt: skip
    list_page = JsonList(
        id="id",
        rows="data.records",
        pages="data.pages",
        keys={
            **_SHARED,
            "releaseDate": "published",
            "frequery": "frequency",
            "isopen": "open_type",
            "visitNum": "views",
            "downloadNum": "downloads",
        },
    )
    detail_call = Call("{context}/selectOne", headers=_HEADERS, query={"id": Slot.ID, "isStructuredData": "1"}, form={})
    detail_page = JsonDetail(
        must=("resName",),
        id="id",
        keys={**_SHARED, "createDate": "published", "dataCount": "rows", "resFormatName": "formats"},
    )
    human_page = "/#/OpenData/DataSet/Detail?id={id}&isStructuredData=1"

    def page_url(self, id: str) -> str:
        """Return the page for people, which the interface's port does not serve."""
        return super().page_url(id).replace(":9966/", "/", 1)
