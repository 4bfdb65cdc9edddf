"""jincheng_directory: the portal of Jincheng."""

import json
from dataclasses import replace

from scrapy.http import Response

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonList, Slot
from opendata_spiders.declared.answers import Answer


class JinchengDirectorySpider(DeclaredFamily):
    """Reads the portal of Jincheng (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/datadirectoryController.action`, also where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `POST …?getSearchList`, pages count from 1, six rows a page. Two independent crawlers. `obj.totalPages` is
       the number of pages (one crawler).
    3. Row: one crawler; the other reads its `id` alone.
    4. The list tells all there is. The page for people is `…?goDetails&catalogid=<id>&nav=2`. One crawler; its labels
       nobody wrote down.

    Quirks:

    5. One crawler (2023) found the answer as JSON text under `jsonStr`, the other (2024) found it bare: both are read.
    6. Dates are milliseconds. `updataCycle`, spelled so, is a code of this family. `categoryDetailName` is the office
       by that crawler's reading.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "jincheng_directory"
    page_size = 6
    default_context = "/datadirectoryController.action"
    list_call = Call(
        "{context}?getSearchList",
        headers=AJAX,
        referer="{context}?goList&nav=2",
        form={
            "resourceTy": "1", "categoryDetailId": "3", "optionsValue": "1", "catalogTitle": "", "curPage": Slot.PAGE,
            "pageNum": Slot.SIZE, "checkbox": "全部",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="obj.pagingList",
        pages="obj.totalPages",
        id="id",
        keys={
            "catalogTitle": "title",
            "catalogAbstract": "description",
            "categoryDetailName": "office",
            "domainName": "theme",
            "updataCycle": "frequency",
            "strOpenLimit": "open_type",
            "createTime": "published",
            "updateTime": "updated",
            "catalogStatistic.data_count": "rows",
            "view": "views",
            "downloadCount": "downloads",
            "apiApplicationCount": "calls",
        },
    )
    human_page = "{context}?goDetails&catalogid={id}&nav=2"

    def answer(self, response: Response) -> Answer:
        """The JSON under `jsonStr` where there is any; any other body as it stands."""
        read = super().answer(response)
        try:
            found = json.loads(read.text)
        except (ValueError, RecursionError):
            return read
        inner = found.get("jsonStr") if isinstance(found, dict) else None
        return replace(read, text=inner) if isinstance(inner, str) else read
