"""huangshan: the data pages of a Longcloud site in a later shape, with details in JSON."""

import re

from opendata_spiders.declared import AJAX, Call, FieldPlaces, HtmlList, JsonDetail, Slot
from opendata_spiders.families.longcloud_label import LongcloudLabelSpider

_LIST = "/site/tpl/4655"


class HuangshanSpider(LongcloudLabelSpider):
    """As its family, but pages count from 1, eight rows a page, and details are JSON.

    1. List: `labelName=dataOpenResourceCatalogList`. Two independent crawlers. `pageCount:25` is the number of pages
       (one of them); the portal declares no total.
    2. Row: title and link, office (`span.n2`) and topic (`span.n3`) after their labels, formats as links. One crawler;
       the other reads the same cells by position.
    3. Detail: `labelName=dataOpenResourceCatDetail&isJson=true`. One crawler. `dataCounts` -1 has been seen.
    """

    name = "huangshan"
    page_size = 8
    first_page = 1
    list_call = Call(
        "{context}",
        headers=AJAX,
        referer=_LIST,
        query={
            "labelName": "dataOpenResourceCatalogList", "isPage": "1", "pageSize": Slot.SIZE, "pageIndex": Slot.PAGE,
            "dataArea": "", "providerOrgan": "", "dateFormat": "yyyy-MM-dd", "orderBy": "", "sortOrder": "asc",
            "containerId": "resourceCatsDiv",
        },
    )  # fmt: skip
    list_page = HtmlList(
        frame="ul.clearfix",
        entries=".dataresources-con",
        id='a[href*="/site/tpl/"]::attr(href)',
        id_pattern=r"resourceId=(\d+)",
        pages_pattern=r"pageCount:\s*(\d+)",
        layout=FieldPlaces(
            cells={
                'a[href*="/site/tpl/"]': "title",
                "p.xx span.n2": re.compile("(?P<office>[^：:]*)$"),
                "p.xx span.n3": re.compile("(?P<theme>[^：:]*)$"),
                "p.zyzy a.j-login em": "formats",
            }
        ),
    )
    detail_call = Call(
        "{context}",
        headers=AJAX,
        referer=_LIST,
        query={
            "labelName": "dataOpenResourceCatDetail",
            "resourceId": Slot.ID,
            "dateFormat": "yyyy-MM-dd",
            "isJson": "true",
        },
    )
    detail_page = JsonDetail(
        at="",
        must=("name",),
        keys={
            "name": "title",
            "resourceAbstract": "description",
            "publishDate": "published",
            "refreshDate": "updated",
            "updateCycle": "frequency",
            "dataCounts": "rows",
        },
    )
    human_page = "/site/tpl/4656?resourceId={id}"
