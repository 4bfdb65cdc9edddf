"""beijing_cms: the portal of Beijing, a search that answers JSON over static pages of a content system."""

from opendata_spiders.declared import AJAX, Call, FieldPlaces, HtmlDetail, JsonList, LinkedPages, Slot


class BeijingCmsSpider(LinkedPages):
    """Reads the portal of Beijing.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/cms/web`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/search`, pages count from 1, ten rows a page. One crawler (2024); anonymous in 2026. A row is
       attested for its `url` alone: all else stands on the page it leads to.
    3. The answer counts pages (`page.countPage`), not datasets: the portal declares no total.
    4. Detail: the static page `/zyml/…/<number>.htm`, one line a field, its label parted from the value by a blank or a
       colon. One crawler (2024). Since 2026 it also shows update date, frequency and open condition (two sources); how
       these are labelled nobody wrote down: 更新日期, 更新时间, 更新频率, 更新周期, 开放条件 and 开放类型 are a guess.

    Quirks:

    5. The id is the page's path: a dataset that the editors move to another folder is one that vanishes and appears.
    6. 摘要 and 资源摘要 are the same field.
    7. `orderFiled` is the portal's own spelling. Connections are reset under load.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "beijing_cms"
    page_size = 10
    default_context = "/cms/web"
    dates_in_details = True
    list_call = Call(
        "{context}/search",
        headers=AJAX,
        referer="/syzxsj/index.htm",
        form={"orderFiled": "publishDate", "orderMethod": "desc", "pageSize": Slot.SIZE, "curPage": Slot.PAGE},
    )
    list_page = JsonList(rows="object.docs", pages="page.countPage", id="url", keys={})
    detail_page = HtmlDetail(
        frame=".sjdetails_cardmain_frame",
        layout=FieldPlaces(
            labels={
                "资源名称": "title",
                "摘要": "description",
                "资源摘要": "description",
                "资源所有权单位": "office",
                "资源分类": "theme",
                "关键字说明": "tags",
                "资源类型": "formats",
                "资源记录数": "rows",
                "资源出版日期": "published",
                "更新日期": "updated",
                "更新时间": "updated",
                "更新频率": "frequency",
                "更新周期": "frequency",
                "开放条件": "open_type",
                "开放类型": "open_type",
            },
            lines=".sjdetails_cardmain_frame",
        ),
    )
    home_marks = ("北京市公共数据开放平台", 'content="EasySite')
