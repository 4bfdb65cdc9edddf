"""chengde: the list of its family with the filters that one crawler sent."""

from dataclasses import replace

from opendata_spiders.declared import Slot
from opendata_spiders.families.shiro_querydomain import ShiroQuerydomainSpider


class ChengdeSpider(ShiroQuerydomainSpider):
    """As its family, but the list is one of data that can be queried. One crawler."""

    name = "chengde"
    list_call = replace(
        ShiroQuerydomainSpider.list_call,
        form={
            "page": Slot.PAGE, "orgId": "null", "orgDirId": "null", "domainId": "0", "resourceType": "DATAQUERY",
            "sortWord": "modifyDate", "direction": "down", "listPageNum": Slot.PAGE,
        },
    )  # fmt: skip
