"""hongkong: CKAN behind the portal's own pages."""

from dataclasses import replace

from opendata_spiders.declared import InUtc, JsonDetail
from opendata_spiders.families.ckan import CkanSpider


class HongkongSpider(CkanSpider):
    """As its family, with three differences, which one recorded answer of `package_show` attests.

    1. `/tc-data` is the catalogue in traditional Chinese; `/en-data` and `/sc-data` hold the same datasets in other
       languages. Pages for people open by `name`, which is therefore the id.
    2. The dates of the data stand at the resources (`datePublished`, `dateModified`), of which the first is read.
    3. A resource is listed once a language, and no licence is named: everything may be had without a login.
    """

    name = "hongkong"
    id_rule = 2  # names, where the family takes ids
    list_page = replace(
        CkanSpider.list_page,
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
            "metadata_modified": InUtc("updated"),
            "resources[0].dateModified": "data_updated",
        },
    )
    detail_page = JsonDetail(keys={}, at="result", must=("name",), id="name")
