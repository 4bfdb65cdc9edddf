"""Values of a JSON answer: what lies at a path, and times that are UTC and do not say so."""

import re
from functools import cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathTypeError
from jmespath.parser import ParsedResult

_NAIVE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?")


def search(path: str, value: Any) -> Any:
    """What lies at a JMESPath; None where nothing does, or nothing that its functions take.

    A plain key is looked up as it stands.
    """
    if isinstance(value, dict) and path in value:
        return value[path]
    try:
        return _compiled(path).search(value)
    except JMESPathTypeError:
        return None


@cache
def _compiled(path: str) -> ParsedResult:
    return jmespath.compile(path)


def zoned(value: Any) -> Any:
    """Give a time without a zone, which is UTC, the `Z` that it lacks; any other value stays as it is."""
    return f"{value}Z" if isinstance(value, str) and _NAIVE.fullmatch(value) else value
