"""The part of JSON Schema that our schemas use; a keyword it does not know is an error, never a pass."""

import re
from datetime import datetime
from typing import Any

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
_SAID = {"$schema", "$id", "$defs", "title", "description", "examples", "default"}


def faults(value: Any, schema: dict[str, Any], whole: dict[str, Any] | None = None, where: str = "$") -> list[str]:
    """Everything in `value` that the schema forbids."""
    whole = whole or schema
    if "$ref" in schema:
        return faults(value, whole["$defs"][schema["$ref"].rpartition("/")[2]], whole, where)
    found: list[str] = []
    for keyword, limit in schema.items():
        if keyword not in _SAID and keyword not in _CHECKS:
            raise ValueError(f"this check knows no {keyword!r}")
        if keyword in _CHECKS:
            found += _CHECKS[keyword](value, limit, schema, whole, where)
    return found


def _is(value: Any, name: str) -> bool:
    if name in {"integer", "number"}:
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, _TYPES[name])


def _type(value, limit, schema, whole, where):
    names = limit if isinstance(limit, list) else [limit]
    return [] if any(_is(value, name) for name in names) else [f"{where}: is no {limit}"]


def _properties(value, limit, schema, whole, where):
    if not isinstance(value, dict):
        return []
    return [
        one
        for name, part in limit.items()
        if name in value
        for one in faults(value[name], part, whole, f"{where}.{name}")
    ]


def _additional(value, limit, schema, whole, where):
    extra = sorted(set(value) - set(schema.get("properties", {}))) if isinstance(value, dict) else []
    if isinstance(limit, dict):
        return [one for name in extra for one in faults(value[name], limit, whole, f"{where}.{name}")]
    return [] if limit else [f"{where}: {name} is not foreseen" for name in extra]


def _items(value, limit, schema, whole, where):
    return (
        [one for n, item in enumerate(value) for one in faults(item, limit, whole, f"{where}[{n}]")]
        if isinstance(value, list)
        else []
    )


def _format(value, limit, schema, whole, where):
    if not isinstance(value, str):
        return []
    if limit == "date-time":
        return [] if datetime.fromisoformat(value).tzinfo else [f"{where}: has no zone"]
    if limit == "uri":
        return [] if re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", value) else [f"{where}: no address"]
    raise ValueError(f"this check knows no format {limit!r}")


_CHECKS = {
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "format": _format,
    "required": lambda value, limit, schema, whole, where: [
        f"{where}: {name} is missing" for name in limit if isinstance(value, dict) and name not in value
    ],
    "const": lambda value, limit, schema, whole, where: [] if value == limit else [f"{where}: is not {limit!r}"],
    "enum": lambda value, limit, schema, whole, where: (
        [] if value in limit else [f"{where}: {value!r} is none of {limit}"]
    ),
    "minLength": lambda value, limit, schema, whole, where: (
        [f"{where}: too short"] if isinstance(value, str) and len(value) < limit else []
    ),
    "minimum": lambda value, limit, schema, whole, where: (
        [f"{where}: too small"] if _is(value, "number") and value < limit else []
    ),
    "maxItems": lambda value, limit, schema, whole, where: (
        [f"{where}: too many"] if isinstance(value, list) and len(value) > limit else []
    ),
    "pattern": lambda value, limit, schema, whole, where: (
        [f"{where}: {value!r} does not match"] if isinstance(value, str) and not re.search(limit, value) else []
    ),
    "anyOf": lambda value, limit, schema, whole, where: (
        [] if any(not faults(value, one, whole, where) for one in limit) else [f"{where}: fits none"]
    ),
}
