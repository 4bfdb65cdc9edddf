"""hunan_jsp: the open data columns of Yueyang and Yiyang, whose list is cut into types."""

from opendata_spiders.declared import OMIT, Call, FieldPlaces, HtmlDetail, HtmlList, PartedFamily, Slot, Tenant


class HunanJspSpider(PartedFamily):
    """Reads a portal of the dataList.jsp software, HTML throughout.

    A portal joins by one register row:

    1. `base_url` is the host, `context_path` where the software stands (`/webapp/yydsj`).
    2. `tenant` is `data=zt` where the page that names the types asks for it (Yueyang).

    What is read, and who attests it:

    3. The types: `GET …/dataList.jsp`, whose entries call a script with two numbers, a kind (1) and the type. One
       crawler; the other knew the types beforehand.
    4. List of a type: `GET …/dataListIframe.jsp`, by offset, six rows a page. Two independent crawlers. 1/5页 tells the
       number of pages (one crawler).
    5. Row: the link to `dataDetail.jsp?id=`. Two independent crawlers. What else a row shows nobody wrote down.
    6. Detail: `GET …/dataDetail.jsp?id=`, cells beside their labels. Two independent crawlers.

    Quirks:

    7. A dataset stands under several types. No total is printed.
    8. Yueyang shows its title in `h1.content-title`, Yiyang in the `h2` of `.panel-body`.
    9. Dates are written 2023/01/01.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "hunan_jsp"
    page_size = 6
    dates_in_details = True
    parts_call = Call("{context}/dataList.jsp", query={"data": Tenant("data", OMIT)})
    parts_pattern = r"onclick=[\"'][^\"'(]*\(\s*1\s*,\s*(\d+)\s*\)"
    list_call = Call(
        "{context}/dataListIframe.jsp",
        referer="{context}/dataList.jsp",
        query={
            "type": "1", "id": Slot.PART, "sort": "1", "formId": "", "dataInfo.offset": Slot.OFFSET,
            "dataInfo.desc": "false",
        },
    )  # fmt: skip
    list_page = HtmlList(
        frame=".current",
        entries=".szkf-box-list, .table-data",
        id='a[href*="dataDetail.jsp"]::attr(href)',
        id_pattern=r"[?&]id=([^&#]+)",
        pages_pattern=r"\d+/(\d+)\s*页",
        layout=FieldPlaces(),
    )
    detail_call = Call("{context}/dataDetail.jsp", query={"id": Slot.ID}, referer="{context}/dataListIframe.jsp")
    detail_page = HtmlDetail(
        frame="h1.content-title, .panel-body, .m-license",
        layout=FieldPlaces(
            cells={"h1.content-title": "title", ".panel-body h2": "title", ".m-license h2": "title"},
            labels={
                "摘要": "description",
                "数据提供方单位": "office",
                "国家主题分类": "theme",
                "数据领域": "theme",
                "更新频率": "frequency",
                "公开属性": "open_type",
                "数据格式": "formats",
                "首次发布时间": "published",
                "更新时间": "updated",
                "访问量": "views",
                "下载次数": "downloads",
            },
            rows="table tr",
        ),
    )
    human_page = "{context}/dataDetail.jsp?id={id}"
