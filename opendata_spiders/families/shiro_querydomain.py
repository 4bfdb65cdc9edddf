"""shiro_querydomain: the portals of Zhongshan and Chengde, HTML throughout."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, FieldPlaces, HtmlDetail, HtmlList, Slot


class ShiroQuerydomainSpider(DeclaredFamily):
    """Reads a portal of the queryDomain software.

    A portal joins by one register row:

    1. `base_url` is the host, `context_path` where the software stands (`/web`, `/shuju/web`).

    What is read, and who attests it:

    2. List: `POST …/queryDomain`, pages count from 1, ten rows a page; the answer is a piece of HTML. Two independent
       crawlers. Chengde sends other filters (a class of its own).
    3. The last call of `toPage` in the page is the number of pages; the portal declares no total. One crawler.
    4. Row: `dl dd h2 a`, whose script address holds the id. Two independent crawlers; its text as title is a guess.
    5. Detail: `GET …/dataServerView?id=&pageNum=1`, `table.table-main`. Two independent crawlers agree on the cells.
       Of their labels 创建时间 and 更新时间 are attested by one; the other wrote the rest beside the positions it read.

    Quirks:

    6. Dates are written 2023年01月01日.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "shiro_querydomain"
    page_size = 10
    default_context = "/web"
    dates_in_details = True
    list_call = Call(
        "{context}/queryDomain",
        headers=AJAX,
        referer="{context}/dataList?orgId=0&domainId=&resourceType=DATA",
        form={
            "page": Slot.PAGE, "orgId": "", "orgDirId": "", "domainId": "", "resourceType": "DATA",
            "sortWord": "lastUpdateTime", "direction": "null", "listPageNum": "undefined", "domain.id": "",
        },
    )  # fmt: skip
    list_page = HtmlList(
        frame="dl",
        entries="dl > dd",
        id="h2 a::attr(href)",
        id_pattern=r"dataserver\.view\('([^']+)'",
        pages_pattern=r"(?s).*toPage\((\d+)\)",
        layout=FieldPlaces(cells={"h2 a": "title"}),
    )
    detail_call = Call("{context}/dataServerView", query={"id": Slot.ID, "pageNum": "1"})
    detail_page = HtmlDetail(
        frame=".table-main",
        layout=FieldPlaces(
            cells={"h2": "title", ".data_main > div > span": "formats"},
            labels={
                "部门名称": "office",
                "摘要信息": "description",
                "数据条数": "rows",
                "创建时间": "published",
                "更新频率": "frequency",
                "数据主题": "theme",
                "下载量": "downloads",
                "开放等级": "open_type",
                "访问量": "views",
                "更新时间": "updated",
            },
            rows=".table-main tr",
        ),
    )
    human_page = "{context}/dataServerView?id={id}&pageNum=1"
