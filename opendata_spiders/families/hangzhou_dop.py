"""hangzhou_dop: the portal of Hangzhou."""

from opendata_spiders.declared import AJAX, AsJson, Call, DeclaredFamily, JsonDetail, JsonList, Slot


class HangzhouDopSpider(DeclaredFamily):
    """Reads Hangzhou's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/dop/dataOpen`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/list.action` with a form whose one field `postData` is JSON; pages count from 1, ten rows a page.
       Two independent crawlers. All that they read of a row is `id`, `source_type`, `source_code`; total: `total`.
    3. Detail: `POST …/dataDetail.action` in the same way, the dataset lies under `resInfo`. Two independent crawlers.
    4. The page for people is `/dop/tpl/dataOpen/dataDetail.html?source_id=<id>&source_type=DATA`. Two crawlers.

    Quirks:

    5. Only datasets are asked for (`source_type` DATA, one crawler): interfaces have a detail of another path.
    6. `open_level` is a code: 1 after login, 2 by application, 3 fully open. `updateCycle` is kept as it comes.
    7. `source_apply_count` counts applications and is not read.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "hangzhou_dop"
    page_size = 10
    dates_in_details = True
    default_context = "/dop/dataOpen"
    list_call = Call(
        "{context}/list.action",
        headers=AJAX,
        referer="/dop/tpl/dataOpen/dataList.html",
        form={
            "postData": AsJson({
                "source_id": "", "fieldCode": "", "themeCode": "", "serviceCode": "", "industryCode": "", "score": "",
                "ability": "", "source_type": "DATA", "openLevel": "", "searchKey": "", "sort": "", "code": "",
                "pageSplit": {"pageNumber": Slot.PAGE, "pageSize": Slot.SIZE}, "topicType": "",
            }),
        },
    )  # fmt: skip
    list_page = JsonList(rows="rows", totals=("total",), id="id", keys={})
    detail_call = Call(
        "{context}/dataDetail.action",
        headers=AJAX,
        referer="/dop/tpl/dataOpen/dataDetail.html",
        form={
            "postData": AsJson(
                {"source_id": Slot.ID, "source_type": "", "pageSplit": {"pageNumber": 1, "pageSize": 10}}
            )
        },
    )
    detail_page = JsonDetail(
        at="resInfo",
        keys={
            "source_name": "title",
            "instruction": "description",
            "private_dept": "office",
            "type_name": "theme",
            "create_date": "published",
            "modify_date": "updated",
            "updateCycle": "frequency",
            "open_level": "open_type",
            "openCondition": "open_condition",
            "data_type": "formats",
            "data_count": "rows",
            "deptTel": "contact_phone",
            "source_views": "views",
            "source_download_count": "downloads",
        },
        must=("source_name",),
    )
    human_page = "/dop/tpl/dataOpen/dataDetail.html?source_id={id}&source_type=DATA"
    home_marks = ("杭州市数据开放平台", "/dop/js/meta.js")
    knows_lists = False
