"""udata: the catalogue software of data.gouv.fr, and of the national portals of Luxembourg, Portugal and others."""

from typing import Final

from opendata_spiders.declared import OMIT, Call, DeclaredFamily, InUtc, JsonDetail, JsonList, Slot, Tenant

_ROW: Final = (
    "id,title,description,organization{name},frequency,access_type,license,tags,created_at,last_modified,last_update,"
    "resources{format},metrics"
)


class UdataSpider(DeclaredFamily):
    """Reads a udata portal (API v1, JSON).

    A portal joins by one register row:

    1. `base_url` is the host of the portal. The tenant `organization=ID` selects what one body publishes there.

    What is read, and who attests it:

    2. List: `GET /api/1/datasets/`, documented in the software and by data.gouv.fr, a hundred rows a page at most.
       `total` is the declared total. Sorted by the day of creation, so that what is added while the list is read comes
       last. The header `X-Fields` asks for what is read here alone: a dataset may hold thousands of resources.
    3. Row: a dataset with its resources. The list tells all there is.
    4. The id is `id`; the page for people opens by it.
    5. `GET /api/1/datasets/ID/` is asked for missing datasets alone.

    Quirks:

    6. `frequency` is a word of udata's own, most of them codes of the EU's frequency table in small letters.
    7. `last_update` is the date of the newest resource, `last_modified` that of the record. Older versions write both
       in UTC without a zone.
    8. A dataset may belong to a person and have no organisation: its office is then empty.
    9. No themes: udata has tags and topics of editors only.

    Gone: 410 for a dataset that was deleted, 404 for one that was made private.
    """

    family = "udata"
    page_size = 100
    list_call = Call(
        "/api/1/datasets/",
        query={
            "page": Slot.PAGE,
            "page_size": Slot.SIZE,
            "sort": "created",
            "organization": Tenant("organization", OMIT),
        },
        headers={"X-Fields": f"data{{{_ROW}}},total"},
    )
    list_page = JsonList(
        rows="data",
        totals=("total",),
        id="id",
        keys={
            "title": "title",
            "description": "description",
            "organization.name": "office",
            "tags": "tags",
            "frequency": "frequency",
            "access_type": "open_type",
            "license": "open_condition",
            "resources[].format": "formats",
            "created_at": InUtc("published"),
            "last_modified": InUtc("updated"),
            "last_update": InUtc("data_updated"),
            "metrics.views": "views",
            "metrics.resources_downloads": "downloads",
        },
    )
    detail_call = Call("/api/1/datasets/{id}/", headers={"X-Fields": "id"})
    detail_page = JsonDetail(keys={}, at="", must=("id",), id="id")
    human_page = "/datasets/{id}/"
    home_marks = ("/datasets/recent.atom", "/reuses/recent.atom")
