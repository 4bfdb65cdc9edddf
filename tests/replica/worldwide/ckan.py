"""CKAN's action API, version 3: `package_search`, `package_show` (docs.ckan.org, API guide and configuration options).

tests/crawl/test_real_ckan.py holds its answers against those of a real CKAN.
"""

from collections.abc import Mapping
from typing import Any

from tests.replica.wire import Reply
from tests.replica.worldwide.entries import Entry
from tests.replica.worldwide.playing import Query, WorldPortal, document, whole

ROWS_MAX = 1000
"""Default of `ckan.search.rows_max`: more rows are asked for in vain, and nothing says so."""
ROWS = 10
"""What is served where `rows` is not given."""
ROBOTS = "User-agent: *\nDisallow: /revision/\nDisallow: /api/\nCrawl-Delay: 10\n"
"""What the one that CKAN is shipped with forbids."""
_SORTS = {"name asc": lambda one: f"dataset-{one.number:05}", "metadata_modified asc": lambda one: one.modified}


class CkanPortal(WorldPortal):
    """A CKAN at the root of its host, with the fields of ckanext-dcat in `extras`."""

    family = "ckan"
    home = '<meta name="generator" content="ckan 2.10.4" />'

    def __init__(self, held: list[Entry], *, rows_max: int = ROWS_MAX, strict: bool = False, robots: str = "") -> None:
        """`strict` refuses what CKAN cuts to `rows_max`, as a gateway before it may.

        `robots` is its robots.txt: without one, this operator lets the interface be read.
        """
        super().__init__(held)
        self.rows_max, self.strict, self.robots = rows_max, strict, robots

    def id_of(self, entry: Entry) -> str:
        """A UUID."""
        key = entry.key
        return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"

    def answer(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply | None:
        if path == "/api/3/action/package_show":
            return self._show(self.found(query.get("id", "")))
        if path != "/api/3/action/package_search":
            return None
        rows, start = whole(query, "rows", ROWS), whole(query, "start", 0)
        sort = _SORTS.get(query.get("sort", "metadata_modified asc"))
        if rows is None or start is None or sort is None or "include_private" in query:
            return self.refused("Validation Error", {"rows": ["Must be a natural number"]}, 409)
        if self.strict and rows > self.rows_max:
            return self.refused("Validation Error", {"rows": [f"Must be no larger than {self.rows_max}"]}, 409)
        found = sorted(self.listed, key=sort)[start : start + min(rows, self.rows_max)]
        result = {"count": len(self.listed), "facets": {}, "results": [*map(self._package, found)], "sort": "name asc"}
        return document({"help": "…", "success": True, "result": result})

    def _show(self, entry: Entry | None) -> Reply:
        """A package; one that visitors may not see is refused, whether it is private or deleted."""
        if entry is None:
            return self.refused("Not Found Error", {"message": "Not found"}, 404)
        if entry.private:
            return self.refused("Authorization Error", {"message": "Access denied"}, 403)
        return document({"help": "…", "success": True, "result": self._package(entry)})

    def refused(self, kind: str, said: Mapping[str, Any], status: int) -> Reply:
        """An error in CKAN's form."""
        error = {"__type": kind, **said}
        return document({"help": "…", "success": False, "error": error}, status)

    def _package(self, entry: Entry) -> dict[str, Any]:
        uri = f"http://publications.europa.eu/resource/authority/frequency/{entry.frequency.upper()}"
        return {
            "id": self.id_of(entry), "name": f"dataset-{entry.number:05}", "title": entry.title, "notes": "…",
            "private": False, "state": "active", "type": "dataset", "isopen": True, "license_title": "CC BY 4.0",
            "organization": {"name": "o", "title": entry.office}, "groups": [], "tags": [{"name": "tag"}],
            "metadata_created": f"{entry.created:%Y-%m-%dT%H:%M:%S.%f}",
            "metadata_modified": f"{entry.modified:%Y-%m-%dT%H:%M:%S.%f}",
            "extras": [{"key": "frequency", "value": uri}],
            "resources": [{
                "id": "r", "format": "CSV", "created": f"{entry.created:%Y-%m-%dT%H:%M:%S.%f}",
                "last_modified": f"{entry.modified:%Y-%m-%dT%H:%M:%S.%f}",
            }],
        }  # fmt: skip
