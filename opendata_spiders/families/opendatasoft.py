"""opendatasoft: the platform Opendatasoft (Huwise since 2025), of many French, Belgian, Swiss and other portals."""

from typing import Final

from opendata_spiders.declared import BARE, Call, DeepFamily, JsonDetail, JsonList, Slot

_ASKED: Final = {"limit": Slot.SIZE, "offset": Slot.OFFSET, "order_by": "dataset_id"}


class OpendatasoftSpider(DeepFamily):
    """Reads an Opendatasoft portal (Explore API v2.1, JSON).

    A portal joins by one register row:

    1. `base_url` is the host of the portal.

    What is read, and who attests it:

    2. List: `GET /api/explore/v2.1/catalog/datasets`, documented by the vendor: a hundred rows a page at most, and a
       page must end within 10,000 rows. Pages behind that are asked for from `catalog/exports/json`, which has no such
       limit, takes the same parameters and answers a bare list. `total_count` is the declared total.
    3. Row: `metas.default` and, where the portal fills them, `metas.dcat`. The list tells all there is.
    4. The id is `dataset_id`, which is also in the address of the page for people.
    5. `GET …/catalog/datasets/ID` is asked for missing datasets alone.

    Quirks:

    6. `modified` is the date that the portal shows. `data_processed` and `metadata_processed` are those of the
       platform's own runs, which change every night without new data: unread.
    7. `dcat.accrualperiodicity` holds a word, a code or an address of the EU's frequency table.
    8. That the exports go on behind 10,000 rows by `offset` is documented and has not been read live.

    Gone: 404, which a dataset that was made private answers as well.
    """

    family = "opendatasoft"
    page_size = 100
    window = 10_000
    list_call = Call("/api/explore/v2.1/catalog/datasets", query=_ASKED)
    deep_call = Call("/api/explore/v2.1/catalog/exports/json", query=_ASKED)
    list_page = JsonList(
        rows=("results", BARE),
        totals=("total_count",),
        id="dataset_id",
        keys={
            "metas.default.title": "title",
            "metas.default.description": "description",
            "metas.default.publisher": "office",
            "metas.dcat.creator": "office",
            "metas.default.theme": "theme",
            "metas.default.keyword": "tags",
            "metas.dcat.accrualperiodicity": "frequency",
            "metas.default.license": "open_condition",
            "metas.dcat.contact_email": "contact_email",
            "metas.dcat.issued": "published",
            "metas.dcat.created": "published",
            "metas.default.modified": "updated",
            "metas.default.records_count": "rows",
            "metas.explore.download_count": "downloads",
            "metas.explore.api_call_count": "calls",
        },
    )
    detail_call = Call("/api/explore/v2.1/catalog/datasets/{id}")
    detail_page = JsonDetail(keys={}, at="", must=("dataset_id",), id="dataset_id")
    human_page = "/explore/dataset/{id}/"
    home_marks = ("opendatasoft",)
