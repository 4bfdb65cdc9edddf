"""inspur_oportal: Inspur's HTML portal ("dsp"), run by Shandong, Guangxi, Sichuan, Liaoning and their cities."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, NoReturn
from urllib.parse import quote, unquote, urlencode, urlsplit

from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from opendata_spiders.families.inspur_files import InspurFiles, resources
from opendata_spiders.items import RawValues
from opendata_spiders.pages import bodies, gone
from opendata_spiders.pages.contract import (
    DatasetGoneError,
    Detail,
    ListPage,
    ListRow,
    PageDriftedError,
    PageUnreachableError,
)
from opendata_spiders.pages.labels import (
    Pairs,
    attribute,
    cell_pairs,
    inline_pairs,
    inside,
    lines,
    shown,
    split_label,
    tidy,
)

LABELS: Final[Mapping[str, str]] = {
    "来源部门": "office",
    "部门名称": "office",
    "重点领域": "theme",
    "主题": "theme",
    "所属主题": "theme",
    "数据领域": "theme",
    "发布时间": "published",
    "发布日期": "published",
    "更新时间": "updated",
    "最后更新": "updated",
    "最后更新时间": "updated",
    "数据更新时间": "data_updated",
    "数据更新日期": "data_updated",
    "开放类型": "open_type",
    "开放状态": "open_type",
    "开放条件": "open_condition",
    "所属行业": "industry",
    "更新频率": "frequency",
    "更新周期": "frequency",
    "部门电话": "contact_phone",
    "联系电话": "contact_phone",
    "部门邮箱": "contact_email",
    "联系邮箱": "contact_email",
    "标签": "tags",
    "描述": "description",
    "资源描述": "description",
    "数据量": "rows",
    "数据容量": "storage",
    "文件数": "files",
    "文件量": "files",
    "接口数": "apis",
    "接口量": "apis",
    "浏览量": "views",
    "下载量": "downloads",
}
"""Label (NFKC, without blanks and colon) to canonical field. 开放条件 is settled by `_open`: most portals that print it
mean the open type, and a condition only where an open type stands beside it."""
LIST_FIELDS: Final = (
    "title", "description", "office", "theme", "published", "updated", "data_updated", "open_type", "open_condition",
    "formats", "views",
)  # fmt: skip
DETAIL_FIELDS: Final = (
    "title", "description", "office", "theme", "industry", "tags", "frequency", "open_type", "open_condition",
    "contact_phone", "contact_email", "resources", "published", "updated", "data_updated", "rows", "storage", "files",
    "apis", "views", "downloads",
)  # fmt: skip
NOT_IDS: Final = frozenset({"", ".", "..", "index", "catalog", "download", "getResourceWithFormat"})
"""Last path segments under /catalog/ that lead elsewhere than to a dataset."""
_FRAME: Final = ".bottom-content, .right-content-catalog, .top-title, #record_count"
_TOTALS: Final = "#record_count, div.top-title"
"""Where the total stands, or in a span of it."""
_ID_INPUT: Final = 'input[name="catalogidinput"]'
_LINK: Final = 'a[href*="/catalog/"]'
_TITLE: Final = ".cata-title"
_FEW: Final = 5
"""So many of them, and of the spans of each, are looked at."""
_ENTRY: Final = ".bottom-content > ul > li"
_SCRIPT = re.compile(r"<script\b.*?(?:</script\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_LONGEST_COUNT: Final = 40
_COUNT = re.compile(r"[\d,.]+\s*万?\s*次")


class InspurOportalSpider(InspurFiles):
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

    15. Preview: `POST …/catalog/<id>/getData` with a form of DataTables (`draw`, `start`, `length`, `param`) answers
        `recordsTotal`, the first rows and `items[]` with `name_cn` and `column_name_en`, of datasets open without
        conditions. Read live in September 2026 at 18 portals.

    Gone: HTTP 404 or 410 on a detail; an answer without `#cata_id` that redirected to the list; a page other than the
    home page, without a dataset, that says plainly of a dataset that it is gone (`opendata_spiders/pages/gone.csv`).
    """

    family: ClassVar[str] = "inspur_oportal"
    page_size: ClassVar[int] = 10
    body_kind: ClassVar[str] = "html"
    list_fields: ClassVar[tuple[str, ...]] = LIST_FIELDS
    detail_fields: ClassVar[tuple[str, ...]] = DETAIL_FIELDS
    headers: ClassVar[Mapping[str, str]] = {
        "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "zh-CN,zh;q=0.9",
    }
    list_paths: ClassVar[tuple[str, ...]] = ("/catalog/index", "/catalog/")

    def list_request(self, page: int) -> Request:
        """Ask for one list page."""
        query = urlencode({"page": page, **self.tenant})
        return self._get(f"{self.root}{self.list_path}?{query}")

    def parse_list(self, response: Response) -> ListPage:
        """Read one list page; raises PageDriftedError where no list is, PageUnreachableError where it is cut off."""
        read = bodies.decode(response, self.target.charset)
        page = bodies.html_page(read.text)
        if not page.css(_FRAME):
            raise PageDriftedError("no list in the page (none of .bottom-content, .top-title, #record_count)")
        _check_list_whole(read.text)
        declared, oddities = bodies.total(_total_text(page))
        rows = tuple(ListRow(id_, _row_values(item), item.get()) for id_, item in _items(page))
        return ListPage(rows, declared, _without_id(page), (*read.oddities, *oddities))

    def detail_request(self, id: str) -> Request:
        """Ask for one dataset's page."""
        return self._get(self.page_url(id))

    def parse_detail(self, response: Response, id: str) -> Detail:
        """Read one dataset's page; raises PageError, DatasetGoneError by the rule of the class."""
        text = bodies.decode(response, self.target.charset).text
        page = bodies.html_page(text)
        cata_id = (page.css("#cata_id::attr(value)").get() or "").strip()
        title, values = _first(inside(page, ".d-title", "h4")), _detail_values(page)
        if title is None and not (cata_id and values):
            self._raise_no_detail(response, page, cata_id)
        if cata_id not in ("", id):
            raise PageDriftedError(f"asked for {bodies.plain(id)}, answered about {bodies.plain(cata_id)}")
        _check_detail_whole(text)
        return Detail(_present(title=title) | values, page.css(".catalog-details, .g-main").get() or page.get() or "")

    def page_url(self, id: str) -> str:
        """Return the page for people; ids are quoted, they may hold slashes."""
        return f"{self.root}/catalog/{quote(id, safe='')}"

    def fingerprint(self, response: Response) -> bool:
        """Tell a page of this software: `#loginroot_path`, or its list, or two of the weaker marks of its home page."""
        text = bodies.decode(response, self.target.charset).text
        page = bodies.html_page(text)
        if page.css('#loginroot_path, input[name="catalogidinput"]'):
            return True
        marks = ('<meta name="author" content="dsp"', "data-login-index", "System.config({baseURL", "/jspm_packages/")
        return sum(mark in text for mark in marks) > 1

    def _get(self, url: str) -> Request:
        return Request(url, headers={**self.headers, "Referer": f"{self.root}/catalog/"})

    def _raise_no_detail(self, response: Response, page: Selector, cata_id: str) -> NoReturn:
        path = _path(response.url)
        if not cata_id and path in {_path(f"{self.root}/catalog/"), _path(self.root + self.list_path)}:
            raise DatasetGoneError("the page redirects to the list")
        if path not in {_path(self.root), _path(f"{self.root}/index")} and (words := gone.said(lines(page))):
            raise DatasetGoneError(f"the page says {words}")
        raise PageDriftedError("no dataset in the page (neither a title nor anything beside #cata_id)")


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _check_list_whole(text: str) -> None:
    """Raise PageUnreachableError unless the list, or the page, ends after the last entry."""
    tail = _after_last("cata-title", text)
    list_ends = tail.count("</ul") > tail.count("<ul") if "cata-title" in tail else "<body" not in text
    if not (list_ends or _closed(tail)):
        raise _cut_off(text)


