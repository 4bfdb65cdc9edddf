"""The datasets of every single-page portal, and what stands beside them on its page."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.replica.words import OFFICES

FREQUENCIES = ("每日", "每周", "每月", "每季度", "每年")
OPEN_TYPES = ("无条件开放", "有条件开放")
FORMATS = (["xls"], ["csv", "json"], ["xls", "xml"])


@dataclass(frozen=True)
class Known:
    """One dataset; its fields are named as in store/fields.csv."""

    id: str
    title: str
    office: str
    description: str
    updated: str
    frequency: str
    open_type: str
    theme: str
    formats: tuple[str, ...]
    views: int


@cache
def datasets(count: int) -> tuple[Known, ...]:
    """`count` datasets, newest first."""
    found = []
    for number in range(count):
        office = OFFICES[number % len(OFFICES)]
        subject = office.subjects[number // len(OFFICES) % len(office.subjects)]
        found.append(
            Known(
                id=f"{(number * 2654435761) % 2**32:08x}{number:04x}",
                title=f"金川市{subject}信息（{2026 - number // 40}年第{number % 40 + 1}批）",
                office=f"金川市{office.name}",
                description=f"{office.name}提供的{subject}基础信息，第{number + 1}号",
                updated=f"2026-{11 - number % 10:02d}-{28 - number % 27:02d}",
                frequency=FREQUENCIES[number % 5],
                open_type=OPEN_TYPES[number % 7 == 0],
                theme=office.theme,
                formats=tuple(FORMATS[number % 3]),
                views=1000 - number,
            )
        )
    return tuple(found)


MENU = [
    {"id": n, "name": name, "path": f"/p/{n}", "children": []}
    for n, name in enumerate(("首页", "数据目录", "接口服务", "开发者中心", "互动交流", "关于我们"))
]
NEWS = {
    "total": 37,
    "rows": [
        {
            "id": 900 + n,
            "title": f"关于公共数据开放工作的第{n + 1}次通报",
            "publishTime": f"2026-10-{n + 1:02d}",
            "source": "金川市数据局",
            "clickCount": 70 - n,
        }
        for n in range(6)
    ],
}
THEMES = [
    {"id": n, "themeName": name, "count": 9 + n} for n, name in enumerate(sorted({office.theme for office in OFFICES}))
]


def offices() -> list[dict[str, Any]]:
    """A tree of offices with the numbers of their datasets."""
    return [
        {"id": f"o{n:03d}", "orgName": f"金川市{office.name}", "count": 3 + n, "children": []}
        for n, office in enumerate(OFFICES)
    ]
