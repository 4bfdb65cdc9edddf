"""socrata: the Data & Insights platform of Tyler, formerly Socrata; most open data portals of US cities and states."""

from typing import Final

from opendata_spiders.declared import Call, DeepFamily, JsonDetail, JsonList, Slot

_ASKED: Final = {"domains": Slot.HOST, "search_context": Slot.HOST, "only": "dataset", "order": "dataset_id"}


class SocrataSpider(DeepFamily):
    """Reads a Socrata portal through the platform's catalogue (Discovery API, JSON).

    A portal joins by one register row:

    1. `base_url` is the portal's host, which serves the catalogue of the whole platform; `domains` and `search_context`
       limit it to the portal itself.

    What is read, and who attests it:

    2. List: `GET /api/catalog/v1`, documented by the vendor. A page by offset must end within 10,000 rows. Pages behind
       that are asked for by `scroll_id`, the id of the last row of the page before, and have the order of the ids, in
       which the first 10,000 are asked for as well. `resultSetSize` is the declared total.
    3. Only assets of the kind `dataset` are asked for: charts, maps, filtered views and stories are made from them.
    4. Row: `resource`, `classification`, `metadata`, `owner`; recorded catalogues of two portals are public. The list
       tells all there is. The id is `resource.id`, the platform's four-by-four.
    5. `GET /api/views/ID.json`, the platform's documented metadata, is asked for missing datasets alone.

    Quirks:

    6. What a portal adds lies in `domain_metadata` under `Group_Name` (`Common-Core_Update-Frequency`,
       `Metadata_Data-Owner`, `Update_Update-Frequency`): read by the ends of the names. `attribution` stands in for the
       office, `owner` does not: it is the account of a person.
    7. `updatedAt` is the later of `data_updated_at` and `metadata_updated_at`.
    8. `categories` are the platform's guess; they count where the portal names no `domain_category`.
    9. That `scroll_id` goes on in the order of the ids is documented and has not been read live.

    Gone: 404. A dataset that was made private answers 403, which proves nothing.
    """

    family = "socrata"
    page_size = 100
    window = 10_000
    pages_in_order = True
    list_call = Call("/api/catalog/v1", query={**_ASKED, "limit": Slot.SIZE, "offset": Slot.OFFSET})
    deep_call = Call("/api/catalog/v1", query={**_ASKED, "limit": Slot.SIZE, "scroll_id": Slot.AFTER})
    list_page = JsonList(
        rows="results",
        totals=("resultSetSize",),
        id="resource.id",
        keys={
            "resource.name": "title",
            "resource.description": "description",
            "classification.domain_metadata[?ends_with(key, 'Data-Owner') || ends_with(key, '_Agency') || "
            "ends_with(key, '_Department') || ends_with(key, '_Publisher')].value | [0]": "office",
            "resource.attribution": "office",
            "classification.domain_category": "theme",
            "classification.categories": "theme",
            "classification.domain_tags": "tags",
            "classification.domain_metadata[?ends_with(key, 'requency')].value | [0]": "frequency",
            "metadata.license": "open_condition",
            "resource.contact_email": "contact_email",
            "resource.createdAt": "published",
            "resource.updatedAt": "updated",
            "resource.data_updated_at": "data_updated",
            "resource.page_views.page_views_total": "views",
            "resource.download_count": "downloads",
        },
    )
    detail_call = Call("/api/views/{id}.json")
    detail_page = JsonDetail(keys={}, at="", must=("id",), id="id")
    human_page = "/d/{id}"
    home_marks = ("socrata",)
