"""suizhou_dataset: Suizhou's variant of Shenzhen's software, with a form and fields of its own."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_SHARED = {
    "resTitle": "title",
    "resAbstract": "description",
    "officeName": "office",
    "classifName": "theme",
    "publishDate": "published",
    "dataUpdateTime": "data_updated",
    "openLevel": "open_type",
    "metadataFileSuffix": "formats",
}


class SuizhouDatasetSpider(DeclaredFamily):
    """Reads Suizhou's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/data`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …//dataSet/findPage` with a form, pages count from 1, ten rows a page; total: `count`. Two
       independent crawlers. The double slash is the portal's.
    3. Detail: `GET …//dataSet/toDataDetails/<id>`, the dataset lies under `setMetadata`. One crawler.
    4. The page for people is `…//dataSet/toDataSet/<id>`. Two independent crawlers.

    Quirks:

    5. Ids are numbers. Open type (`openLevel`) and frequency are words.
    6. The frequency is `updateCycle` in the list, `UpdateCycle` in the detail. `fileSize` is a size with its unit.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "suizhou_dataset"
    page_size = 10
    default_context = "/data"
    list_call = Call(
        "{context}//dataSet/findPage",
        headers=AJAX,
        referer="{context}/dataOpen/webmail/setList",
        form={"page": Slot.PAGE, "limit": Slot.SIZE, "field": "data_Update_Time", "classifId": "", "catalogId": ""},
    )
    list_page = JsonList(
        rows="list",
        totals=("count",),
        id="id",
        keys={**_SHARED, "updateCycle": "frequency", "fileSize": "storage", "visit": "views"},
    )
    detail_call = Call(
        "{context}//dataSet/toDataDetails/{id}",
        headers=AJAX,
        referer="{context}/dataOpen/webmail/setList",
    )
    detail_page = JsonDetail(
        at="setMetadata",
        keys={**_SHARED, "keyword": "tags", "UpdateCycle": "frequency"},
        must=("resTitle",),
        id="id",
    )
    human_page = "{context}//dataSet/toDataSet/{id}"
