"""The search API of ArcGIS Hub (developers.arcgis.com/hub/services/search): OGC API Records."""

from collections.abc import Mapping
from typing import Any

from tests.replica.wire import Reply
from tests.replica.worldwide.entries import Entry
from tests.replica.worldwide.playing import Query, WorldPortal, document, whole

LIMIT_MAX = 100
ITEMS = "/api/search/v1/collections/dataset/items"
_SORTS = {"properties.created": lambda one: one.created, "properties.title": lambda one: one.title}


class ArcgisHubPortal(WorldPortal):
    """A site of the hub with one collection of datasets."""

    family = "arcgis_hub"
    home = '<meta name="opendata-ui/config/environment" content="%7B%22modulePrefix%22%3A%22opendata-ui%22%7D" />'

    def id_of(self, entry: Entry) -> str:
        """The id of an item, and the number of its layer."""
        return f"{entry.key}_{entry.number % 2}"

    def answer(self, path: str, query: Query, headers: Mapping[str, str]) -> Reply | None:
        if path.startswith(f"{ITEMS}/"):
            entry = self.found(path.removeprefix(f"{ITEMS}/"))
            shown = entry if entry and not entry.private else None
            return document(self._feature(shown) if shown else {"statusCode": 404}, 200 if shown else 404)
        if path != ITEMS:
            return None
        limit, start = whole(query, "limit", 10), whole(query, "startindex", 1)
        sort = _SORTS.get(query.get("sortBy", "properties.title"))
        if not limit or limit > LIMIT_MAX or not start or sort is None:
            return document({"statusCode": 400, "message": ["limit must not be greater than 100"]}, 400)
        found = sorted(self.listed, key=sort)
        page = [self._feature(one) for one in found[start - 1 : start - 1 + limit]]
        return document({
            "type": "FeatureCollection", "timestamp": "2026-11-20T00:00:00Z", "numberMatched": len(found),
            "numberReturned": len(page), "features": page, "links": [],
        })  # fmt: skip

    def _feature(self, entry: Entry) -> dict[str, Any]:
        properties = {
            "id": entry.key, "title": entry.title, "description": "…", "type": "Feature Service", "source": entry.office,
            "created": int(entry.created.timestamp() * 1000), "modified": int(entry.modified.timestamp() * 1000),
            "categories": ["/Categories/Transportation"], "tags": ["tag"], "licenseInfo": "CC BY 4.0", "numViews": 9,
        }  # fmt: skip
        return {"id": self.id_of(entry), "type": "Feature", "geometry": None, "links": [], "properties": properties}
