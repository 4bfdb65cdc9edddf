"""tw_front: the portal of Taiwan."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonList, Slot


class TwFrontSpider(DeclaredFamily):
    """Reads the portal of Taiwan (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/api/front/dataset`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/list`, pages count from 1; a page of fifty and one of a thousand were served. Two independent
       crawlers. `payload.search_count` is the declared total.
    3. Row: number, title and office by two crawlers; description, topic, category and frequency by one (2026).
    4. The list tells all there is: the detail of the public interface wants a key since 2026 (one crawler).
    5. The page for people is `/dataset/<number>`.

    Quirks:

    6. The list prints no date, so that this portal cannot be told late.
    7. `topic_name` is read before `category_name`.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "tw_front"
    page_size = 50
    default_context = "/api/front/dataset"
    list_call = Call(
        "{context}/list",
        json={
            "bool": [], "filter": [], "page_num": Slot.PAGE, "page_limit": Slot.SIZE, "tids": [],
            "sort": "metadata_changed.date_desc",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="payload.search_result",
        totals=("payload.search_count",),
        id="nid",
        keys={
            "title": "title",
            "content": "description",
            "description": "description",
            "agency_name": "office",
            "topic_name": "theme",
            "category_name": "theme",
            "updatefreq_desc": "frequency",
        },
    )
    human_page = "/dataset/{id}"
