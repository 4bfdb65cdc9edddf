"""ganzhou_shtml: the portal of Ganzhou, HTML throughout."""

from opendata_spiders.declared import Call, DeclaredFamily, FieldPlaces, HtmlDetail, HtmlList


class GanzhouShtmlSpider(DeclaredFamily):
    """Reads the portal of Ganzhou.

    A portal joins by one register row:

    1. `base_url` is the host.

    What is read, and who attests it:

    2. List: `GET /page_<page>/Open_directory.shtml`, pages count from 1, six rows a page. Two independent crawlers. A
       total was read by nobody. Interfaces have a list of their own.
    3. Row: the `id` attribute of `a.shiy_rigA1` (one crawler), whose text is the title (the other, on the detail).
    4. Detail: `GET /id_<id>/open_directory_detail.shtml`. Two independent crawlers; its values by one of them, which
       stand in fixed places: their labels nobody wrote down.

    Quirks:

    5. The date is shown as a day above its year and month; only the latter is read, for a place cannot join two.
    6. Number of rows, frequency, open type and formats stand where no place is sure: unread.

    Gone: HTTP 404 or 410 on a detail alone.
    """

    family = "ganzhou_shtml"
    page_size = 6
    dates_in_details = True
    list_call = Call("/page_{page}/Open_directory.shtml", referer="/Open_directory.shtml")
    list_page = HtmlList(
        frame="body > div",
        entries=".com_shiye",
        id="a.shiy_rigA1::attr(id)",
        layout=FieldPlaces(cells={"a.shiy_rigA1": "title"}),
    )
    detail_call = Call("/id_{id}/open_directory_detail.shtml", referer="/Open_directory.shtml")
    detail_page = HtmlDetail(
        frame=".gzTt_r",
        layout=FieldPlaces(
            cells={
                "a.shiy_rigA1": "title",
                ".zlxg_t2": "description",
                ".shiyr_div3 span:nth-of-type(1) em": "office",
                ".shiyr_div3 span:nth-of-type(2) em": "theme",
                ".shiy_left p:nth-of-type(2)": "published",
                "#apifw_one tr:nth-of-type(1) td": "views",
                "#apifw_one tr:nth-of-type(2) td": "downloads",
            }
        ),
    )
    human_page = "/id_{id}/open_directory_detail.shtml"
