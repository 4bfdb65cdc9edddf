"""ezhou_sjkfn: the open data column of Ezhou, static pages of a content system."""

from scrapy import Request

from opendata_spiders.declared import Call, FieldPlaces, HtmlDetail, HtmlList, LinkedPages

_UNREAD = ("数据分级", "访问/下载次数", "数据容量", "联系方式")


class EzhouSjkfnSpider(LinkedPages):
    """Reads the portal of Ezhou.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/sjkfn/sjj`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/bmfl/index.html`, then `index_1.html` and so on, seven rows a page. Two independent crawlers. The
       same datasets by topic (`ztfl`) were read by one of them. `span.num` is the declared total (one crawler).
    3. Row: the relative link in `h3`, which is the id and leads to the detail. Two independent crawlers; that its text
       is the title is a guess.
    4. Detail: `ul.table_p1 li`. Two independent crawlers agree on the cells, one of them wrote the labels down.

    Quirks:

    5. The two read 开放条件 in different cells; here its label decides. Labels that are no field of ours end the value
       before them (`_UNREAD`, partly a guess).
    6. The counters come from another address: unread.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "ezhou_sjkfn"
    page_size = 7
    first_page = 0
    default_context = "/sjkfn/sjj"
    dates_in_details = True
    list_call = Call("{context}/bmfl/index_{page}.html", referer="{context}/bmfl/")
    list_page = HtmlList(
        frame="ul.sjj_right_list, span.num",
        entries="ul.sjj_right_list > li.fbc",
        id="h3 a::attr(href)",
        total="span.num",
        layout=FieldPlaces(cells={"h3 a": "title"}),
    )
    detail_page = HtmlDetail(
        frame="ul.table_p1",
        layout=FieldPlaces(
            labels={
                "摘要": "description",
                "资源标签": "tags",
                "更新周期": "frequency",
                "资源格式": "formats",
                "数据单位": "office",
                "数据领域": "theme",
                "行业分类": "industry",
                "开放条件": "open_type",
                "更新日期": "updated",
                "发布日期": "published",
                "数据量": "rows",
                **dict.fromkeys(_UNREAD, ()),
            },
            running=".table_p1 li",
        ),
    )

    def list_request(self, page: int) -> Request:
        """Ask for one list page; the first has no number."""
        request = super().list_request(page)
        return request.replace(url=request.url.replace("/index_0.html", "/index.html"))
