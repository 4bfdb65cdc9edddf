"""longcloud_label: the data pages of the Longcloud content system at Bengbu and Huangshan."""

from typing import ClassVar

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, FieldPlaces, HtmlDetail, HtmlList, Slot, Tenant
from opendata_spiders.declared.family import ReadsDetails


class LongcloudLabelSpider(DeclaredFamily):
    """Reads the data pages of a Longcloud site; as it stands here, Bengbu's.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/site/label/8888`, also taken where neither it nor a path is given.
    2. `tenant` is `siteId=6795621`, the site within the content system.

    What is read, and who attests it:

    3. List: `GET …?labelName=dataOpenResourcePageList`, pages count from 0, ten rows a page; the answer is a piece of
       HTML. Two independent crawlers. `resourceType` download is data, api are interfaces (one crawler).
    4. Total: a script writes 共(87)条数据. One crawler.
    5. Row: the link to `/site/tpl/…?resourceId=N`, two independent crawlers. Nothing else of a row is labelled.
    6. Detail: `GET /site/tpl/6621?resourceId=N`, `div.data_sj li`. Two independent crawlers.

    Quirks:

    7. Huangshan's list and details are of other shapes (a class of its own).
    8. Both sites stand behind a wall that sets a cookie by script.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "longcloud_label"
    page_size = 10
    first_page = 0
    default_context = "/site/label/8888"
    dates_in_details = True
    list_call = Call(
        "{context}",
        headers=AJAX,
        referer="/sjkf/sjxz/index.html",
        query={
            "siteId": Tenant("siteId"), "pageSize": Slot.SIZE, "pageIndex": Slot.PAGE, "dataAreaId": "", "isDate": "",
            "dateFormat": "", "length": "", "providerOrgan": "", "sortField": "publishDate", "sortOrder": "desc",
            "result": "", "labelName": "dataOpenResourcePageList", "resourceType": "download",
        },
    )  # fmt: skip
    list_page = HtmlList(
        frame=".sj_list",
        entries=".sj_list > ul > li",
        id='.sjinfo a[href*="site/tpl/"]::attr(href)',
        id_pattern=r"resourceId=(\d+)",
        total_pattern=r"共\(?([\d,]+)\)?条数据",
        layout=FieldPlaces(),
    )
    detail_call = Call("/site/tpl/6621", query={"resourceId": Slot.ID}, referer="/sjkf/sjxz/index.html")
    detail_page: ClassVar[ReadsDetails | None] = HtmlDetail(
        frame=".data_sj",
        layout=FieldPlaces(
            cells={".data_newtitle .tit": "title"},
            labels={
                "数据提供方": "office",
                "数据主题": "theme",
                "发布时间": "published",
                "更新时间": "updated",
                "公开属性": "open_type",
                "更新频率": "frequency",
                "摘要": "description",
                "下载格式": "formats",
                "关键字": "tags",
                "数据条数": "rows",
            },
            running=".data_sj li",
        ),
    )
    human_page = "/site/tpl/6621?resourceId={id}"
