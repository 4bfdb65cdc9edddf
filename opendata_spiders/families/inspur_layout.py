"""How the lists and pages of Inspur's "dsp" software show the values of a dataset, in the words of any city."""

import re
from collections.abc import Mapping
from typing import Final

from parsel import Selector

from opendata_spiders.declared import FieldPlaces
from opendata_spiders.families.inspur_files import resources
from opendata_spiders.items import RawValues
from opendata_spiders.pages.labels import inside, shown, tidy
from opendata_spiders.pages.selecting import attribute, elements, strings

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
"""Label (NFKC, without blanks and colon) to canonical field. 开放条件 is settled by `_settled`: most portals that print
it mean the open type, and a condition only where an open type stands beside it."""
_LIST_FIELDS: Final = (
    "title", "description", "office", "theme", "published", "updated", "data_updated", "open_type", "open_condition",
    "formats", "views",
)  # fmt: skip
_LONGEST_COUNT: Final = 40
_COUNT = re.compile(r"[\d,.]+\s*万?\s*次")


class InspurEntry(FieldPlaces):
    """An entry of the list: of the labels it knows all, so that each ends the value before it, but reads some."""

    @property
    def fields(self) -> tuple[str, ...]:
        return _LIST_FIELDS

    def values(self, scope: Selector) -> RawValues:
        found = _settled(super().values(scope))
        if elements(scope, ".file-type"):
            kinds = inside(scope, ".file-type", "li")
            found["formats"] = [shown(one) or ((attribute(one, "class") or "").split() or [""])[0] for one in kinds]
        texts = (tidy(text) for text in strings(scope, "::text"))
        counts = [text for text in texts if len(text) < _LONGEST_COUNT and _COUNT.fullmatch(text)]
        if counts:
            found["views"] = counts[-1]
        return {name: value for name, value in found.items() if name in _LIST_FIELDS}


class InspurPage(FieldPlaces):
    """A dataset's page: its labelled head wins over its table; counters, files and interfaces have no labels."""

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*super().fields, "resources")))

    def values(self, scope: Selector) -> RawValues:
        found = _settled(super().values(scope)) | _counters(scope)
        if listed := resources(scope):
            found["resources"] = listed
        if not found.get("apis") and scope.css('[name="api-service"]'):
            rows = inside(scope, '[name="api-service"]', "tr")
            found["apis"] = len([row for row in rows if row.root.getparent().tag == "tbody"] or rows)
        return found


def _settled(values: RawValues) -> RawValues:
    """Settle what 开放条件 means: the open type, or a condition where an open type stands beside it."""
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
