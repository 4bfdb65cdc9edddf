"""ckan: CKAN, the catalogue software of some two hundred governments; any portal that serves its action API."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from scrapy.http import Response

from opendata_spiders.declared import OMIT, Call, DeclaredFamily, InUtc, JsonDetail, JsonList, Slot, Tenant
from opendata_spiders.normalise.texts import from_json
from opendata_spiders.pages import bodies, walls
from opendata_spiders.pages.contract import ListPage, PageError, PageUnreachableError

_NOT_PUBLIC = "Authorization Error"
_SEARCH_FAILED = frozenset({"Search Error", "Search Connection Error"})
"""CKAN's index answers an error, or nothing."""
_CODE = 2
"""Letters of a language's code in ISO 639-1."""


class CkanSpider(DeclaredFamily):
    """Reads a CKAN portal (JSON).

    A portal joins by one register row:

    1. `base_url` is the host, `context_path` the path under which CKAN is mounted, empty for its root (`ckan.root_path`
       without a language). A home page tells it in `data-site-root`. The tenant `fq=organization:NAME` selects what one
       body publishes in a catalogue of many.

    What is read, and who attests it:

    2. List: `GET …/api/3/action/package_search`, by offset, sorted by name: CKAN's own documented call. `result.count`
       is the declared total. CKAN serves a thousand rows at most (`ckan.search.rows_max`) and fewer without saying so
       where an operator has set that lower; a hundred are asked for, since packages with many resources are long.
       Private packages and drafts are never asked for.
    3. Row: a dataset as `package_show` gives it, with `extras` and resources. The list tells all there is.
    4. `GET …/api/3/action/package_show?id=…` is asked for missing datasets alone.
    5. The id is `id`, which stays when an editor changes the `name`; the page for people opens by either.

    Quirks:

    6. CKAN writes `metadata_created`, `metadata_modified` and the dates of resources in UTC and without a zone.
    7. What a portal adds lies in `extras`, or beside the other keys where its schema declares it. The names that
       ckanext-dcat, data.gov and national portals use for frequency, theme and the dates of the data are read.
    8. `isopen: true` says that the licence is one of the Open Definition's; false may only mean that none is named and
       is left out. `license_title` is kept as the condition.
    9. `groups` stand in for themes where none is named: most portals use them so.
    10. Where the schema has texts in several languages (ckanext-fluent), a value is an object of them: that of the
        row's language is read, else English, else the first that is filled. The row that is kept has them all.
    11. The robots.txt that CKAN is shipped with asks every crawler not to read `/api/`. A portal that has kept it
        is *blocked*, until its operator allows `/api/3/action/`; its DCAT feed lies elsewhere.

    Gone: 404 for a package that was purged, and 403 with CKAN's own *Authorization Error* for one that was deleted,
    made private or put back to draft, which CKAN does not tell apart for those without a login; the page for people is
    404 in each case. A wall's 403 has no such error and says nothing.
    """

    family = "ckan"
    page_size = 100
    list_call = Call(
        "{context}/api/3/action/package_search",
        query={"rows": Slot.SIZE, "start": Slot.OFFSET, "sort": "name asc", "fq": Tenant("fq", OMIT)},
    )
    list_page = JsonList(
        rows="result.results",
        totals=("result.count",),
        id="id",
        keys={
            "title": "title",
            "notes": "description",
            "organization.title": "office",
            "extras[?key=='publisher_name'].value | [0]": "office",
            "theme": "theme",
            'extras[?contains(`["theme", "themes"]`, key)].value | [0]': "theme",
            "groups[].title": "theme",
            "tags[].name": "tags",
            "frequency": "frequency",
            "update_frequency": "frequency",
            "accrual_periodicity": "frequency",
            "accrualPeriodicity": "frequency",
            'extras[?contains(`["frequency", "update_frequency", "accrualPeriodicity", "accrual_periodicity", '
            '"frequency-of-update", "update_freq"]`, key)].value | [0]': "frequency",
            "isopen || `null`": "open_type",
            "license_title": "open_condition",
            "resources[].format": "formats",
            "maintainer_email": "contact_email",
            "author_email": "contact_email",
            "issued": "published",
            "extras[?key=='issued'].value | [0]": "published",
            "metadata_created": InUtc("published"),
            "metadata_modified": InUtc("updated"),
            "modified": "data_updated",
            "extras[?key=='modified'].value | [0]": "data_updated",
            "resources[].not_null(last_modified, created) | max(@)": InUtc("data_updated"),
        },
    )
    detail_call = Call("{context}/api/3/action/package_show", query={"id": Slot.ID})
    detail_page = JsonDetail(keys={}, at="result", must=("id",), id="id")
    human_page = "{context}/dataset/{id}"
    home_marks = ('name="generator" content="ckan ',)
    home_version = r'name="generator" content="ckan ([\w.]+)'
    home_context = r'data-site-root="https?://[^/"]+(/[^"]*?)/?"'

    def read_list(self, response: Response) -> ListPage:
        """Read a page of the list; raises PageError, PageUnreachableError where CKAN says that its search failed."""
        error = self._error_of(response)
        if error in _SEARCH_FAILED:
            raise PageUnreachableError(f"HTTP {response.status}, CKAN's {error}")
        return super().read_list(response)

    def says_gone(self, response: Response) -> str:
        """Return CKAN's own error for a package that may not be read without a login."""
        error = self._error_of(response)
        return f"HTTP {response.status}, CKAN's {error}" if error == _NOT_PUBLIC else ""

    def _error_of(self, response: Response) -> str:
        """The kind of error that CKAN itself states in an answer; '' for any other answer, a wall's among them."""
        if response.status < HTTPStatus.BAD_REQUEST or walls.looks_like_html(response.body):
            return ""
        try:
            stated = bodies.json_object(self.answer(response).text).get("error")
        except PageError:
            return ""
        return str(stated.get("__type", "")) if isinstance(stated, dict) else ""

    def parse_list(self, response: Response) -> ListPage:
        """Read one list page in the portal's language; raises PageError."""
        page = super().parse_list(response)
        tongue = self.target.language.partition("-")[0]
        rows = tuple(
            replace(row, values={name: _in_language(value, tongue) for name, value in row.values.items()})
            for row in page.rows
        )
        return replace(page, rows=rows)


def _in_language(value: Any, tongue: str) -> Any:
    """The text of a language out of JSON that holds several (`{"de": "Bäume", "fr": "Arbres"}`); else the value."""
    if isinstance(value, list):
        return [_in_language(one, tongue) for one in value]
    texts = from_json(value) if isinstance(value, str) and value.startswith('{"') else None
    if not isinstance(texts, dict) or not all(len(key) == _CODE and isinstance(one, str) for key, one in texts.items()):
        return value
    return next(filter(None, (texts.get(tongue), texts.get("en"), *texts.values())), "")
