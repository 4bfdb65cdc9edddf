"""inspur_oportal: Inspur's HTML portal ("dsp"), run by Shandong, Guangxi, Sichuan, Liaoning and their cities."""

import re
from typing import Final, NoReturn
from urllib.parse import urlsplit

from parsel import Selector
from scrapy.http import Response

from opendata_spiders.declared import OMIT, Call, DeclaredFamily, HtmlDetail, Slot, Tenant
from opendata_spiders.declared.keyed_entries import KeyedHtmlList
from opendata_spiders.families.inspur_files import InspurFiles
from opendata_spiders.families.inspur_layout import LABELS, InspurEntry, InspurPage
from opendata_spiders.pages import bodies, gone
from opendata_spiders.pages.contract import DatasetGoneError, Detail, PageDriftedError
from opendata_spiders.pages.endings import check_page_whole
from opendata_spiders.pages.labels import lines

_HEADERS: Final = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "Accept-Language": "zh-CN,zh;q=0.9"}


class InspurOportalSpider(InspurFiles, DeclaredFamily):
    """Reads a portal of the Inspur "dsp" software (HTML).

    A portal joins by one register row:

    1. `base_url` is the host, `context_path` the value of `#loginroot_path` in its home page: `/oportal` (also taken
       where neither it nor a path is given), `/portal` or the city's name.
    2. `tenant` is empty, or `filterParam=region_code&filterParamCode=<adcode and six zeros>` for one city of a province
       portal. One crawler read with it.
    3. Three hosts were crawled as `/catalog/?page=N`, which is tried where `/catalog/index` answers 404.

    What is read, and who attests it:

    4. List: `GET …/catalog/index?page=N`, pages count from 1, ten a page. Two independent crawlers. The id is
       `input[name=catalogidinput]`, else the last part of the title's link (two crawlers); where they disagree the page
       is refused. The fields stand beside their labels in `.cata-information`; formats and views are in the item's foot
       (two crawlers).
    5. The declared total is `#record_count span` or `div.top-title span`. Two independent crawlers.
    6. Detail: `GET …/catalog/<id>`, also the page for people. Two independent crawlers. Title, the labelled head
       `ul.list-inline`, the table in `li[name=basicinfo]` by label wherever the label stands, the rows of
       `li[name=file-download]` (one crawler) and of `li[name=api-service]` (counted where no 接口数 is printed).
    7. Labels differ from city to city (`LABELS`). 数据容量, 浏览量 and 下载量 are the words of Shandong's own export.

    Quirks:

    8. 更新频率, contacts and files stand in the detail only. The head of the detail wins over its table.
    9. A page past the end is an empty list, not an error. The list is sorted by update, so it moves while it is read.
    10. Views and downloads of a detail are told apart by their icons, else by their order.
    11. The date beside a file is kept with the file: portals restamp 更新时间 and leave the files of years ago.
    12. Shandong's province detail is partly filled by script: what is not in the page is left out, not empty.

    Files (only of datasets somebody watches):

    13. List: `GET …/catalog/getResourceWithFormat?cataId=<id>&pageNum=1&pageSize=100&fileFormat=` answers JSON:
        `object.records[]` with `fileName`, `fileFormat`, `idInRc`. File: `GET …/catalog/download` with `cataId`,
        `cataName` (the title) and `idInRc`. Public crawlers; how many of them independently is not recorded.
    14. A file holds the first 1,000 rows only (said on a portal's page, 2026): a table of exactly 1,000 is not counted.

    Gone: HTTP 404 or 410 on a detail; an answer without `#cata_id` that redirected to the list; a page other than the
    home page, without a dataset, that says plainly of a dataset that it is gone (`opendata_spiders/pages/gone.csv`).
    """

    family = "inspur_oportal"
    page_size = 10
    list_paths = ("/catalog/index", "/catalog/")
    list_call = Call(
        "{context}{list}",
        headers=_HEADERS,
        referer="{context}/catalog/",
        query={
            "page": Slot.PAGE,
            "filterParam": Tenant("filterParam", OMIT),
            "filterParamCode": Tenant("filterParamCode", OMIT),
        },
    )
    list_page = KeyedHtmlList(
        frame=".bottom-content, .top-title, #record_count, .right-content-catalog",
        entries=".bottom-content > ul > li",
        id='input[name="catalogidinput"]',
        link='a[href*="/catalog/"]',
        title=".cata-title",
        marks=".cata-title, .cata-information, .describe",
        not_ids=frozenset({"", ".", "..", "index", "catalog", "download", "getResourceWithFormat"}),
        total="#record_count, div.top-title",
        ends="cata-title",
        layout=InspurEntry(
            cells={
                '.cata-title a[href*="/catalog/"]': "title",
                ".cata-title": "title",
                ".describe": re.compile(r"^(?:(?:资源)?描述\s*[:：﹕︰]\s*)?(?P<description>.*)$"),
            },
            labels=LABELS,
            running=".cata-information",
        ),
    )
    detail_call = Call("{context}/catalog/{id}", headers=_HEADERS, referer="{context}/catalog/")
    detail_page = HtmlDetail(
        frame=".catalog-details, .g-main",
        layout=InspurPage(
            cells={".d-title h4": "title"}, labels=LABELS, running="ul.list-inline li", rows='[name="basicinfo"] tr'
        ),
    )
    human_page = "{context}/catalog/{id}"

    def parse_detail(self, response: Response, id: str) -> Detail:
        """Read one dataset's page; raises PageError, DatasetGoneError by the rule of the class."""
        text = self.answer(response).text
        page = bodies.html_page(text)
        cata_id = (page.css("#cata_id::attr(value)").get() or "").strip()
        values = self.detail_page.layout.values(page)
        if "title" not in values and not (cata_id and values):
            self._raise_no_detail(response, page, cata_id)
        if cata_id not in ("", id):
            raise PageDriftedError(f"asked for {bodies.plain(id)}, answered about {bodies.plain(cata_id)}")
        check_page_whole(text, 'name="basicinfo"')
        return Detail(values, page.css(self.detail_page.frame).get() or page.get() or "")

    def fingerprint(self, response: Response) -> bool:
        """Tell a page of this software: `#loginroot_path`, or its list, or two of the weaker marks of its home page."""
        text = self.answer(response).text
        page = bodies.html_page(text)
        if page.css('#loginroot_path, input[name="catalogidinput"]'):
            return True
        marks = ('<meta name="author" content="dsp"', "data-login-index", "System.config({baseURL", "/jspm_packages/")
        return sum(mark in text for mark in marks) > 1

    def _raise_no_detail(self, response: Response, page: Selector, cata_id: str) -> NoReturn:
        path = _path(response.url)
        if not cata_id and path in {_path(f"{self.root}/catalog/"), _path(self.root + self.list_path)}:
            raise DatasetGoneError("the page redirects to the list")
        if path not in {_path(self.root), _path(f"{self.root}/index")} and (words := gone.said(lines(page))):
            raise DatasetGoneError(f"the page says {words}")
        raise PageDriftedError("no dataset in the page (neither a title nor anything beside #cata_id)")


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")
