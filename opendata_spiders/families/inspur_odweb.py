"""inspur_odweb: the older Inspur portal, whose list is JSON and whose details are HTML."""

import re

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, FieldPlaces, HtmlDetail, JsonList, Slot

_DATE = r"\d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)?"
INFO_LABELS = {
    "开放状态": "open_type",
    "所属主题": "theme",
    "最后更新": "updated",
    "来源部门": "office",
    "更新频率": "frequency",
    "发布时间": "published",
    "所属行业": "industry",
    "描述": "description",
}
"""Labels of `div.info-list li`, which Datong's portal shows as well."""


class InspurOdwebSpider(DeclaredFamily):
    """Reads a portal of the older Inspur product.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/odweb`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/catalog/catalog.do?method=GetCatalog`; `start` counts rows from 0, six rows a page. Two independent
       crawlers. Wuxi counts pages instead (a class of its own).
    3. `recordsTotal` is the declared total. Two independent crawlers.
    4. Row: `list_page`, two independent crawlers. Downloads are `use_file_count`, calls `use_api_count`, both uses.
    5. Detail: `GET …/catalog/catalogDetail.htm?cata_id=`, `div.info-list li`. Two independent crawlers. Wuxi shows a
       table `div.baseInfo` instead, with phone and mail. One crawler.

    Quirks:

    6. `conf_update_cycle` is a code whose two maps contradict each other: the word is taken from the detail.
    7. Dates are unpadded at Yinchuan and Urumqi (2022-6-27), or milliseconds.
    8. Wuxi writes two dates into one cell, 目录发布/更新时间 and 资源发布/更新时间; the second one of the latter is the
       data's update. What parts the two nobody wrote down.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "inspur_odweb"
    page_size = 6
    default_context = "/odweb"
    list_call = Call(
        "{context}/catalog/catalog.do",
        headers=AJAX,
        referer="{context}/catalog/index.htm",
        query={"method": "GetCatalog"},
        form={
            "group_id": "", "org_code": "", "ind_id": "", "start": Slot.OFFSET, "length": Slot.SIZE,
            "pageLength": Slot.SIZE, "region_code": "", "cata_type": "", "keywords": "", "_order": "1:b",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data",
        totals=("recordsTotal",),
        id="cata_id",
        keys={
            "cata_title": "title",
            "description": "description",
            "org_name": "office",
            "cataLogGroups[].group_name": "theme",
            "cata_tags": "tags",
            "open_type": "open_type",
            "resource_format": "formats",
            "released_time": "published",
            "update_time": "updated",
            "conf_datafile_update_time": "data_updated",
            "total_storage": "storage",
            "catalogStatistic.data_count": "rows",
            "catalogStatistic.file_count": "files",
            "catalogStatistic.api_count": "apis",
            "catalogStatistic.use_visit": "views",
            "conf_view_num": "views",
            "catalogStatistic.use_file_count": "downloads",
            "catalogStatistic.use_api_count": "calls",
        },
    )
    detail_call = Call(
        "{context}/catalog/catalogDetail.htm", query={"cata_id": Slot.ID}, referer="{context}/catalog/index.htm"
    )
    detail_page = HtmlDetail(
        frame=".info-list, .baseInfo",
        layout=FieldPlaces(
            cells={
                ".detail-title": "title",
                "div.data-name::text": "title",
                ".info-body[tags]::attr(tags)": "tags",
                '.baseInfo td:contains("标签") + td span': "tags",
            },
            labels={
                **INFO_LABELS,
                "简介": "description",
                "标签": "tags",
                "条件开放": "open_type",
                "联系电话": "contact_phone",
                "邮箱地址": "contact_email",
                "数据量": "rows",
                "目录发布/更新时间": re.compile(rf"(?P<published>{_DATE})\D+(?P<updated>{_DATE})"),
                "资源发布/更新时间": re.compile(rf"{_DATE}\D+(?P<data_updated>{_DATE})"),
            },
            running=".info-list li",
            rows=".baseInfo tr",
        ),
    )
    human_page = "{context}/catalog/catalogDetail.htm?cata_id={id}"
    home_marks = ("数据开放平台", "/default/libs/mon.carousel/carousel.css")
    home_context = r'"(/[^"]+)/default/libs/mon\.carousel/carousel\.css"'
