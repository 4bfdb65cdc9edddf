"""aba_gateway: the portal of Aba Prefecture."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_EMPTY_TOKENS = {"Accept": "application/json, text/plain, */*", "Authorization": "", "X-Access-Token": ""}


class AbaGatewaySpider(DeclaredFamily):
    """Reads the portal of Aba (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/ABaPrefectureGateway/open/api`, also taken where neither it nor a
       path is given.

    What is read, and who attests it (one crawler, 2023, throughout):

    2. List: `GET …/getTableList`, pages count from 1, ten rows a page. A row is attested for its `tableId` alone.
    3. `data.resultMap.total` is the declared total.
    4. Detail: `GET …/getTableDetail?tableId=`.

    Quirks:

    5. Two token headers are sent empty. `endTIme` is the portal's own spelling, and `dataNum` is a blank.
    6. The page for people is not attested: the address of the detail stands in its place.

    Gone: HTTP 404 or 410 on a detail alone; `abaTableDetail: null` has been seen by no crawler.
    """

    family = "aba_gateway"
    page_size = 10
    default_context = "/ABaPrefectureGateway/open/api"
    dates_in_details = True
    list_call = Call(
        "{context}/getTableList",
        headers=_EMPTY_TOKENS,
        query={
            "page": Slot.PAGE, "count": Slot.SIZE, "orgId": "", "tableTypeId": "", "subjectBaseName": "",
            "updateDate": "", "visitsNum": "", "score": "", "formatType": "", "openType": "", "dataNum": " ",
            "downloadNum": "", "field_id": "", "dataType": "", "startTime": "", "endTIme": "", "requestIp": "127.0.0.1",
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.resultMap.abaTableList", totals=("data.resultMap.total",), id="tableId", keys={})
    detail_call = Call("{context}/getTableDetail", headers=_EMPTY_TOKENS, query={"tableId": Slot.ID})
    detail_page = JsonDetail(
        at="data.resultMap.abaTableDetail",
        must=("subjectBaseName",),
        id="tableId",
        keys={
            "subjectBaseName": "title",
            "tableRemark": "description",
            "orgName": "office",
            "fieldName": "theme",
            "industry": "industry",
            "label": "tags",
            "frequency": "frequency",
            "openTypeName": "open_type",
            "dataType": "formats",
            "orgPhone": "contact_phone",
            "orgEmail": "contact_email",
            "releaseTime": "published",
            "updateTime": "updated",
            "dataNumSum": "rows",
        },
    )
    human_page = "{context}/getTableDetail?tableId={id}"
