"""opendataweb_kfzy: the portals of Hefei and Bozhou."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from scrapy import Request

from opendata_spiders.declared import AJAX, Call, DeclaredFamily, JsonDetail, JsonList, Slot

_KEYS: dict[str, Any] = {
    "zy": "title",
    "zymc": "description",
    "tgdwmc": "office",
    "filedName": "theme",
    "gxpl": "frequency",
    "fjhzm": "formats",
    "cjsj": "published",
    "gxsj": "updated",
}


class OpendatawebKfzySpider(DeclaredFamily):
    """Reads a portal of the open-data-web software.

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/open-data-web/kfzy`, also taken where neither it nor a path is given.

    What is read, and who attests it:

    2. List: `GET …/queryKfZyPage.do`, pages count from 1, ten rows a page; `zylxdm` 1 is data, 2 are interfaces. Two
       independent crawlers. Bozhou has another path (a class of its own).
    3. The answer counts pages (`totalPageCount`), not datasets: the portal declares no total.
    4. Row: `zy` to `xzs`, two independent crawlers; `zymc`, `gxsj` and `fjhzm` in a row by one. `filedName` is the
       portal's own spelling.
    5. Detail: `POST …/getKfzyDetail.do` with `id` and `zyId`. One crawler.

    Quirks:

    6. A dataset is asked for by two ids, which are not always equal: the native id is `id/zyId`.
    7. Dates are written YYYYMMDDHHMMSS. `gxpl` 8 is every two years, in nearly all rows of Hefei.
    8. Hefei stands behind a wall that sets its cookie by two scripts.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "opendataweb_kfzy"
    page_size = 10
    default_context = "/open-data-web/kfzy"
    list_call = Call(
        "{context}/queryKfZyPage.do",
        headers=AJAX,
        query={
            "zylxdm": "1", "currentPageNo": Slot.PAGE, "pageSize": Slot.SIZE, "rtcode": "03", "rcid": "", "flag": "0",
            "sortSign": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.result",
        pages="data.totalPageCount",
        id="id && join('/', [to_string(id), to_string(zyId || id)])",
        keys={**_KEYS, "fws": "views", "xzs": "downloads"},
    )
    detail_page = JsonDetail(keys=_KEYS, must=("zy", "zymc"))
    human_page: ClassVar[str] = "/open-data-web/data/detail-hfs.do"

    def detail_request(self, id: str) -> Request:
        """Ask for one dataset by its two ids."""
        form = {**_ids(id), "zylx": "1", "czlx": "1"}
        return self._request(Call("{context}/getKfzyDetail.do", headers=AJAX, form=form), {})

    def page_url(self, id: str) -> str:
        """Return the page for people."""
        return f"{self.base_url}{self.human_page}?{urlencode(_ids(id))}"


def _ids(native: str) -> dict[str, str]:
    id_, _, resource = native.partition("/")
    return {"id": id_, "zyId": resource or id_}
