"""xianning_json: the open data column of Xianning, one file that holds the whole catalogue."""

from dataclasses import replace

from scrapy.http import Response

from opendata_spiders.declared import AJAX, Call, JsonList, LinkedPages
from opendata_spiders.declared.answers import Answer


class XianningJsonSpider(LinkedPages):
    """Reads the portal of Xianning (JSON).

    A portal joins by one register row:

    1. `base_url` is the host; `context_path` is `/cysjdy/sjmljson/sjml.json`, also where neither it nor a path is
       given.

    What is read, and who attests it:

    2. List: `GET` of that file, which holds all datasets. Two independent crawlers. There are no pages: the file is one
       page, shorter than `page_size`.
    3. Row: its link is the id and leads to the page for people. Two independent crawlers agree on the keys.
    4. No detail: the page adds counters that a script fills in.

    Quirks:

    5. The answer is a list, not an object. Dates are written 2023年05月06日.
    6. `chnldesc` names the column: 数据集 are files, all else interfaces (one crawler).

    Gone: nothing is; without a detail nobody can say so.
    """

    family = "xianning_json"
    page_size = 100_000
    default_context = "/cysjdy/sjmljson/sjml.json"
    list_call = Call("{context}", headers=AJAX, referer="/data/list/")
    list_page = JsonList(
        rows="rows",
        id="link",
        keys={
            "title": "title",
            "department": "office",
            "theme": "theme",
            "chnldesc": "formats",
            "pubDate": "published",
            "update": "updated",
        },
    )

    def answer(self, response: Response) -> Answer:
        """The list as the one key of an object; any other body as it stands."""
        read = super().answer(response)
        text = read.text.strip()
        return replace(read, text=f'{{"rows": {text}}}') if text[:1] == "[" and text[-1] == "]" else read
