"""guangyuan_datapool: the portal of Guangyuan."""

from opendata_spiders.declared import AsText, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_FRONT = "/open/index.html?id=datapool"


class GuangyuanDatapoolSpider(DeclaredFamily):
    """Reads the portal of Guangyuan (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/open/dataPool`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/dataPoolPager`, pages count from 1, five rows a page; the size is sent as text. Two independent
       crawlers. A row is attested for its `ID` alone.
    3. The answer counts pages (`data.totalPage`), not datasets: the portal declares no total.
    4. Detail: `POST /open/details/queryDetails`, a list of one below `data.details`. Two independent crawlers.

    Quirks:

    5. `add_time` is the publication and `release_time` the update, as one crawler read them; the other read
       `release_time` as the publication, and an `update_time`, which is read where it is there.
    6. `SharedStructuredRecords` 1 is conditional; `resourcrtype` is the portal's own spelling.
    7. `cycle` is a code of this family alone; the crawlers disagree on 9.
    8. No address of a dataset's page for people is attested: the catalogue's page stands in its place.

    Gone: HTTP 404 or 410 on a detail alone; empty `details` have been seen by no crawler.
    """

    family = "guangyuan_datapool"
    page_size = 5
    default_context = "/open/dataPool"
    dates_in_details = True
    list_call = Call(
        "{context}/dataPoolPager",
        referer=_FRONT,
        json={
            "id": "", "pageSize": AsText(Slot.SIZE), "currentPage": Slot.PAGE, "type": "", "btntype": "", "fileid": "",
            "share": "", "userid": None, "sorter": "release_time", "order": "desc",
        },
    )  # fmt: skip
    list_page = JsonList(rows="data.rows", pages="data.totalPage", id="ID", keys={})
    detail_call = Call("/open/details/queryDetails", referer=_FRONT, json={"id": Slot.ID})
    detail_page = JsonDetail(
        at="data.details[0]",
        must=("name",),
        keys={
            "name": "title",
            "remarks": "description",
            "department": "office",
            "cycle": "frequency",
            "SharedStructuredRecords": "open_type",
            "resourcrtype": "formats",
            "PHONE": "contact_phone",
            "add_time": "published",
            "update_time": "updated",
            "release_time": "updated",
        },
    )
    human_page = _FRONT
