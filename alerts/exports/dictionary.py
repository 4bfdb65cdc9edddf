"""The data dictionary as a snapshot and the documents show it: datapackage.json, README and docs/exports.md."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from alerts.exports.columns import ColumnType, dictionary
from alerts.exports.formats import FORMATS, stamp
from alerts.text.templates import render

NAME = "opendata-nightwatch"
"""Name of the data package, by which a snapshot is recognised."""
PACKAGE, README, SUMS = "datapackage.json", "README.md", "SHA256SUMS"
MONTHS = "events"
"""Folder of the events by month."""
_FRICTIONLESS = {ColumnType.JSON: "any"}
"""Types of columns that the Table Schema calls by another name."""


def package(files: Iterable[tuple[str, str, str]], now: datetime) -> str:
    """The data package (Frictionless Data Package 1) of these files: path, name of the format, name of the table."""
    resources = [
        {
            "name": path.replace("/", "-").lower(),
            "path": path,
            "mediatype": FORMATS[form].media_type,
            "encoding": "utf-8",
            "schema": schema_path(table),
        }
        for path, form, table in files
    ]
    title = "中国开放政府数据守夜 / Open data night watch of China's government portals"
    return _document({"name": NAME, "title": title, "created": stamp(now), "resources": resources})


def schema_path(table: str) -> str:
    """Path of the schema of a table within a snapshot."""
    return f"schemas/{table}.json"


def schema(table: str) -> str:
    """The columns of a table as a Table Schema (Frictionless Data)."""
    fields = [
        {
            "name": one.name,
            "type": _FRICTIONLESS.get(one.type, one.type.value),
            "title": f"{one.zh} / {one.en}",
            "description": one.meaning,
        }
        for one in dictionary()[table]
    ]
    return _document({"fields": fields, "missingValues": [""]})


def _document(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def readme(now: datetime) -> str:
    """The README of a snapshot."""
    return render("exports/readme.md.j2", made=stamp(now), tables=dictionary(), months=MONTHS)


def page() -> str:
    """The part of docs/exports.md that lists all columns."""
    return render("exports/columns.md.j2", tables=dictionary())
