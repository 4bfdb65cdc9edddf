"""yangzhou_webopendata: the open data channel of Yangzhou's content system."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonList, Slot

_FRONT = "https://data.yangzhou.gov.cn"


class YangzhouWebopendataSpider(DeclaredFamily):
    """Reads the portal of Yangzhou (JSON).

    A portal joins by one register row:

    1. `base_url` is the host of the content system; `context_path` is `/u/interfacesWebOpenData`, also where neither it
       nor a path is given. The pages for people are on another host, which is named as the origin of the calls.

    What is read, and who attests it (one crawler, 2024):

    2. List: `GET …/loadPage`, pages count from 1, ten rows a page, in one channel of the content system.
    3. The list tells all there is. A total was read by nobody.

    Quirks:

    4. `AAW_WJSL` counts files. The frequency is text.
    5. The address of a dataset's page holds a month that no row tells: the front page stands in its place.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "yangzhou_webopendata"
    page_size = 10
    default_context = "/u/interfacesWebOpenData"
    list_call = Call(
        "{context}/loadPage",
        headers={"Origin": _FRONT, "Referer": f"{_FRONT}/"},
        query={
            "currentPage": Slot.PAGE, "pageSize": Slot.SIZE, "channel_id": "ef2256dfc5774e97bbf1a1703d72becc",
            "sszt": "", "lybm": "", "lybmAny": "", "lyqz": "", "px": "",
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.list",
        id="MANUSCRIPT_METADATA_ID",
        keys={
            "TITLE_NO_HTML": "title",
            "AAW_MIAOSHU": "description",
            "AAW_LYBM": "office",
            "AAW_SSZT_NAME": "theme",
            "AAW_GXPL": "frequency",
            "AAW_KFTJ_NAME": "open_type",
            "PUBLISHED_TIME_DATETIME": "published",
            "AAW_ZHGX_DATETIME": "updated",
            "AAW_WJSL": "files",
            "CNT_HIT": "views",
            "CNT_DOWNLOAD": "downloads",
        },
    )
    human_page = "/"

    def page_url(self, id: str) -> str:
        """Return the front page of the portal, which lies on another host."""
        return f"{_FRONT}/"
