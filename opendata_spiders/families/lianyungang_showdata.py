"""lianyungang_showdata: the portal of Lianyungang, HTML throughout."""

import re

from opendata_spiders.declared import Call, DeclaredFamily, FieldPlaces, HtmlDetail, HtmlList, Slot


class LianyungangShowdataSpider(DeclaredFamily):
    """Reads the portal of Lianyungang.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/data/showDataController`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/showdata.do`, pages count from 1, ten rows a page. Two independent crawlers. The first span of
       `.page-footer` is the number of pages (one crawler).
    3. Row: the id in the call of `h1`. Two independent crawlers. Views and downloads are the links in the third and
       fourth span (one crawler); that the text of `h1` is the title is a guess.
    4. Detail: `GET …/showdetail.do?dmid=`, `table.tw-table-form`. Labels of name, office, open type, topic and date by
       one crawler; the other reads the same cells by position, and beside them description and format, whose labels are
       a guess.
    5. The numbers of rows and files stand in one text: 数据量：12 文件数：3. One crawler.

    Quirks:

    6. 上传时间 is the only date. No frequency is told.
    7. Formats are the heads of the table of files (one crawler).

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "lianyungang_showdata"
    page_size = 10
    default_context = "/data/showDataController"
    dates_in_details = True
    list_call = Call(
        "{context}/showdata.do",
        referer="{context}/showdata.do",
        query={
            "pageNum1": Slot.PAGE, "pageNum2": "", "pageNum3": "", "xian": "0", "colum": "", "value": "",
            "dep1seach": "",
        },
    )  # fmt: skip
    list_page = HtmlList(
        frame=".page-footer",
        entries="#xianshimokuai1 > ul > li",
        id="h1::attr(onclick)",
        id_pattern=r"view\(['\"]([^'\"]+)",
        pages=".page-footer span:first-of-type",
        layout=FieldPlaces(
            cells={"h1": "title", "span:nth-of-type(3) a": "views", "span:nth-of-type(4) a": "downloads"}
        ),
    )
    detail_call = Call("{context}/showdetail.do", query={"dmid": Slot.ID}, referer="{context}/showdata.do")
    detail_page = HtmlDetail(
        frame=".tw-table-form",
        layout=FieldPlaces(
            labels={
                "信息资源名称": "title",
                "信息资源摘要": "description",
                "信息资源提供方": "office",
                "所属主题": "theme",
                "是否向社会开放": "open_type",
                "信息资源格式": "formats",
                "上传时间": "published",
                "数据量": re.compile(r"(?P<rows>\d+)(?:.*文件数\s*[：:]\s*(?P<files>\d+))?"),
            },
            rows=".tw-table-form tr",
            running="div > span",
        ),
    )
    human_page = "{context}/showdetail.do?dmid={id}"
