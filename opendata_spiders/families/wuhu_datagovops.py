"""wuhu_datagovops: the portal of Wuhu, whose answer is JSON inside a JSON string."""

import json
from dataclasses import replace
from typing import Any

from scrapy.http import Response

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonList, Slot
from opendata_spiders.declared.answers import Answer

_STAFF = frozenset({"createUser", "updateUser", "createUserId", "updateUserId"})


class WuhuDatagovopsSpider(DeclaredFamily):
    """Reads the portal of Wuhu (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/datagov-ops/data`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `POST …/getDataSetByWhere`, pages count from 1, fifteen rows a page. Two independent crawlers; items of
       2023 were seen as the portal sent them.
    3. The answer counts pages (`allPage`), not datasets: the portal declares no total.
    4. The list tells all there is. The page for people is `…/toDetailPage?id=`; its shape nobody wrote down.

    Quirks:

    5. The body is one JSON string that holds the JSON object.
    6. `isValid` holds the name of the office, `dataType` the topic. `openSummary` is what the data may be used for.
    7. `createDate` is text; `updateDate` is text or an object of Java's, whose `time` is milliseconds.
    8. `dataUpdateFrequency` is a code of this family alone: 5 is every half year.
    9. Rows and files name the staff who entered them, with their mobiles: `createUser` and its like are dropped
       before anything is read, so that no evidence holds them.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "wuhu_datagovops"
    page_size = 15
    default_context = "/datagov-ops/data"
    list_call = Call(
        "{context}/getDataSetByWhere",
        headers=AJAX,
        referer="{context}/dataIndex",
        form={
            "searchContent": "", "dataType": "", "dataOrg": "", "sort": "0", "fileType": "", "pageNo": Slot.PAGE,
            "pageSize": Slot.SIZE, "beginDate": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="smcDataSetList",
        pages="allPage",
        id="id",
        keys={
            "datasetName": "title",
            "summary": "description",
            "isValid": "office",
            "dataType": "theme",
            "dataUpdateFrequency": "frequency",
            "openType": "open_type",
            "fileList[].fileType": "formats",
            "createDate": "published",
            "updateDate": "updated",
            "smcDataSetBrowseCount.browseCount": "views",
            "dataSetDownloadCount.downloadCount": "downloads",
            "dataSetDownloadCount.apiInvokeCount": "calls",
        },
    )
    human_page = "{context}/toDetailPage?id={id}"

    def answer(self, response: Response) -> Answer:
        """The object inside the string, without the people in it; any other body as it stands."""
        read = super().answer(response)
        try:
            text = json.loads(read.text)
            return replace(read, text=json.dumps(_without_staff(json.loads(text)), ensure_ascii=False))
        except (ValueError, TypeError, RecursionError):
            return read


def _without_staff(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_staff(one) for key, one in value.items() if key not in _STAFF}
    return [_without_staff(one) for one in value] if isinstance(value, list) else value
