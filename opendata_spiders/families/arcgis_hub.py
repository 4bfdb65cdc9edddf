"""arcgis_hub: ArcGIS Hub and its free edition ArcGIS Open Data, of Esri; thousands of counties and cities."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonDetail, JsonList, Slot


class ArcgisHubSpider(DeclaredFamily):
    """Reads a site of ArcGIS Hub (OGC API Records, GeoJSON).

    A portal joins by one register row:

    1. `base_url` is the host of the site, its own or `*.hub.arcgis.com`.

    What is read, and who attests it:

    2. List: `GET /api/search/v1/collections/dataset/items`, documented by the vendor, a hundred rows a page; the first
       row has number 1. `numberMatched` is the declared total. Sorted by the day of creation, so that what is added
       while the list is read comes last.
    3. Row: a feature whose `properties` describe an item. The list tells all there is.
    4. The id is `id` of the feature: that of the item, with `_` and a number for a layer of it.
    5. `GET …/items/ID` is asked for missing datasets alone.

    Quirks:

    6. Dates are milliseconds.
    7. `source` is the organisation that publishes the item; `owner` is an account and stays unread.
    8. No update frequency is told here: it is in the feeds of DCAT, which another family reads.
    9. `type` (Feature Service, CSV) is the kind of the item and no list of formats: unread.
    10. `categories` are paths (`/Categories/Transportation`).

    Gone: 404, which an item that was made private answers as well.
    """

    family = "arcgis_hub"
    page_size = 100
    list_call = Call(
        "/api/search/v1/collections/dataset/items",
        query={"limit": Slot.SIZE, "startindex": Slot.START, "sortBy": "properties.created"},
    )
    list_page = JsonList(
        rows="features",
        totals=("numberMatched",),
        id="id",
        keys={
            "properties.title": "title",
            "properties.description": "description",
            "properties.snippet": "description",
            "properties.source": "office",
            "properties.orgName": "office",
            "properties.categories": "theme",
            "properties.tags": "tags",
            "properties.licenseInfo": "open_condition",
            "properties.created": "published",
            "properties.modified": "updated",
            "properties.numViews": "views",
        },
    )
    detail_call = Call("/api/search/v1/collections/dataset/items/{id}")
    detail_page = JsonDetail(keys={}, at="", must=("properties",), id="id")
    human_page = "/datasets/{id}"
    home_marks = ("opendata-ui/config/environment",)
