"""dataservice_getpage: the portals of Luzhou, Meishan and Ulanqab."""

from opendata_spiders.declared import AJAX, OMIT, Call, DeclaredFamily, FieldPlaces, HtmlDetail, JsonList, Slot, Tenant

_LIST = "{context}/opendata?orgId="


class DataserviceGetpageSpider(DeclaredFamily):
    """Reads a portal of the dataservice software.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/portal`, also taken where neither it nor a path is given.
    2. `tenant` is `codeId=<32 hex>`, the id of the catalogue; Meishan also sends `kjdFile=0`. The ids were captured in
       2023 and 2024; whether they still hold nobody knows.

    What is read, and who attests it:

    3. List: `POST …/dataservice/getPage`, pages count from 1, ten rows a page; `serviceType` 0,3 is data, 0,4 are
       interfaces. Two independent crawlers. The answer counts pages, not datasets: the portal declares no total.
    4. Row: `list_page`, two independent crawlers; applications (`serviceApplyCount`) are read as downloads.
    5. Detail: `GET …/service_detail?id=&type=opendata&orgId=`, labels in `ul.desc-list-info` and in a table. Two
       independent crawlers.

    Quirks:

    6. `openType` 1 is unconditional at Luzhou; one crawler reads 0 so at Meishan.
    7. Dates are unpadded (2023-6-16).
    8. 数据领域 and `industryName` hold topic words at Luzhou; 数据主题 is the topic where a page has both.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "dataservice_getpage"
    page_size = 10
    default_context = "/portal"
    list_call = Call(
        "{context}/dataservice/getPage",
        headers=AJAX,
        referer=_LIST,
        form={
            "codeId": Tenant("codeId", OMIT), "searchOrder": "0", "page": Slot.PAGE, "rows": Slot.SIZE, "organId": "",
            "serviceType": "0,3", "kjdFile": Tenant("kjdFile", OMIT),
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="result.rows",
        pages="result.pages",
        id="id",
        keys={
            "serviceName": "title",
            "des": "description",
            "orgName": "office",
            "industryName": "industry",
            "openType": "open_type",
            "publishTime": "published",
            "updateTime": "updated",
            "serviceViewCount": "views",
            "serviceApplyCount": "downloads",
        },
    )
    detail_call = Call(
        "{context}/service_detail", query={"id": Slot.ID, "type": "opendata", "orgId": ""}, referer=_LIST
    )
    detail_page = HtmlDetail(
        frame=".desc-list-info",
        layout=FieldPlaces(
            cells={"h2.dt-name p, h2.dt-name + p": "title"},  # HTML allows no p within h2: parsers put it behind
            labels={
                "提供方": "office",
                "提供单位": "office",
                "数据主题": "theme",
                "数据领域": "theme",
                "行业名称": "industry",
                "联系电话": "contact_phone",
                "服务描述": "description",
                "资源摘要": "description",
                "发布时间": "published",
                "更新周期": "frequency",
                "关键字": "tags",
                "开放条件": "open_type",
                "开放属性": "open_type",
                "资源格式": "formats",
                "格式类型": "formats",
            },
            running=".desc-list-info li",
            rows=".table-striped tr",
        ),
    )
    human_page = "{context}/service_detail?id={id}&type=opendata&orgId="
