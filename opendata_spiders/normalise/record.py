"""One call for a whole record: raw values by canonical name in, everything normalised out, nothing raw lost."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from typing import Any

from opendata_spiders.items import RawValues, Resource
from opendata_spiders.normalise.dates import date_reading
from opendata_spiders.normalise.file_formats import format_reading, formats
from opendata_spiders.normalise.numbers import number
from opendata_spiders.normalise.open_types import open_type
from opendata_spiders.normalise.promises import Promise, frequency
from opendata_spiders.normalise.texts import is_blank, parts, raw_text, text
from opendata_spiders.normalise.topics import themes

TITLE_MISSING = "field.title_missing"
NUMBER_UNPARSED = "field.number_unparsed"

_NOT_OF_THE_ITEM = ("promise", "login_required")
_TAG_SEPARATORS = ",，;；|、\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """A record read; attributes as in items.Dataset, with the promise and the login wall beside them."""

    title: str
    description: str | None
    office: str | None
    theme_raw: list[str]
    theme: list[str]
    theme_rule: str | None
    industry: str | None
    tags: list[str]
    frequency_raw: str | None
    frequency: str | None
    frequency_code: str
    promise: Promise
    open_type_raw: str | None
    open_type: str
    open_condition: str | None
    login_required: bool
    formats_raw: list[str]
    formats: list[str]
    contact_phone: str | None
    contact_email: str | None
    published_raw: str | None
    published: datetime | None
    updated_raw: str | None
    updated: datetime | None
    data_updated_raw: str | None
    data_updated: datetime | None
    rows: int | None
    storage: str | None
    files: int | None
    apis: int | None
    views: int | None
    downloads: int | None
    calls: int | None
    resources: list[Resource]
    findings: tuple[str, ...]
    """Codes of what was odd, sorted, none twice."""

    def for_item(self) -> dict[str, Any]:
        """Values of exactly the attributes that items.Dataset has too."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _NOT_OF_THE_ITEM}
        return values | {"findings": list(self.findings)}


def normalise(values: RawValues, *, family: str | None, tz: tzinfo, now: datetime) -> Normalised:
    """Normalise a record; names that values lacks are read as absent. Never raises on what a portal wrote.

    `family` may carry the slug («zj_athena/yichang»), for the portals whose codes differ from their family's.
    """
    found: list[str | None] = []
    read = {
        **_words(values, found),
        **_vocabularies(values, family, found),
        **_dates(values, tz, now, found),
        **_numbers(values, found),
    }
    findings = sorted({code for code in found if code})
    return Normalised(**read, resources=_resources(values.get("resources")), findings=tuple(findings))


def _words(values: RawValues, found: list[str | None]) -> dict[str, Any]:
    names = ("description", "office", "industry", "open_condition", "contact_phone", "contact_email", "storage")
    title = text(values.get("title")) or ""
    found.append(None if title else TITLE_MISSING)
    tags = parts(values.get("tags"), _TAG_SEPARATORS)
    return {name: text(values.get(name)) for name in names} | {"title": title, "tags": tags}


def _vocabularies(values: RawValues, family: str | None, found: list[str | None]) -> dict[str, Any]:
    promise = frequency(values.get("frequency"), family=family)
    opened = open_type(values.get("open_type"), family=family)
    topic = themes(values.get("theme"), title=values.get("title"), office=values.get("office"), family=family)
    kinds = format_reading(values.get("formats"), family=family)
    found += [promise.finding, opened.finding, topic.finding, kinds.finding]
    return {
        "promise": promise,
        "frequency": promise.iso,
        "frequency_code": promise.code,
        "open_type": opened.value,
        "login_required": opened.login_required,
        "theme": list(topic.themes),
        "theme_rule": topic.rule,
        "formats": list(kinds.formats),
        "frequency_raw": raw_text(values.get("frequency")),
        "open_type_raw": raw_text(values.get("open_type")),
        "theme_raw": _raw_list(values.get("theme")),
        "formats_raw": _raw_list(values.get("formats")),
    }


def _dates(values: RawValues, tz: tzinfo, now: datetime, found: list[str | None]) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for name in ("published", "updated", "data_updated"):
        reading = date_reading(values.get(name), tz=tz, now=now)
        found.append(reading.finding)
        read |= {name: reading.value, f"{name}_raw": raw_text(values.get(name))}
    return read


def _numbers(values: RawValues, found: list[str | None]) -> dict[str, Any]:
    read = {name: number(values.get(name)) for name in ("rows", "files", "apis", "views", "downloads", "calls")}
    unread = [name for name, value in read.items() if value is None and not is_blank(values.get(name))]
    found.append(NUMBER_UNPARSED if unread else None)
    return read


def _raw_list(raw: object) -> list[str]:
    """Each raw word as the portal wrote it; a string that holds a list stays one string."""
    written = raw if isinstance(raw, list | tuple) else [raw]
    return [word for word in map(raw_text, written) if word]


def _resources(raw: object) -> list[Resource]:
    return [_resource(part) for part in raw if isinstance(part, dict)] if isinstance(raw, list | tuple) else []


def _resource(raw: Mapping[str, Any]) -> Resource:
    known = formats(raw.get("format"))
    return Resource(text(raw.get("name")) or "", known[0] if known else None, text(raw.get("id")))
