"""Socrata's Discovery API (dev.socrata.com, other APIs): a window of 10,000 rows by offset, scrolling behind it."""

from collections.abc import Mapping
from typing import Any

from tests.replica.wire import Reply
from tests.replica.worldwide.entries import Entry
from tests.replica.worldwide.playing import Query, WorldPortal, document, whole

WINDOW = 10_000
"""`offset + limit` may not exceed it, nor may `limit` alone."""
LIMIT = 100


class SocrataPortal(WorldPortal):
    """One domain of the platform; asked without `domains` it would answer for all of them, and is not asked so."""

    family = "socrata"
    home = '<script>window.socrata = {"environment": "production"};</script>'

    def id_of(self, entry: Entry) -> str:
        """A four-by-four."""
        return f"{entry.key[:4]}-{entry.number:04}"

    def answer(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply | None:
        if path.startswith("/api/views/"):
            return self._view(self.found(path.removeprefix("/api/views/").removesuffix(".json")))
        if path != "/api/catalog/v1":
            return None
        host = headers.get("host", "")
        if query.get("domains") != host or query.get("search_context") != host:
            return document({"error": f"Domain not found: {query.get('domains')}"}, 404)
        limit, offset = whole(query, "limit", LIMIT), whole(query, "offset", 0)
        if limit is None or offset is None:
            return document({"error": "limit and offset are numbers"}, 400)
        if offset + limit > WINDOW:
            return document({"error": f"The sum of offset and limit must not exceed {WINDOW}."}, 400)
        if "scroll_id" in query and offset:
            return document({"error": "offset and scroll_id exclude each other"}, 400)
        found = self.listed
        if "scroll_id" in query or query.get("order") == "dataset_id":
            found = sorted(found, key=self.id_of)
        after = query.get("scroll_id", "")
        page = [one for one in found if not after or self.id_of(one) > after][offset : offset + limit]
        return document({"results": [*map(self._result, page)], "resultSetSize": len(found), "timings": {}})

    def _view(self, entry: Entry | None) -> Reply:
        if entry is None or entry.private:
            status = 403 if entry else 404
            return document({"code": "permission_denied" if entry else "not_found", "error": True}, status)
        return document({"id": self.id_of(entry), "name": entry.title, "assetType": "dataset"})

    def _result(self, entry: Entry) -> dict[str, Any]:
        modified = f"{entry.modified:%Y-%m-%dT%H:%M:%S}.000Z"
        return {
            "resource": {
                "id": self.id_of(entry), "name": entry.title, "description": "…", "attribution": entry.office,
                "type": "dataset", "createdAt": f"{entry.created:%Y-%m-%dT%H:%M:%S}.000Z", "updatedAt": modified,
                "data_updated_at": modified, "metadata_updated_at": modified, "download_count": 3,
                "page_views": {"page_views_total": 30},
            },
            "classification": {
                "categories": [], "domain_category": "Transportation", "domain_tags": ["tag"],
                "domain_metadata": [{"key": "Common-Core_Update-Frequency", "value": entry.frequency}],
            },
            "metadata": {"domain": "data.example.gov", "license": "Public Domain"},
            "owner": {"id": "aaaa-aaaa", "display_name": "…"},
        }  # fmt: skip
