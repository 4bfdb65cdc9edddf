"""hainan_search: the portal of Hainan, a search that answers ids over static pages."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, FieldPlaces, HtmlDetail, JsonList, Slot


class HainanSearchSpider(DeclaredFamily):
    """Reads the portal of Hainan.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/search`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/data/list`, pages count from 0, ten rows a page. One crawler. A row is attested for its `id` alone.
    3. The answer counts pages (`data.totalPages`), not datasets: the portal declares no total.
    4. Detail: the page `/sjj/<id>.htm`, `div.gp-column1 table`; formats are the `span.tag2`. One crawler.

    Quirks:

    5. In 2026 the portal was re-labelled 数据产品超市; whether this interface still answers nobody wrote down.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "hainan_search"
    page_size = 10
    first_page = 0
    default_context = "/search"
    dates_in_details = True
    list_call = Call(
        "{context}/data/list",
        headers=AJAX,
        referer="/sjj/index.htm",
        form={
            "curPage": Slot.PAGE, "deptName": "", "openValue": "", "orderProperty": "", "orderType": "",
            "pageSize": Slot.SIZE, "score": "", "subject": "", "title": "", "type": "",
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.content", pages="data.totalPages", id="id", keys={})
    detail_call = Call("/sjj/{id}.htm", referer="/sjj/index.htm")
    detail_page = HtmlDetail(
        frame=".gp-column1",
        layout=FieldPlaces(
            cells={".tag2": "formats"},
            labels={
                "目录名称": "title",
                "摘要": "description",
                "来源部门": "office",
                "所属主题": "theme",
                "开放状态": "open_type",
                "目录发布时间": "published",
                "数据更新时间": "data_updated",
                "更新频率": "frequency",
            },
            rows=".gp-column1 tr",
        ),
    )
    human_page = "/sjj/{id}.htm"
    knows_lists = False
    home_marks = ("海南省政府数据统一开放平台", "css/2021gb/")
