"""ckan_hk: the portal of Hong Kong, a CKAN catalogue."""

from opendata_spiders.declared import Call, DeclaredFamily, JsonList, Slot


class CkanHkSpider(DeclaredFamily):
    """Reads the portal of Hong Kong (CKAN, JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/tc-data/api/3/action` (traditional Chinese), also where neither it
       nor a path is given; `/en-data/…` and `/sc-data/…` hold the same datasets in other languages.

    What is read, and who attests it:

    2. List: `GET …/package_search`, by offset, a hundred rows a page: CKAN's own documented call. `result.count` is the
       declared total.
    3. Row: a dataset as `package_show` gives it, of which one recorded answer is public. The list tells all there is.
    4. The id is `name`, which is also in the address of the page for people.

    Quirks:

    5. `metadata_created` and `metadata_modified` speak of the record, not of the data: the dates of the data stand at
       its resources, of which the first is read.
    6. A resource is listed once a language, so that the number of resources is thrice that of the files: unread.
    7. No open type is told: everything may be had without a login.

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "ckan_hk"
    page_size = 100
    default_context = "/tc-data/api/3/action"
    list_call = Call("{context}/package_search", query={"rows": Slot.SIZE, "start": Slot.OFFSET, "sort": "name asc"})
    list_page = JsonList(
        rows="result.results",
        totals=("result.count",),
        id="name",
        keys={
            "title": "title",
            "notes": "description",
            "organization.title": "office",
            "groups[].title": "theme",
            "tags[].name": "tags",
            "update_frequency": "frequency",
            "resources[].format": "formats",
            "maintainer_phone": "contact_phone",
            "maintainer_email": "contact_email",
            "resources[0].datePublished": "published",
            "metadata_modified": "updated",
            "resources[0].dateModified": "data_updated",
        },
    )
    human_page = "/tc-data/dataset/{id}"
