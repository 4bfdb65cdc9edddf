"""shanghai_zq: the portal of Shanghai."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": "null"}


class ShanghaiZqSpider(DeclaredFamily):
    """Reads Shanghai's portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/zq/api`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/data_set/search/`, pages count from 1, ten rows a page. Two independent crawlers. What they read of
       a row: id, name and date of update.
    3. Detail: `GET …/data_set/<id>/`. Two independent crawlers.
    4. The page for people is `/view/detail/index.html?type=cp&id=<id>`. One crawler.

    Quirks:

    5. In 2026 the portal answers 412 without a browser's cookies: blocked, which says nothing about the city's data.
    6. Only the number of pages is printed: no total is declared, and the list is read to that page.
    7. The body is JSON under a form's content type.
    8. The detail's dates are ISO with a T and without a zone. `open_rate` is a word.
    9. `contact_way` is a phone or a mail address, as printed; it is read as phone.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "shanghai_zq"
    page_size = 10
    default_context = "/zq/api"
    list_call = Call(
        "{context}/data_set/search/",
        headers=_HEADERS,
        referer="/view/data-resource/index.html",
        json={
            "appScenarios": "", "dataDomain": "", "datasetKeyword": "", "fieldListKeyword": "", "openResType": "",
            "openType": "", "orgId": "", "pageNum": Slot.PAGE, "pageSize": Slot.SIZE, "generalScore": "",
            "resourceKeyword": "", "sort": "", "isHighQuality": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.content",
        pages="data.totalPageNum",
        id="datasetId",
        keys={"datasetName": "title", "updateDate": "updated"},
    )
    detail_call = Call("{context}/data_set/{id}/", headers=_HEADERS, referer="/view/detail/index.html")
    detail_page = JsonDetail(
        keys={
            "dataset_name": "title",
            "open_list_abstract": "description",
            "org_name": "office",
            "data_domain": "theme",
            "data_label": "tags",
            "create_date": "published",
            "update_date": "updated",
            "open_rate": "frequency",
            "open_type": "open_type",
            "docType[].file_type[]": "formats",
            "contact_way": "contact_phone",
        },
        must=("dataset_name",),
    )
    human_page = "/view/detail/index.html?type=cp&id={id}"
