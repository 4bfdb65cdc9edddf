"""Opendatasoft's Explore API 2.1 (help.opendatasoft.com): pages of a hundred, a window of 10,000, exports without it."""

from collections.abc import Mapping
from typing import Any

from tests.replica.wire import Reply
from tests.replica.worldwide.entries import Entry
from tests.replica.worldwide.playing import Query, WorldPortal, document, whole

LIMIT_MAX = 100
WINDOW = 10_000
BASE = "/api/explore/v2.1/catalog"
_FREQUENCIES = {"daily": "quotidienne", "monthly": "mensuelle", "annual": "annuelle"}


class OpendatasoftPortal(WorldPortal):
    """A domain of the platform, in French."""

    family = "opendatasoft"
    home = '<link rel="stylesheet" href="/static/compressed/css/opendatasoft-front.css">'

    def id_of(self, entry: Entry) -> str:
        """An identifier made of the title."""
        return f"{entry.key[:6]}-jeu-{entry.number}"

    def answer(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply | None:
        found = sorted(self.listed, key=self.id_of) if query.get("order_by") == "dataset_id" else self.listed
        if path == f"{BASE}/datasets":
            return self._page(found, query)
        if path == f"{BASE}/exports/json":
            offset, limit = int(query.get("offset", "0")), int(query.get("limit", "-1"))
            return document([self._dataset(one) for one in found[offset : None if limit < 0 else offset + limit]])
        if path.startswith(f"{BASE}/datasets/"):
            entry = self.found(path.removeprefix(f"{BASE}/datasets/"))
            known = entry is not None and not entry.private
            return document(self._dataset(entry)) if entry and known else self._refused("dataset", 404)
        return None

    def _page(self, found: list[Entry], query: Query) -> Reply:
        limit, offset = whole(query, "limit", 10), whole(query, "offset", 0)
        if limit is None or limit > LIMIT_MAX:
            return self._refused(f"limit API parameter: {query['limit']} was found but -1 <= limit <= 100 is expected")
        if offset is None or offset + limit > WINDOW:
            return self._refused(f"offset + limit should be less than {WINDOW}")
        page = [self._dataset(one) for one in found[offset : offset + limit]]
        return document({"total_count": len(found), "results": page})

    def _refused(self, said: str, status: int = 400) -> Reply:
        return document({"error_code": "InvalidRESTParameterError", "message": f"Invalid value for {said}"}, status)

    def _dataset(self, entry: Entry) -> dict[str, Any]:
        default = {
            "title": entry.title, "description": "…", "publisher": entry.office, "theme": ["Environment"],
            "keyword": ["tag"], "license": "Licence Ouverte", "modified": entry.modified.isoformat(),
            "records_count": 12, "language": "fr",
        }  # fmt: skip
        dcat = {"accrualperiodicity": _FREQUENCIES[entry.frequency], "created": entry.created.isoformat()}
        return {"dataset_id": self.id_of(entry), "has_records": True, "metas": {"default": default, "dcat": dcat}}