def _check_detail_whole(text: str) -> None:
    """Raise PageUnreachableError unless the page ends after the table: files and interfaces come behind it."""
    if not _closed(_after_last('name="basicinfo"', text)) and "<body" in text:
        raise _cut_off(text)


def _after_last(mark: str, text: str) -> str:
    """Give what follows the last `mark`, which included; raises PageUnreachableError if the text ends inside a tag."""
    bare = _SCRIPT.sub("", text)
    if bare.rfind("<") > bare.rfind(">"):
        raise _cut_off(text)
    return bare[max(bare.rfind(mark), 0) :]


def _closed(tail: str) -> bool:
    return "</body" in tail or "</html" in tail


def _cut_off(text: str) -> PageUnreachableError:
    return PageUnreachableError(f"the body is cut off after {len(text)} characters of HTML")


def _total_text(page: Selector) -> str:
    places = (one for frame in page.css(_TOTALS)[:_FEW] for one in (frame, *frame.css("span")[:_FEW]))
    texts = [shown(one) for one in places]
    with_digits = (text for text in texts if any(char.isdigit() for char in text))
    return next(with_digits, next(filter(None, texts), ""))


def _items(page: Selector) -> Iterator[tuple[str, Selector]]:
    """Yield id and element of every entry that carries an id, wherever it stands, in the order of the page."""
    entries = _entries(page)
    for root, (item, own) in entries.items():
        around = (entries[up][1] for up in root.iterancestors() if up in entries)
        ids = _ids(item).union(*(others for others in around if others.isdisjoint(own)))
        if len(ids) > 1:
            raise PageDriftedError(f"one list item holds {len(ids)} datasets: the markup is broken or redesigned")
        yield from ((id_, item) for id_ in ids)


