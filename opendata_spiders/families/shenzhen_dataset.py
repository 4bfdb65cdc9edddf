"""shenzhen_dataset: the software of Shenzhen's portal, also run by Ziyang and Chenzhou."""

from opendata_spiders.declared import AJAX, OMIT, Call, DeclaredFamily, JsonDetail, JsonList, JsonTable, Slot, Tenant

_SHARED = {
    "resTitle": "title",
    "resAbstract": "description",
    "officeName": "office",
    "publishDate": "published",
    "updateDate": "updated",
    "dataUpdateTime": "data_updated",
    "updateCycle": "frequency",
    "openLevelName": "open_type",
    "recordTotal": "rows",
    "visits": "views",
    "invokedCount": "calls",
}


class ShenzhenDatasetSpider(DeclaredFamily):
    """Reads a portal of Shenzhen's software (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/data/dataSet`, also where neither it nor a path is given.
    2. `tenant` is `officeType=0&cate=2` at Ziyang (one crawler), none elsewhere.

    What is read, and who attests it:

    3. List: `POST …/findPage` with a form, pages count from 1. Two independent crawlers. Six rows a page by default,
       ten and twenty were served.
    4. Total: `otherData.cityCount` and `otherData.countyCount` together. One crawler.
    5. Detail: `POST /data/catalog/selectDataCatalogByResId` with the id; the answer is the dataset itself, without an
       envelope. Two independent crawlers.
    6. The page for people is `…/toDataDetails/<id>`.

    7. Preview: `POST …/getPreviewDataItem` with the id shows the columns. Read live in September 2026 at Shenzhen. The
       number of rows stands in the list (`recordTotal`).

    Quirks:

    8. The list answers JSON inside JSON: `dataList` is a text that holds the page.
    9. Ids hold a slash (`29200/00900273`), which the page for people writes as an underscore.
    10. Two topics: `domainName`, and `subjectName` where that is empty. Ziyang describes a dataset in `remark`.
    11. Dates end in fractions (`…:11.0`) or have no seconds. `updateCycle` is a word.
    12. `openMode` (普遍开放) is read where `openLevelName` is empty. `fullName` names the office at old Fuzhou.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "shenzhen_dataset"
    page_size = 20
    default_context = "/data/dataSet"
    list_call = Call(
        "{context}/findPage",
        headers=AJAX,
        referer="{context}/toDataSet",
        form={
            "pageNo": Slot.PAGE, "pageSize": Slot.SIZE, "sortType": "DESC", "sourceTypeArray": "",
            "officeType": Tenant("officeType", OMIT), "cate": Tenant("cate", OMIT),
        },
    )  # fmt: skip
    list_page = JsonList(
        inside="dataList",
        rows="list",
        totals=("otherData.cityCount", "otherData.countyCount"),
        id="resId",
        keys={
            **_SHARED,
            "remark": "description",
            "domainName": "theme",
            "subjectName": "theme",
            "suffixes": "formats",
            "downloads": "downloads",
        },
    )
    detail_call = Call(
        "/data/catalog/selectDataCatalogByResId",
        headers=AJAX,
        referer="{context}/toDataSet",
        form={"resId": Slot.ID},
    )
    detail_page = JsonDetail(
        at="",
        keys={
            **_SHARED,
            "keyword": "tags",
            "fullName": "office",
            "subjectName": "theme",
            "tradeName": "industry",
            "openMode": "open_type",
            "phone": "contact_phone",
            "sourceSuffix": "formats",
            "fileSize": "storage",
            "fileCount": "files",
        },
        must=("resTitle",),
        id="resId",
    )
    previews = (
        (
            Call("{context}/getPreviewDataItem", headers=AJAX, referer="{context}/toDataSet", form={"resId": Slot.ID}),
            JsonTable(columns=("@", "data"), named=("field_cn_name", "field_name")),
        ),
    )
    human_page = "{context}/toDataDetails/{id}"
    home_marks = ("/static/opendata1.0/",)

    def page_url(self, id: str) -> str:
        """Return the page for people, whose address writes the slash of an id as an underscore."""
        return super().page_url(id.replace("/", "_"))
