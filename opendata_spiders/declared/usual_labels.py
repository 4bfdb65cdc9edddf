"""The labels that portals of many families print, for pages whose own labels are not attested."""

from collections.abc import Mapping
from typing import Final

USUAL_LABELS: Final[Mapping[str, str]] = {
    "资源名称": "title",
    "数据集名称": "title",
    "资源摘要": "description",
    "摘要": "description",
    "资源提供方": "office",
    "提供单位": "office",
    "来源部门": "office",
    "所属主题": "theme",
    "数据领域": "theme",
    "所属行业": "industry",
    "标签": "tags",
    "关键字": "tags",
    "更新周期": "frequency",
    "更新频率": "frequency",
    "开放条件": "open_type",
    "开放类型": "open_type",
    "资源格式": "formats",
    "数据格式": "formats",
    "联系电话": "contact_phone",
    "资源发布日期": "published",
    "发布日期": "published",
    "发布时间": "published",
    "资源更新日期": "updated",
    "更新日期": "updated",
    "更新时间": "updated",
    "数据量": "rows",
    "浏览量": "views",
    "访问量": "views",
    "下载量": "downloads",
}
"""Label (NFKC, without blanks and colon) to field. A family that reads by them says so in its recipe: that its portal
prints these words is a guess, which the first live reading settles."""