def _entries(page: Selector) -> Mapping[Any, tuple[Selector, set[str]]]:
    """Give the closest list item around everything that carries an id, each once, with the ids it is the closest to."""
    linked = {one.root for outer in (_TITLE, _ENTRY) for one in inside(page, outer, _LINK)}
    entries: dict[Any, tuple[Selector, set[str]]] = {}
    for carrier in page.css(f"{_ID_INPUT}, {_LINK}"):
        if (carrier.root.tag == "input" or carrier.root in linked) and (id_ := _id(carrier)):
            item = _item(carrier)
            entries.setdefault(item.root, (item, set()))[1].add(id_)
    return entries


def _item(carrier: Selector) -> Selector:
    return (
        carrier.xpath("ancestor::li[1]")
        or carrier.xpath("ancestor::*[contains(@class, 'cata-title')][1]/..")
        or [carrier]
    )[0]


def _ids(item: Selector) -> set[str]:
    """Give the ids an entry carries: of its hidden inputs and its title's links, else of any link to a dataset.

    Two different ids mean that the title of one dataset stands beside the hidden id of another. A link agrees with a
    hidden id that its address ends with, slashes and question marks included (`/catalog/3066/025`).
    """
    hidden, links = {*map(_id, item.css(_ID_INPUT))} - {""}, inside(item, _TITLE, _LINK)
    ends = tuple(f"/{id_}" for id_ in hidden)
    strange = (link for link in links if not unquote(attribute(link, "href") or "").endswith(ends))
    named = hidden | {*map(_id, strange)} - {""}
    return named or {*map(_id, item.css(_LINK))} - {""}


def _id(carrier: Selector) -> str:
    if (value := attribute(carrier, "value")) is not None:
        return value.strip()
    path = (attribute(carrier, "href") or "").split("?")[0].split("#")[0].rstrip("/")
    id_ = unquote(path.rsplit("/", 1)[-1]).strip()
    return "" if id_ in NOT_IDS else id_


def _without_id(page: Selector) -> int:
    entries = (entry for entry in page.css(_ENTRY) if entry.css(".cata-title, .cata-information, .describe"))
    return sum(not _ids(entry) for entry in entries)


def _row_values(item: Selector) -> RawValues:
    title = _first(inside(item, _TITLE, _LINK)) or _first(item.css(".cata-title"))
    foot = item.css(".file-type")
    texts = (tidy(text) for text in item.css("::text").getall())
    counts = [text for text in texts if len(text) < _LONGEST_COUNT and _COUNT.fullmatch(text)]
    formats = [_format(one) for one in foot.css("li")] if foot else None
    values = _present(title=title, description=_description(_first(item.css(".describe"))))
    values |= _open(inline_pairs(item.css(".cata-information"), LABELS))
    values |= _present(formats=formats, views=next(reversed(counts), None))
    return {name: value for name, value in values.items() if name in LIST_FIELDS}


def _format(element: Selector) -> str:
    return shown(element) or ((attribute(element, "class") or "").split() or [""])[0]


def _description(text: str | None) -> str | None:
    name, rest = split_label(text or "", LABELS)
    return tidy(rest) if name == "description" else text


def _detail_values(page: Selector) -> RawValues:
    head = inline_pairs(inside(page, "ul.list-inline", "li"), LABELS)
    values = _open(head, cell_pairs(inside(page, '[name="basicinfo"]', "tr"), LABELS)) | _counters(page)
    if listed := resources(page):
        values["resources"] = listed
    if not values.get("apis") and page.css('[name="api-service"]'):
        rows = inside(page, '[name="api-service"]', "tr")
        values["apis"] = len([row for row in rows if row.root.getparent().tag == "tbody"] or rows)
    return values


def _open(*sources: Pairs) -> RawValues:
    """Merge labelled values, earlier sources first, and settle what 开放条件 means (see LABELS)."""
    values: RawValues = {}
    for name, value in (pair for source in sources for pair in source):
        if not values.get(name):
            values[name] = value
    condition = values.pop("open_condition", None)
    if condition is not None and not values.get("open_type"):
        values["open_type"] = condition
    elif condition not in (None, values.get("open_type")):
        values["open_condition"] = condition
    return values


def _counters(page: Selector) -> RawValues:
    """Read views and downloads beside their icons; by order where an icon says nothing."""
    values: RawValues = {}
    for element in page.css("li.text-ligth-gray, li.text-light-gray"):
        icon = (element.css("img::attr(src)").get() or "").lower()
        unnamed = "downloads" if "views" in values else "views"
        values["views" if "eye" in icon else "downloads" if "down" in icon else unnamed] = shown(element)
    return values


def _first(found: Iterable[Selector]) -> str | None:
    return next((shown(one) for one in found), None)


def _present(**values: Any) -> RawValues:
    return {name: value for name, value in values.items() if value is not None}
