"""xiamen_opendataserver: the portal of Xiamen."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_HEADERS = {"Accept": "application/json"}
_PAGE = "/opendata/datas/"


class XiamenOpendataserverSpider(DeclaredFamily):
    """Reads Xiamen's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/opendata-server/catalog`, also where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `POST …/list`, pages count from 1, ten rows a page. One crawler, who reads `catalogId` alone of a row.
    3. Detail: `GET …/detail?random=<number>&catalogId=<id>`. One crawler. It tells everything else.
    4. The page for people is `/opendata/datas/`, where both calls come from; that it takes `catalogId` is a guess.

    Quirks:

    5. Only the number of pages is printed: no total is declared, and the list is read to that page. The call names a
       total of its own, which is sent as 0.
    6. `random` only keeps an answer from being served from a cache; a constant is sent.
    7. The open type is a word, `openTypeName`; where that is empty `openMode` (普遍开放) is read.
    8. `openDataFormat` is a text that holds a list.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "xiamen_opendataserver"
    page_size = 10
    knows_lists = False
    dates_in_details = True
    default_context = "/opendata-server/catalog"
    list_call = Call(
        "{context}/list",
        headers=_HEADERS,
        referer=_PAGE,
        json={
            "data": {},
            "page": {
                "currentPage": Slot.PAGE, "linesPerPage": Slot.SIZE, "totalNum": 0, "totalPage": 0,
                "orderBys": [{"sortField": "dataTotal", "sortType": "desc"}],
            },
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.list", pages="data.page.totalPage", id="catalogId", keys={})
    detail_call = Call("{context}/detail", headers=_HEADERS, referer=_PAGE, query={"random": "0", "catalogId": Slot.ID})
    detail_page = JsonDetail(
        keys={
            "catalogName": "title",
            "summary": "description",
            "provideDept": "office",
            "theme": "theme",
            "industry": "industry",
            "tag": "tags",
            "publishTime": "published",
            "updatedTime": "updated",
            "dataUpdateRate": "frequency",
            "openTypeName": "open_type",
            "openMode": "open_type",
            "openDataFormat": "formats",
            "contactMethod": "contact_phone",
        },
        must=("catalogName",),
        id="catalogId",
    )
    human_page = "/opendata/datas/?catalogId={id}"
