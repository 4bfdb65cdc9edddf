"""guizhou_api: the data.guizhou.gov.cn interface, which serves the province, its nine cities and Gui'an New Area."""

from opendata_spiders.declared import OMIT, Call, DeclaredFamily, JsonDetail, JsonList, Slot, Tenant

_HEADERS = {"Accept": "application/json, text/plain, */*", "role": "0"}
_SHARED = {
    "name": "title",
    "description": "description",
    "orgName": "office",
    "topicName": "theme",
    "createTime": "published",
    "updateTime": "updated",
    "openAttribute": "open_type",
}


class GuizhouApiSpider(DeclaredFamily):
    """Reads a portal of the Guizhou interface (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/search/data`, also taken where neither it nor a path is given.
    2. `tenant` is `divisionId=520100` (the city's adcode; 529900 for Gui'an); without one the whole province is read.

    What is read, and who attests it:

    3. List: `POST …/getDataListByParams`, pages count from 1, twelve rows a page. One crawler (2024); another (2023)
       read the same answer at `…/getDataDirectoryListByParams`, which is tried where the former answers 404. Keys of a
       row: `list_page`, two independent crawlers.
    4. Detail: `POST …/getDataDetailByDataId` with the id. Two independent crawlers. Keys: `detail_page`.
    5. `total` beside the rows is the declared total. Two independent crawlers.
    6. The page for people is `/open-data/<id>` on the same host.

    Quirks:

    7. Dates are milliseconds; `updateTime` and `resourceFormats` may be null. `openAttribute` 1 is conditional.
    8. `frequency` is a code of this family alone, and crawlers disagree on 7 and on null: kept raw.
    9. `dataCapacity` is read as `rows`: the crawler that keeps it files it under data volume, and it has no unit.
    10. `calls` stands for downloads and interface calls alike; it is read as `calls`, never as downloads.
    11. No contact, licence or list of files is in any answer that was seen: the files of watched datasets stay unseen.
    12. A list page in the middle may answer 404 (Bijie, 2023): a hole, not the end.
    13. Envelope keys (`code`, `message`, `success`) come from no crawler; an answer without them is fine.

    Gone: HTTP 404 or 410 on a detail alone. `data: null` has been seen by no crawler and may as well be a failing
    search index: it is a page that is not understood (PageDriftedError), and the look at what is missing says unknown.
    """

    family = "guizhou_api"
    page_size = 12
    default_context = "/api/search/data"
    list_paths = ("getDataListByParams", "getDataDirectoryListByParams")
    list_call = Call(
        "{context}/{list}",
        headers=_HEADERS,
        json={
            "orderBy": 0, "topicId": [], "orgId": [], "divisionId": Tenant("divisionId", OMIT), "pageSize": Slot.SIZE,
            "scenarioId": "", "resourceType": "", "resourceFormats": [], "openAttribute": "", "searchText": [],
            "pageIndex": Slot.PAGE, "thematicId": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data",
        totals=("total",),
        id="id",
        keys={**_SHARED, "resourceFormats": "formats", "views": "views", "calls": "calls"},
    )
    detail_call = Call("{context}/getDataDetailByDataId", headers=_HEADERS, json={"id": Slot.ID})
    detail_page = JsonDetail(
        keys={**_SHARED, "industryName": "industry", "frequency": "frequency", "dataCapacity": "rows"},
        must=("name",),
        id="id",
    )
    human_page = "/open-data/{id}"
    home_marks = ("政府数据开放平台", '<meta name="referrer" content="never"')
