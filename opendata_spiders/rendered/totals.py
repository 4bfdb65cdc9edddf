"""The total of a list as a page prints it in words."""

import re
from typing import Final

_FORMS: Final = (
    re.compile(
        r"共(?:计|有|找到|搜索到|检索到|查询到)?[^\d\n]{0,12}?([\d,，]{1,12})\s*(?:条|个|项|份|笔|件|结果|数据)"
    ),
    re.compile(r"(?:总数|总计|合计|共计|总条数|数据集总数)[^\d\n]{0,4}([\d,，]{1,12})"),
    re.compile(r"\b([\d,]{1,12})\s+(?:results?|records?|datasets?|items?|entries)\b", re.IGNORECASE),
    re.compile(r"\b(?:of|total:?)\s+([\d,]{1,12})\b", re.IGNORECASE),
)


def total_in_words(shown: str, least: int) -> int | None:
    """The one total of at least so many that a page's text prints («共 1,234 条»); None for none, or for several."""
    for form in _FORMS:
        said = (re.sub(r"\D", "", found[1]) for found in form.finditer(shown))
        if fitting := {int(digits) for digits in said if digits and int(digits) >= max(1, least)}:
            return fitting.pop() if len(fitting) == 1 else None
    return None
