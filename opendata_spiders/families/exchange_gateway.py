"""exchange_gateway: the exchange gateway of Xuzhou, Deyang, Suining and Ganzi."""

from opendata_spiders.declared import OMIT, Call, DeclaredFamily, JsonDetail, JsonList, Slot, Tenant

_HEADERS: dict[str, str | Tenant] = {"token": "null", "appCode": Tenant("appCode", OMIT)}
_ALL = ["00"]


class ExchangeGatewaySpider(DeclaredFamily):
    r"""Reads a portal of the exchange gateway (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/exchangeopengateway`, also where neither it nor a path is given.
    2. `tenant` may hold `appCode=<32 hexadecimal digits>`, which the portal's page sends (each portal has its own, made
       by its script; two independent crawlers). Whether it expires, and whether the list answers without, is not known.
    3. `tenant` may hold `front=/data`, where the pages for people begin (Suining; `/dexchange/open/` at Ganzi), and
       `ssztlmId`, a topic to which one crawler narrowed Xuzhou's list in 2023; another, in 2024, asked for all.

    What is read, and who attests it:

    4. List: `POST …/v1.0/mh/sjml/getMlxxList`, pages count from 1; ten rows a page, which every portal served. Two
       independent crawlers. `zylx` 01 and 02 are data; 03, interfaces, is not asked for.
    5. Detail: `GET …/v1.0/mlxx/getSjmlxq?mlbh=<id>&appCode=`. Two independent crawlers.
    6. The page for people is `<front>#/DataDirectory/<id>`. Two independent crawlers.

    Quirks:

    7. Only the number of pages is printed: no total is declared, and the list is read to that page.
    8. Ids hold a slash (`3066/025626`).
    9. Dates are milliseconds, as numbers in the list and as text in the detail. `zygs` writes `xml\json`.
    10. Codes with a leading nought: `gxzq` (frequency), `kflx` (open type, detail only), `wjlx` (formats).
    11. The office is `ssbmmc` in the list, `xxzytgf` in the detail; the industry `sshy`, else `ssqtlmmc`.
    12. `kfptSqsl` counts applications and is not read; nor is `sjhm`, an official's mobile phone.

    Gone: HTTP 404 or 410 on a detail alone; no crawler has seen what the portal says of a dataset that is gone.
    """

    family = "exchange_gateway"
    page_size = 10
    default_context = "/exchangeopengateway"
    default_front = "/"
    list_call = Call(
        "{context}/v1.0/mh/sjml/getMlxxList",
        headers=_HEADERS,
        referer="{front}",
        json={
            "pageNo": Slot.PAGE, "pageSize": Slot.SIZE, "zylx": ["01", "02"], "ssbmId": _ALL, "mlmc": "", "gxsjPx": 2,
            "llslPx": "", "sqslPx": "", "pfPx": "", "ssztlmId": [Tenant("ssztlmId", "00")], "ssjclmId": _ALL,
            "ssqtlmId": _ALL, "kflx": _ALL, "wjlx": _ALL,
        },
    )  # fmt: skip
    list_page = JsonList(
        rows="data.rows",
        pages="data.totalPage",
        id="mlbh",
        keys={
            "mlmc": "title",
            "mlms": "description",
            "ssbmmc": "office",
            "fbsj": "published",
            "xgsj": "updated",
            "gxzq": "frequency",
            "jghxxjls": "rows",
            "wjlx": "formats",
            "kfptLlsl": "views",
            "wjxxsl": "files",
        },
    )
    detail_call = Call(
        "{context}/v1.0/mlxx/getSjmlxq",
        headers=_HEADERS,
        referer="{front}",
        query={"mlbh": Slot.ID, "appCode": Tenant("appCode", OMIT)},
    )
    detail_page = JsonDetail(
        keys={
            "mlmc": "title",
            "xxzymc": "title",
            "zyzy": "description",
            "xxzytgf": "office",
            "ssztlmmc": "theme",
            "sshy": "industry",
            "ssqtlmmc": "industry",
            "mlbqmcList": "tags",
            "fbrq": "published",
            "gxrq": "updated",
            "gxzq": "frequency",
            "kflx": "open_type",
            "kftj": "open_condition",
            "sjl": "rows",
            "zygs": "formats",
            "zjhm": "contact_phone",
            "llsl": "views",
        },
        must=("mlmc", "xxzymc"),
        id="mlbh",
    )
    human_page = "{front}#/DataDirectory/{id}"
