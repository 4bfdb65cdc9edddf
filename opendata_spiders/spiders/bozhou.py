"""bozhou: the list of its family at another path."""

from opendata_spiders.declared import AJAX, Call, Slot
from opendata_spiders.families.opendataweb_kfzy import OpendatawebKfzySpider


class BozhouSpider(OpendatawebKfzySpider):
    """As its family, but the list of data is `queryDataCatalog.do`, six rows a page. One crawler."""

    name = "bozhou"
    page_size = 6
    list_call = Call(
        "{context}/queryDataCatalog.do", headers=AJAX, query={"currentPageNo": Slot.PAGE, "pageSize": Slot.SIZE}
    )
