"""What invented portals write: titles, offices, promises, terms and dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

AREAS = ("", "城东区", "城西区", "高新区", "滨江县", "临山县", "开发区", "老城区", "新港区")
TOPICS = ("道路", "企业", "医院", "学校", "公园", "水库", "环保", "税务", "消防", "养老", "旅游", "农业", "气象", "排污", "供水",
          "燃气", "公交", "停车", "图书", "文物", "体育", "就业", "社保", "住房", "林业", "渔业", "药品", "食品", "招标", "信访")  # fmt: skip
NOUNS = ("名录", "统计表", "许可信息", "处罚结果", "监测数据", "基本情况", "分布图", "资质清单", "服务指南", "年报摘要",
         "投诉记录", "价格行情", "设施台账", "预算决算", "评级公示")  # fmt: skip
OFFICES = ("市发展改革委", "市公安局", "市财政局", "市交通运输局", "市卫生健康委", "市教育局", "市水务局", "市统计局", "市文旅局",
           "市农业农村局", "市市场监管局", "市民政局")  # fmt: skip
SUCCESSORS = (
    "市数据局",
    "市住建局",
    "市应急管理局",
    "市城管局",
    "市自然资源局",
    "市生态环境局",
    "市医保局",
    "市退役军人局",
)
"""Names that offices bear after a reform."""
THEMES = ("道路交通", "医疗卫生", "教育文化", "生态环境", "财税金融", "社会民生")
OPENNESS: Mapping[str, tuple[str, ...]] = {
    "open": ("无条件开放", "无条件"),
    "conditional": ("有条件开放", "依申请开放"),
    "closed": ("不予开放", "不开放"),
}
READABLE = ("xls", "json")
PAGES = (("pdf",), ("doc", "jpg"), ("pdf", "doc"))
"""Formats that programs read, and sets of such as only people can read."""
FUTURE = ("2099-12-31", "2030-01-01", "9999-12-31 00:00:00")
ANCIENT = ("1900-01-01", "1970-01-01 08:00:00", "0001-01-01")


@dataclass(frozen=True, slots=True)
class Promised:
    """A period as users.md of every open-data office counts it: calendar months or days, and grace in days."""

    words: tuple[str, ...]
    months: int = 0
    days: int = 0
    grace: tuple[int, int] = (0, 0)

    @property
    def judged(self) -> bool:
        return bool(self.months or self.days)

    def limits(self, claimed: datetime) -> tuple[datetime, ...]:
        """When one becomes due, overdue and delinquent that was last updated at `claimed` (local time)."""
        if not self.judged:
            return ()
        due = months_later(claimed, self.months) + timedelta(days=self.days)
        return tuple((due + timedelta(days=more)).astimezone(UTC) for more in (0, *self.grace))


# Days of grace: the Humanitarian Data Exchange's table of update frequencies.
PROMISES: Mapping[str, Promised] = {
    "daily": Promised(("每日", "每天"), days=1, grace=(1, 2)),
    "weekly": Promised(("每周", "周"), days=7, grace=(7, 14)),
    "monthly": Promised(("每月", "月"), months=1, grace=(14, 30)),
    "quarterly": Promised(("每季度", "季度"), months=3, grace=(30, 60)),
    "half": Promised(("每半年", "半年"), months=6, grace=(30, 60)),
    "yearly": Promised(("每年", "年"), months=12, grace=(60, 90)),
    "irregular": Promised(("不定期",)),
}
PACE = tuple(PROMISES)
"""From the strongest promise to none."""


def months_later(moment: datetime, months: int) -> datetime:
    """The same day of a later month, or its last."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, (following - first).days))


STYLES = ("date", "full", "unpadded", "slash", "midnight", "chinese", "ms")
NEUTRAL: Mapping[str, tuple[str, ...]] = {
    "date": ("unpadded", "midnight", "slash", "chinese"),
    "unpadded": ("date", "slash"),
    "slash": ("date", "chinese"),
    "chinese": ("date", "midnight"),
    "midnight": ("date", "unpadded"),
    "full": ("full",),
    "ms": ("full",),
}
"""Ways to write the same date otherwise; `ms` and `full` keep the time of day."""


def printed(moment: datetime, style: str) -> str:
    """A local time as a portal prints it."""
    year, month, day = moment.year, moment.month, moment.day
    if style == "ms":
        return str(int(moment.timestamp() * 1000))
    return {
        "date": f"{year}-{month:02}-{day:02}",
        "full": f"{moment:%Y-%m-%d %H:%M:%S}",
        "unpadded": f"{year}-{month}-{day}",
        "slash": f"{year}/{month:02}/{day:02}",
        "midnight": f"{year}-{month:02}-{day:02} 00:00:00",
        "chinese": f"{year}年{month}月{day}日",
    }[style]


def as_read(moment: datetime, style: str) -> datetime:
    """The moment that stands in the print: midnight where the time of day is not printed."""
    return moment if style in ("full", "ms") else moment.replace(hour=0, minute=0, second=0)
