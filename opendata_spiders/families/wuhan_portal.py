"""wuhan_portal: the portal of Wuhan."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot


class WuhanPortalSpider(DeclaredFamily):
    """Reads Wuhan's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/portal/data`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/catalog/page`, pages count from 1. Two independent crawlers.
    3. Detail: `GET …/catalog/detail?cataId=<id>`, which adds abstract, tags, industry, contact and the date of update.
       One crawler.
    4. The page for people is `/page/data/data_directory_details.html`; that it takes `cataId` is a guess from the page
       of interfaces, which does.

    Quirks:

    5. Only the number of pages is printed: no total is declared, and the list is read to that page.
    6. The list has the date of publication alone (`releaseTime`); the detail's is `createTime`.
    7. `updateCycle` is a code of this family; the detail has it inside `cataFileDTO`.
    8. The detail's phone is spelled `providerPhon`. `applyNum` counts applications and is not read.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "wuhan_portal"
    page_size = 10
    dates_in_details = True
    default_context = "/api/portal/data"
    list_call = Call(
        "{context}/catalog/page",
        headers=AJAX,
        referer="/page/data/data_directory.html",
        json={"current": Slot.PAGE, "size": Slot.SIZE},
    )
    list_page = JsonList(
        rows="data.records",
        pages="data.pages",
        id="cataId",
        keys={
            "cataTitle": "title",
            "registerOrgName": "office",
            "dataDomainDetail": "theme",
            "releaseTime": "published",
            "updateCycle": "frequency",
            "openTypeDetail": "open_type",
            "cataFormatDetail": "formats",
            "fileCount": "files",
            "pageView": "views",
            "downloads": "downloads",
        },
    )
    detail_call = Call(
        "{context}/catalog/detail",
        headers=AJAX,
        referer="/page/data/data_directory_details.html",
        query={"cataId": Slot.ID},
    )
    detail_page = JsonDetail(
        keys={
            "cataTitle": "title",
            "summary": "description",
            "registerOrgName": "office",
            "dataTopicDetail": "theme",
            "industryTypeDetail": "industry",
            "resLabel": "tags",
            "createTime": "published",
            "updateTime": "updated",
            "cataFileDTO.updateCycle": "frequency",
            "openLevelDetail": "open_type",
            "fileFormatDetail": "formats",
            "providerPhon": "contact_phone",
        },
        must=("cataTitle",),
        id="cataId",
    )
    human_page = "/page/data/data_directory_details.html?cataId={id}"
    home_marks = ('<meta name="SiteDomain" content="data.wuhan.gov.cn">',)
