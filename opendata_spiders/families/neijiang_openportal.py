"""neijiang_openportal: the portal of Neijiang."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_FRONT = "/neiJiangPublicData/resourceCatalog"


class NeijiangOpenportalSpider(DeclaredFamily):
    """Reads the portal of Neijiang (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/openPortal/resourceCatalog`, also taken where neither it nor a
       path is given.

    What is read, and who attests it:

    2. List: `POST …/pageList`, pages count from 0, twenty rows a page; page and size stand in the query and in the
       body. One crawler. A row is attested for its `id` alone.
    3. The answer counts pages (`data.totalPages`), not datasets: the portal declares no total.
    4. Detail: `POST …/getById`. One crawler, of whose rows 6,322 were seen.
    5. The page for people is `/neiJiangPublicData/resourceCatalog/detail?id=`. One crawler.

    Quirks:

    6. Dates are milliseconds. Topics are a list, often an empty one.
    7. `resourceFormatValue` names where the data lies (mysql), as the portal writes it.

    Gone: HTTP 404 or 410 on a detail alone; `data: null` has been seen by no crawler.
    """

    family = "neijiang_openportal"
    page_size = 20
    first_page = 0
    default_context = "/api/openPortal/resourceCatalog"
    dates_in_details = True
    list_call = Call(
        "{context}/pageList",
        referer=_FRONT,
        query={"page": Slot.PAGE, "size": Slot.SIZE},
        json={
            "sortType": 0, "code": None, "openMode": None, "topic": None, "openType": None, "page": Slot.PAGE,
            "size": Slot.SIZE,
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.content", pages="data.totalPages", id="id", keys={})
    detail_call = Call("{context}/getById", referer=_FRONT, json={"id": Slot.ID})
    detail_page = JsonDetail(
        must=("catalogName",),
        id="id",
        keys={
            "catalogName": "title",
            "catalogDesc": "description",
            "departmentName": "office",
            "topicNameList": "theme",
            "industryName": "industry",
            "accessFrequency": "frequency",
            "openTypeValue": "open_type",
            "resourceFormatValue": "formats",
            "departPhone": "contact_phone",
            "departEmail": "contact_email",
            "createdDate": "published",
            "lastUpdatedDate": "updated",
            "dataNum": "rows",
        },
    )
    human_page = _FRONT + "/detail?id={id}"
    knows_lists = False
