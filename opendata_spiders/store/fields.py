"""The fields of a dataset and the role of each, read from fields.csv.

Roles (the only place that decides what counts as a change):
content  enters the version's hash; a difference is a change of the dataset
clock    a date the portal claims; lies in the manifest, never hashed into the version
measure  a number about the data (rows, size); lies in the manifest
counter  changes without an update (views, downloads); goes into one weekly document a portal
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any

from opendata_spiders.tables import Tables


class Role(StrEnum):
    CONTENT = "content"
    CLOCK = "clock"
    MEASURE = "measure"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Field:
    """One row of fields.csv."""

    name: str
    role: Role
    reading: str
    """How a raw value is normalised (normalise/record.py)."""
    mandatory: bool
    many: bool
    zh: str
    en: str


@cache
def fields() -> Mapping[str, Field]:
    """Every field by name, in the order of the table."""
    return Tables("opendata_spiders.store").records(Field, "fields", "name")


def no_field(name: str) -> str:
    """Say that a name is none of the fields, and which one may be meant; empty if it is one."""
    if name in fields():
        return ""
    likely = get_close_matches(name, fields(), 1, cutoff=0.5)
    meant = f"did you mean {likely[0]!r}?" if likely else "take one of those"
    return f"{name!r} is no field of opendata_spiders/store/fields.csv: {meant}"


@cache
def names(role: Role) -> tuple[str, ...]:
    """The names of the fields of one role, in the order of the table."""
    return tuple(name for name, field in fields().items() if field.role is role)


def of_roles(values: Mapping[str, Any], *roles: Role) -> dict[str, Any]:
    """Return the raw values whose fields have one of the roles; a name the table does not know raises KeyError."""
    known = fields()
    return {name: value for name, value in values.items() if known[name].role in roles}


def split(values: Mapping[str, Any]) -> dict[Role, dict[str, Any]]:
    """Sort raw values into their roles; a name the table does not know raises KeyError."""
    parts: dict[Role, dict[str, Any]] = {role: {} for role in Role}
    known = fields()
    for name, value in values.items():
        parts[known[name].role][name] = value
    return parts
