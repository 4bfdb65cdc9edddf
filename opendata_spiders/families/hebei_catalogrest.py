"""hebei_catalogrest: the portal of Hebei, whose details are HTML."""

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, FieldPlaces, HtmlDetail, JsonList, Slot

_UNREAD = (
    "信息资源分类", "信息资源代码", "资源版本", "资源提供方内部部门", "资源提供方代码", "格式分类", "格式描述",
    "资源联系人",
)  # fmt: skip


class HebeiCatalogrestSpider(DeclaredFamily):
    """Reads the portal of Hebei.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/catalogRest`, also taken where neither it nor a path is given.

    What is read, and who attests it (one crawler, 2023):

    2. List: `POST …/getData`, pages count from 1, ten rows a page; the answer is JSON. `page.totalPage` is the number
       of pages. Row: its id, two dates and the topic.
    3. Detail: `POST /catalog/resourceDetails` with the id as `rowkey`; the answer is HTML. Labels end in a colon.
    4. No page of a dataset can be opened by its address alone: the list stands in its place.

    Quirks:

    5. That crawler opened the home page first for its session; whether the list needs one is not known.
    6. `CREAT_DATE` is the portal's own spelling. Codes and the names of people are passed over (`_UNREAD`): their
       labels end the value before them.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "hebei_catalogrest"
    page_size = 10
    default_context = "/catalogRest"
    list_call = Call(
        "{context}/getData",
        headers=AJAX,
        referer="/catalog",
        form={
            "pageNo": Slot.PAGE, "pageSize": Slot.SIZE, "metadataIds": "", "type": "", "metadataName": "",
            "domainId": "", "deptId": "", "sort": "", "forward": "", "themeId": "", "themeFlag": "", "openType": "",
            "updateTime": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="page.dataList",
        pages="page.totalPage",
        id="METADATA_ID",
        keys={"THEME_NAME": "theme", "CREAT_DATE": "published", "UPDATE_DATE": "updated"},
    )
    detail_call = Call(
        "/catalog/resourceDetails",
        referer="/catalog",
        form={
            "rowkey": Slot.ID,
            "list_url": "/catalog?pageNo=1&pageSize=10&metadataIds=&type=&metadataName=&domainId=&deptId=",
        },
    )
    detail_page = HtmlDetail(
        frame=".resdetails_table_box",
        layout=FieldPlaces(
            labels={
                "信息资源名称": "title",
                "资源摘要": "description",
                "资源提供方": "office",
                "标签": "tags",
                "更新周期": "frequency",
                "开放条件": "open_type",
                "格式类型": "formats",
                "联系电话": "contact_phone",
                "电子邮箱": "contact_email",
                **dict.fromkeys(_UNREAD, ()),
            },
            running=".info td, .resdetails_table_box.page1",
        ),
    )
    human_page = "/catalog"
