"""Converts any value of this program to JSON types."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

_AS_IT_IS = (str, int)


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass; none of another type."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


def jsonable(value: Any, moment: Callable[[datetime], str] = datetime.isoformat) -> Any:
    """Dataclasses and mappings as objects, collections as lists, times as `moment` writes them, NaN as text."""
    # In the order of how many there are: the rest of the questions cost more than the answer.
    if value is None or isinstance(value, _AS_IT_IS):
        return value
    if isinstance(value, datetime):
        return moment(value)
    if names := _names(type(value)):
        value = {name: getattr(value, name) for name in names}
    if isinstance(value, Mapping):
        return {str(key): jsonable(one, moment) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(one, moment) for one in value]
    if isinstance(value, date) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value
