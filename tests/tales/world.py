"""What an invented portal shows from night to night, as a case tells it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from alerts.comparison.run_view import SHANGHAI

DAY_ZERO = datetime(2026, 1, 1, 2, 0, tzinfo=SHANGHAI)


def day_of(at: datetime) -> int:
    return (at.astimezone(SHANGHAI).date() - DAY_ZERO.date()).days


@dataclass
class World:
    """What the portal would show tonight, by native id."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    def change(self, night: Mapping[str, Any], day: int) -> None:
        for name, values in expanded(night.get("set", {}), day):
            self.rows.setdefault(name, {"title": f"{name}号数据", "office": "统计局", "updated": "2026-01-01"})
            self.rows[name].update(values)
        self.hidden |= set(names(night.get("hide", ())))
        self.hidden -= set(names(night.get("show", ())))
        for old, new in night.get("rename_id", {}).items():
            self.rows[str(new)] = self.rows.pop(str(old))

    def seen(self, night: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        unseen = self.hidden | set(names(night.get("skip", ())))
        only = set(names(night["only"])) if "only" in night else self.rows.keys()
        return {name: row for name, row in self.rows.items() if name in only and name not in unseen}


def names(patterns: Iterable[Any]) -> Iterator[str]:
    """`d1..d40` stands for forty names."""
    for pattern in map(str, patterns):
        if found := re.fullmatch(r"(\D*)(\d+)\.\.\D*(\d+)", pattern):
            yield from (f"{found[1]}{number}" for number in range(int(found[2]), int(found[3]) + 1))
        else:
            yield pattern


def expanded(table: Mapping[Any, Mapping[str, Any]], day: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for pattern, values in table.items():
        for name in names([pattern]):
            yield name, {key: _value(value, day) for key, value in (values or {}).items()}


def _value(value: Any, day: int) -> Any:
    """`D` is tonight's date, `D-30` thirty days earlier; inside lists and mappings too."""
    if isinstance(value, list):
        return [_value(one, day) for one in value]
    if isinstance(value, dict):
        return {key: _value(one, day) for key, one in value.items()}
    if isinstance(value, str) and (found := re.fullmatch(r"D([+-]\d+)?", value)):
        return f"{DAY_ZERO + timedelta(days=day + int(found[1] or 0)):%Y-%m-%d}"
    return value.isoformat() if isinstance(value, date) else value
