"""huzhou_item: the portal of Huzhou."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonList, Slot


class HuzhouItemSpider(DeclaredFamily):
    """Reads the portal of Huzhou (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/data/Item`, also taken where neither it nor a path is given.

    What is read, and who attests it (one crawler, 2024):

    2. List: `POST` to that path, pages count from 1, ten rows a page; `type` 1 are datasets.
    3. The list tells all there is. A total was read by nobody.
    4. The page for people is `/open_data/dataset/detail?id=<id>`.

    Quirks:

    5. `sharingType` is the open type by that crawler's reading; `resourceType` a format or a kind.
    6. `keyAreasName` is a list. `collectionPeriod` is a word or a code that nobody explained: kept raw.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "huzhou_item"
    page_size = 10
    default_context = "/api/data/Item"
    list_call = Call(
        "{context}",
        referer="/open_data/dataset",
        json={
            "page": Slot.PAGE, "pageSize": Slot.SIZE, "centerCode": None, "areaName": [], "dataFormat": [],
            "updateCycle": [], "openLevel": [], "condition": "", "deptCode": None, "deptName": "",
            "sortCondition": None, "type": 1, "tags": [],
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.list",
        id="catalogId",
        keys={
            "catalogName": "title",
            "catalogAbstract": "description",
            "department": "office",
            "keyAreasName": "theme",
            "collectionPeriod": "frequency",
            "sharingType": "open_type",
            "resourceType": "formats",
            "releaseTime": "published",
            "lastUpdateTime": "updated",
            "dataSetDetail.dataCapacity": "storage",
            "dataSetDetail.visits": "views",
        },
    )
    human_page = "/open_data/dataset/detail?id={id}"
