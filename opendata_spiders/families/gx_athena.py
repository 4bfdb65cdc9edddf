"""gx_athena: the athena interface as Guangxi's new portal runs it, with longer pages and another key for its rows."""

from opendata_spiders.declared import JsonList
from opendata_spiders.families.zj_athena import ZjAthenaSpider


class GxAthenaSpider(ZjAthenaSpider):
    """Reads Guangxi's new portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host with its port; `context_path` is `/athena`, also where neither it nor a path is given.

    What is read, and who attests it:

    2. List and details as in `zj_athena`. One report of 2026, which used them on the portal's public host.
    3. The rows lie under `data.list`, thirty to a page; with fifty the list is null.
    4. No page for people of a single dataset is recorded: the home stands in for it.
    5. The same software carries marks of Shaoxing's site at Xi'an and Chongqing, so that this family may fit them: a
       guess, nobody has read either.

    Quirks:

    6. The page names a private address as its interface; the public host answers under the same path.
    7. Frequency and open type are codes whose meaning nobody attests here (Yichang counts from 0, the others from 1):
       they stay raw, and are read as unknown.
    8. The server knows no secure renegotiation: the row says `old_tls`.

    Gone: as in `zj_athena`.
    """

    family = "gx_athena"
    page_size = 30
    list_page = JsonList(rows="data.list", totals=("data.total",), id="iid", keys={})
    detail_page = ZjAthenaSpider.detail_page
    human_page = "/opendata/home"
