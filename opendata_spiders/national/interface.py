"""The calls of the national register, and how its answers are read."""

from dataclasses import dataclass
from typing import Any

from scrapy import Request
from scrapy.http import JsonRequest, Response

from opendata_spiders.fetching.addresses import host_group
from opendata_spiders.fetching.redirects import within
from opendata_spiders.national.policy import national_policy, national_source
from opendata_spiders.normalise import title_key
from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageDriftedError
from opendata_spiders.pages.json_values import search
from opendata_spiders.store.national import RegisteredAs

_ROWS = ("rows", "data.rows", "data.list", "data.records", "data")
_TOTALS = ("total", "data.total")


@dataclass(frozen=True, slots=True)
class Platform:
    """One provincial platform of registration."""

    province: str
    """Code of the province as the register writes it."""
    name: str


@dataclass(frozen=True, slots=True)
class Entries:
    """What a search of the register found."""

    total: int
    codes: tuple[str, ...]
    """Codes of the entries on the first page that have exactly the title that was searched for."""


class NationalInterface:
    """Asks the national register (JSON), without a login.

    1. Platforms: `POST /register/dataassets/equipment/queryPlatform` with an empty object answers `data[]` of
       `provinceCode` and `platformName`. One crawler, read live in 2026.
    2. Entries: `POST /register/statistics/resourceDiscovery/getRegisterInfoSingleList` answers `total` and rows that
       carry `dataRegistCode`. One crawler, read live in 2026. `keyword` finds an exact part of a text.
    3. Where the rows lie, and under which key an entry has its title, is not recorded: several places are read, and a
       row has a title if any of its values is that title. Coverage differs much from province to province.
    """

    def __init__(self, base_url: str = "") -> None:
        """`base_url` replaces the address of sources.csv."""
        source = national_source()
        base = (base_url or source.base_url).rstrip("/")
        self._root = base + source.context_path
        self.slug = source.slug
        self.group = host_group("" if base_url else source.host_group, base, ())
        """The servers that are asked."""

    def platforms_request(self) -> Request:
        """Ask which provinces have a platform."""
        return self._post("dataassets/equipment/queryPlatform", {})

    def entries_request(self, province: str, kind: RegisteredAs, keyword: str = "") -> Request:
        """Ask for the entries of one province and kind, those that hold `keyword` if one is given."""
        wanted = {
            "pageNum": 1, "pageSize": national_policy().page_size, "provinceCode": province,
            "dataRegistType": int(kind), "industryCode": "", "industryName": "", "queryType": "", "keyword": keyword,
            "sortType": 1, "sortMethod": None,
        }  # fmt: skip
        return self._post("statistics/resourceDiscovery/getRegisterInfoSingleList", wanted)

    def parse_platforms(self, response: Response) -> tuple[Platform, ...]:
        """Read the platforms, one a province; raises PageError where none is named."""
        found = bodies.json_object(bodies.decode(response).text)
        rows = found.get("data")
        named = [_platform(row) for row in rows] if isinstance(rows, list) else []
        by_province = {one.province: one for one in named if one}
        if not by_province:
            bodies.check_envelope(found)
            raise PageDriftedError("the answer names no platform at data[].provinceCode")
        return tuple(by_province.values())

    def parse_entries(self, response: Response, title: str = "") -> Entries:
        """Read how many entries there are; raises PageError for an answer that does not say so."""
        found = bodies.json_object(bodies.decode(response).text)
        printed = next((total for place in _TOTALS if (total := search(place, found)) is not None), None)
        total, oddities = bodies.total(printed)
        if total is None:
            bodies.check_envelope(found)
            raise PageDriftedError(f"the answer says no number of entries: {'; '.join(oddities)}")
        rows = next((rows for place in _ROWS if isinstance(rows := search(place, found), list)), [])
        same = [row for row in rows if isinstance(row, dict) and _bears(row, title)]
        codes = filter(None, (bodies.native_id(row.get("dataRegistCode")) for row in same))
        return Entries(total, tuple(dict.fromkeys(codes))[: national_policy().codes])

    def _post(self, path: str, wanted: dict[str, Any]) -> Request:
        return within(JsonRequest(f"{self._root}/{path}", data=wanted, dont_filter=True), self.group)


def _platform(row: Any) -> Platform | None:
    code = bodies.native_id(row.get("provinceCode")) if isinstance(row, dict) else ""
    return Platform(code, bodies.plain(bodies.scalar(row.get("platformName")))) if code else None


def _bears(row: dict[str, Any], title: str) -> bool:
    key = title_key(title)
    return bool(key) and any(isinstance(value, str) and title_key(value) == key for value in row.values())
