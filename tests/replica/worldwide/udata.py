"""The API of udata, version 1 (udata's own reference; guides.data.gouv.fr): pages of a hundred, masks of fields."""

import re
from collections.abc import Mapping
from typing import Any

from tests.replica.wire import Reply
from tests.replica.worldwide.entries import Entry
from tests.replica.worldwide.playing import Query, WorldPortal, document, whole

PAGE_SIZE_MAX = 100
_SORTS = {"created": lambda one: one.created, "title": lambda one: one.title}


class UdataPortal(WorldPortal):
    """A udata as data.gouv.fr runs it."""

    family = "udata"
    home = '<link href="/fr/datasets/recent.atom" rel="alternate"><link href="/fr/reuses/recent.atom" rel="alternate">'

    def id_of(self, entry: Entry) -> str:
        """An ObjectId."""
        return entry.key[:24]

    def answer(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply | None:
        if path.startswith("/api/1/datasets/") and path != "/api/1/datasets/":
            entry = self.found(path.removeprefix("/api/1/datasets/").rstrip("/"))
            if entry is None or entry.private:
                return document({"message": "…"}, 404 if entry else 410)
            return document(self._dataset(entry))
        if path != "/api/1/datasets/":
            return None
        page, size = whole(query, "page", 1), whole(query, "page_size", 20)
        sort = _SORTS.get(query.get("sort", "title"))
        if not page or not size or size > PAGE_SIZE_MAX or sort is None:
            return document({"errors": {"page_size": "1 to 100"}, "message": "Input payload validation failed"}, 400)
        found = sorted(self.listed, key=sort)
        rows = [self._dataset(one) for one in found[(page - 1) * size : page * size]]
        body = {"data": rows, "total": len(found), "page": page, "page_size": size, "facets": None}
        return document(masked(body, headers["x-fields"]) if "x-fields" in headers else body)

    def _dataset(self, entry: Entry) -> dict[str, Any]:
        return {
            "id": self.id_of(entry), "title": entry.title, "slug": f"dataset-{entry.number}", "description": "…",
            "organization": {"id": "o", "name": entry.office, "logo": "https://data.example/logo.png"},
            "frequency": entry.frequency, "license": "lov2", "tags": ["tag"], "access_type": "open",
            "created_at": entry.created.isoformat(), "last_modified": entry.modified.isoformat(),
            "last_update": entry.modified.isoformat(), "metrics": {"views": 5, "resources_downloads": 2},
            "resources": [{"id": "r", "title": "…", "format": "csv", "url": "https://data.example/r.csv"}],
            "quality": {"score": 0.5}, "badges": [],
        }  # fmt: skip


def masked(body: Any, mask: str) -> Any:
    """The answer with the fields of a mask alone (Flask-RESTX: `a,b{c,d}`); a mask that is none leaves it whole."""
    tokens = re.findall(r"\w+|[{},]", mask)
    fields, rest = _fields(tokens)
    return _kept(body, fields) if not rest else body


def _fields(tokens: list[str]) -> tuple[dict[str, Any], list[str]]:
    found: dict[str, Any] = {}
    name = ""
    while tokens:
        token, *tokens = tokens
        if token == "{":
            found[name], tokens = _fields(tokens)
        elif token == "}":
            return found, tokens
        elif token != ",":
            name = token
            found[name] = None
    return found, tokens


def _kept(value: Any, fields: Mapping[str, Any] | None) -> Any:
    if fields is None or value is None:
        return value
    if isinstance(value, list):
        return [_kept(one, fields) for one in value]
    return {name: _kept(value[name], inner) for name, inner in fields.items() if name in value}
