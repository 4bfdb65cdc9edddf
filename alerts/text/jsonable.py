"""Converts any value of this program to JSON types."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any


def jsonable(value: Any, moment: Callable[[datetime], str] = datetime.isoformat) -> Any:
    """Dataclasses and mappings as objects, collections as lists, times as `moment` writes them, NaN as text."""
    if value is None or isinstance(value, str | int):
        return value  # by far the most; the rest of the questions cost more than the answer
    if isinstance(value, datetime):
        return moment(value)
    if is_dataclass(value) and not isinstance(value, type):
        value = {one.name: getattr(value, one.name) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): jsonable(one, moment) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(one, moment) for one in value]
    if isinstance(value, date) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value
