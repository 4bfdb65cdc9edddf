"""The one item of this project: a dataset, i.e. one entry of a portal's catalogue."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

RawValues = dict[str, Any]
"""Canonical field name (store/fields.csv) to the value exactly as the portal wrote it (text, number, list)."""


@dataclass(slots=True)
class Resource:
    """One file or interface of a dataset."""

    name: str
    format: str | None = None
    id: str | None = None


@dataclass(slots=True, kw_only=True)
class DatasetFields:
    """The fields of store/fields.csv, normalised: their Python types, in the order in which they are exported."""

    title: str = ""
    description: str | None = None
    office: str | None = None
    theme: list[str] = field(default_factory=list)
    """Categories among Fudan's 14; empty when no rule maps the portal's words."""
    theme_raw: list[str] = field(default_factory=list)
    theme_rule: str | None = None
    industry: str | None = None
    tags: list[str] = field(default_factory=list)
    frequency: str | None = None
    """ISO 8601 duration of the promise, or None when it promises none."""
    frequency_code: str = "UNKNOWN"
    """EU frequency authority code."""
    frequency_raw: str | None = None
    open_type: str = "unknown"
    """open, conditional, closed or unknown."""
    open_type_raw: str | None = None
    open_condition: str | None = None
    formats: list[str] = field(default_factory=list)
    formats_raw: list[str] = field(default_factory=list)
    contact_phone: str | None = None
    contact_email: str | None = None
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
    updated_raw: str | None = None
    data_updated: datetime | None = None
    data_updated_raw: str | None = None
    rows: int | None = None
    storage: str | None = None
    files: int | None = None
    apis: int | None = None
    views: int | None = None
    downloads: int | None = None
    calls: int | None = None
    resources: list[Resource] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Dataset(DatasetFields):
    """One dataset as one run saw it: what the portal wrote (`raw`) beside the normalised values."""

    portal: str
    """Immutable id of the portal (register)."""
    slug: str
    """Name of the portal in commands; the spider's name."""
    id: str
    """Native id: the portal's own, an allow-listed parameter or path part, never a whole URL."""
    page_url: str = ""
    """The page a person would open."""
    raw: RawValues
    """Every attested field by canonical name, exactly as the portal wrote it."""
    detailed: bool = False
    """Whether a detail has been read at all, in this run or an earlier one."""
    findings: list[str] = field(default_factory=list)
    """Codes of what was odd in this entry (field.date_future, field.frequency_unknown …)."""
    row: RawValues = field(default_factory=dict, repr=False)
    """The list row's raw values alone (`raw` also holds values of the detail, read in this run or earlier)."""
    detail: RawValues = field(default_factory=dict, repr=False)
    """The raw values of the detail read in this run; empty if none was."""
    detail_read: bool = False
    """Whether the detail was read in this very run."""
    list_fp: str = ""
    """Fingerprint of the list row: equal to the last reading's means unchanged."""
    list_body: str = field(default="", repr=False)
    detail_body: str = field(default="", repr=False)


SHOWN = (
    *("portal", "slug", "id", "page_url"),
    *(one.name for one in fields(DatasetFields)),
    *("detailed", "findings", "raw"),
)
"""What feed exports and the collection `datasets` show of a dataset; bodies and fingerprints stay in the store."""
