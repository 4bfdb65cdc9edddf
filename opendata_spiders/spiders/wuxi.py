"""wuxi: the list of its family, asked for by pages."""

from dataclasses import replace

from opendata_spiders.declared import Slot
from opendata_spiders.families.inspur_odweb import InspurOdwebSpider


class WuxiSpider(InspurOdwebSpider):
    """As its family, but the list counts pages from 1, ten rows a page. Two independent crawlers."""

    name = "wuxi"
    page_size = 10
    list_call = replace(
        InspurOdwebSpider.list_call,
        form={
            "org_code": "", "region_code": "", "conf_use_type": "", "group_id": "", "conf_catalog_format": "",
            "open_type": "", "page": Slot.PAGE, "pageSize": Slot.SIZE, "_order": "cc.data_update_time desc",
            "keyword": "",
        },
    )  # fmt: skip
