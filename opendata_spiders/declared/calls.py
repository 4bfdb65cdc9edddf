"""One call of a portal's interface as a declaration: its path, and the places of page, size, id and tenant in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from scrapy import Request


class Slot(StrEnum):
    """Stands in a call for what each request fills in."""

    PAGE = "page"
    """Number of the page, counted from the family's `first_page`."""
    OFFSET = "offset"
    """Rows before the page, counted from 0."""
    START = "start"
    """Number of the first row of the page, counted from 1."""
    SIZE = "size"
    """Rows a page."""
    ID = "id"
    """Native id of a dataset, as it stands in the list."""
    PART = "part"
    """The part of a list that is cut into parts (`PartedFamily`)."""
    AFTER = "after"
    """Id of the last row before the page (`DeepFamily`)."""
    HOST = "host"
    """Host of the portal, for interfaces that serve many and are told which."""


class Omit(Enum):
    """Leaves the key out of the call."""

    OMIT = "omit"


OMIT = Omit.OMIT
AJAX: Final = {"X-Requested-With": "XMLHttpRequest"}
"""Header that jQuery sends with each call of a page; several portals answer nothing without it."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """The value that the register row's `tenant` holds under `key`; `default` (perhaps OMIT) for a row without it.

    `given` is sent instead of the row's value where a row that names `key` changes another parameter too.
    """

    key: str
    default: Any = ""
    given: Any = None


@dataclass(frozen=True, slots=True)
class AsText:
    """A value that is sent as text where the slot is a number: `"1"`."""

    value: Any


@dataclass(frozen=True, slots=True)
class AsJson:
    """A value that is sent as JSON text inside a form or a query: `postData={"page": 1}`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """How something is asked for. With `json` or `form` (even empty) it is a POST, else a GET.

    `path` follows the base URL and may hold `{context}` (the row's context path), `{list}` (the one of the family's
    `list_paths` that the portal knows), and the slots `{page}`, `{part}` and `{id}` (percent-encoded). Values of
    `query`, `form` and `json` may hold slots at any depth, those of `headers` may be a `Tenant`. `referer` is the path
    of the page that makes the call, for portals that answer 403 or an empty list without it; it may hold `{context}`
    and `{front}`.
    """

    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    headers: Mapping[str, str | Tenant] = field(default_factory=dict)
    referer: str = ""

    def request(self, site: "PortalSite", values: Mapping[Slot, Any]) -> Request:
        """The request to `site`, with the slots filled by `values`."""
        values = {Slot.HOST: urlsplit(site.base).netloc, **values}
        slots = {slot.value: quote(str(values.get(slot, "")), safe="") for slot in (Slot.PAGE, Slot.PART, Slot.ID)}
        where = self.path.format(context=site.context, list=site.list_path, **slots)
        query = urlencode(_pairs(self.query, site, values))
        url = f"{site.base}{where}{'?' if query else ''}{query}"
        filled = {name: _filled(value, site, values) for name, value in self.headers.items()}
        headers = {name: value for name, value in filled.items() if value is not OMIT}
        if self.referer:
            headers["Referer"] = site.base + self.referer.format(context=site.context, front=site.front)
        if self.json is None and self.form is None:
            return Request(url, headers=headers)
        headers.setdefault("Origin", site.base)
        if self.json is not None:
            headers.setdefault("Content-Type", "application/json;charset=UTF-8")
            body = _json(_filled(self.json, site, values))
        else:
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
            body = urlencode(_pairs(self.form or {}, site, values))
        return Request(url, method="POST", headers=headers, body=body)


@dataclass(frozen=True, slots=True)
class PortalSite:
    """The portal that a call goes to, by its register row."""

    base: str
    context: str
    tenant: Mapping[str, str]
    list_path: str = ""
    front: str = ""
    """Where the pages for people begin."""


def _pairs(values: Mapping[str, Any], site: PortalSite, slots: Mapping[Slot, Any]) -> list[tuple[str, Any]]:
    """Pairs of a query or a form; a list gives one pair a value, nested values are sent as JSON text."""
    pairs: list[tuple[str, Any]] = []
    for name, value in values.items():
        filled = _filled(value, site, slots)
        if filled is OMIT:
            continue
        many = filled if isinstance(filled, list) else [filled]
        pairs += [(name, _json(one) if isinstance(one, dict | list) else one) for one in many]
    return pairs


def _filled(value: Any, site: PortalSite, slots: Mapping[Slot, Any]) -> Any:
    if isinstance(value, Slot):
        return slots[value]
    if isinstance(value, Tenant):
        found = site.tenant.get(value.key)
        return value.default if found is None else found if value.given is None else value.given
    if isinstance(value, AsText | AsJson):
        return (_json if isinstance(value, AsJson) else str)(_filled(value.value, site, slots))
    if isinstance(value, Mapping):
        filled = {key: _filled(one, site, slots) for key, one in value.items()}
        return {key: one for key, one in filled.items() if one is not OMIT}
    if isinstance(value, list | tuple):
        return [_filled(one, site, slots) for one in value]
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
