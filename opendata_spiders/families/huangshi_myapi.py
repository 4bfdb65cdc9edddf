"""huangshi_myapi: the portal of Huangshi."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot


class HuangshiMyapiSpider(DeclaredFamily):
    """Reads the portal of Huangshi (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/myapi/Datainfo`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/index`, pages count from 1; `dataifa` 0 is data, 1 are interfaces. Two independent crawlers. How
       many rows a page holds nobody wrote down, nor a total: only an empty page or one without news ends the list.
    3. Row: its `infoid` alone. Two independent crawlers.
    4. Detail: `GET …/view?infoid=`. Two independent crawlers; frequency and rows by one of them.
    5. The page for people is `/html/#/opentableinfo?infoid=<id>`. One crawler.

    Quirks:

    6. Dates are seconds since 1970. `e_data`, spelled so, is the update.
    7. `bshy` is a code of the national list, read as the topic by one crawler and as the industry by the other; `lyid`
       is a code of the portal's own list of situations in life: unread.
    8. `dls` and `fws` are counters; the one crawler that keeps them reads each as what the other's name says: unread.

    Gone: HTTP 404 or 410 on a detail alone; `data: null` has been seen by no crawler.
    """

    family = "huangshi_myapi"
    page_size = 1
    default_context = "/myapi/Datainfo"
    dates_in_details = True
    list_call = Call(
        "{context}/index",
        referer="/html/",
        query={"departmentid": "", "lyid": "", "bshy": "", "dataifa": "0", "page": Slot.PAGE},
    )
    list_page = JsonList(rows="data.list", id="infoid", keys={})
    detail_call = Call("{context}/view", referer="/html/", query={"infoid": Slot.ID})
    detail_page = JsonDetail(
        must=("title",),
        id="infoid",
        keys={
            "title": "title",
            "summary": "description",
            "departmentname": "office",
            "bshy": "theme",
            "tag": "tags",
            "cycle": "frequency",
            "dataopen": "open_type",
            "phone": "contact_phone",
            "datafmt": "formats",
            "datanum": "rows",
            "c_date": "published",
            "e_data": "updated",
        },
    )
    human_page = "/html/#/opentableinfo?infoid={id}"
