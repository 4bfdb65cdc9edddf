"""zj_jdop: the jdop_front portals of Zhejiang's cities, whose lists are HTML inside JSON."""

import re

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, FieldPlaces, HtmlDetail, HtmlList, Slot

_LIST = "{context}/channal/data_public.do"


class ZjJdopSpider(DeclaredFamily):
    """Reads a jdop_front portal.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/jdop_front`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/channal/datapubliclist.do` (sic), pages count from 1, twenty rows a page; `type` 1 is data, 2 are
       interfaces. The answer is JSON whose `data` is HTML. Three independent crawlers. Wenzhou sends an empty `type`.
    3. Total: `span.onColor`. One crawler.
    4. Row: link to `../detail/data.do?iid=N` with the title, then the update date. Two independent crawlers. Visits and
       downloads are the first two of the three `p.ck span`; that the office stands after 数源单位 is a guess.
    5. Detail: `GET …/detail/data.do?iid=N`, a table of labels and values. Two independent crawlers.

    Quirks:

    6. Table rows with a `style` attribute are hidden and hold old values: skipped.
    7. The number of rows is called 数据量, 数据条数 (Wenzhou, Lishui) or 数据容量 (Jiaxing, Jinhua, Quzhou).
    8. 访问/下载次数 holds two numbers, `120/7`.
    9. 开放条件 is the open type in words; 登录开放 is open after a login.
    10. The province and Jiaxing have left this software; their new interfaces were never seen.

    Gone: HTTP 404 or 410 on a detail alone; no page that says so was seen by any crawler.
    """

    family = "zj_jdop"
    page_size = 20
    default_context = "/jdop_front"
    list_call = Call(
        "{context}/channal/datapubliclist.do",
        headers=AJAX,
        referer=_LIST,
        form={
            "pageNumber": Slot.PAGE, "pageSize": Slot.SIZE, "type": "1", "domainId": "0", "deptId": "", "regionId": "",
            "keyword": "", "content": "", "searchString": "", "orderDefault": "", "isDownload": "1", "dimensionId": "0",
        },
    )  # fmt: skip
    list_page = HtmlList(
        inside="data",
        frame="span.onColor",
        total="span.onColor",
        entries=".search_result",
        id=".search_result_left_tit a::attr(href)",
        id_pattern="data\\.do\\?(?:.*&)?iid=([^&]+)",
        layout=FieldPlaces(
            cells={
                ".search_result_left_tit a": "title",
                "p.ck span:nth-of-type(1)": re.compile(r"(?P<views>\d[\d,]*)"),
                "p.ck span:nth-of-type(2)": re.compile(r"(?P<downloads>\d[\d,]*)"),
            },
            labels={"数源单位": "office", "更新时间": "updated"},
            running=".search_result_left_stit",
        ),
    )
    detail_call = Call("{context}/detail/data.do", query={"iid": Slot.ID, "searchString": ""}, referer=_LIST)
    detail_page = HtmlDetail(
        frame=".box1",
        layout=FieldPlaces(
            cells={".sjxqTit1": "title"},
            labels={
                "摘要": "description",
                "标签": "tags",
                "更新周期": "frequency",
                "资源格式": "formats",
                "数源单位": "office",
                "联系方式": "contact_phone",
                "数据领域": "theme",
                "行业分类": "industry",
                "发布日期": "published",
                "更新日期": "updated",
                "开放条件": "open_type",
                "数据量": "rows",
                "数据条数": "rows",
                "数据容量": "rows",
                "访问/下载次数": re.compile(r"(?P<views>[\d,]+)\s*/\s*(?P<downloads>[\d,]+)"),
            },
            rows=".box1 tr:not([style])",
        ),
    )
    human_page = "{context}/detail/data.do?iid={id}"
