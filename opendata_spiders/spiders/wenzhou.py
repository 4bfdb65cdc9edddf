"""wenzhou: asks the list of its family without a type and with an open state, as three crawlers saw it."""

from dataclasses import replace

from opendata_spiders.families.zj_jdop import ZjJdopSpider


class WenzhouSpider(ZjJdopSpider):
    """As its family, but the list call names no type."""

    name = "wenzhou"
    list_call = replace(
        ZjJdopSpider.list_call, form={**(ZjJdopSpider.list_call.form or {}), "type": "", "openState": ""}
    )
