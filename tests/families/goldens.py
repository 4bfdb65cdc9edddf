"""Golden pages: tests/fixtures/<family>/<case>/{meta.json, body.*, expected.json}.

A case is one page as a portal might send it. `expected.json` holds what must be read from it: per row the raw values
and the normalised record, or the error. Write the expectation of new cases with

    python -m tests.families.goldens [family/case …]

and then read every value of it: the file is the claim of a person, the command only saves the typing. An expectation
that exists is left alone unless the case is named.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.http import Response, TextResponse
from scrapy.settings import Settings

from opendata_spiders import families
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.items import RawValues
from opendata_spiders.loader import RegisterSpiderLoader
from opendata_spiders.normalise import normalise
from opendata_spiders.pages.contract import Detail, FilesPage, ListPage, PageError, TablePreview

FIXTURES = Path(__file__).parent.parent / "fixtures"
FAMILIES = Path(families.__file__ or "").parent
MATCH_LENGTH = 60


@cache
def loader() -> RegisterSpiderLoader:
    return RegisterSpiderLoader(Settings())


@dataclass(frozen=True)
class Case:
    """One folder of fixtures."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def family(self) -> str:
        return self.path.parent.name

    @cached_property
    def meta(self) -> Mapping[str, Any]:
        return json.loads((self.path / "meta.json").read_text("utf-8"))

    @cached_property
    def expected(self) -> Mapping[str, Any]:
        return json.loads((self.path / "expected.json").read_text("utf-8"))

    @cached_property
    def spider(self) -> PortalSpider:
        """Reads the portal of the row `slug`, also one that is not read tonight, or one without a row; as `arguments`
        say."""
        slug, arguments = self.meta["slug"], self.meta.get("arguments", {})
        if slug in loader().register.portals:
            return loader().spider_class(loader().register.get(slug))(**arguments)
        return loader().load(self.family)(slug=slug, **arguments)

    @cached_property
    def fault(self) -> str:
        """Why the case cannot be used, and what to do; '' if it can."""
        try:
            spider, asked = self.spider, self.request
        except FileNotFoundError:
            return f"{self.path} has no meta.json: write it, or remove the folder (docs/adding-a-portal.md, 5)"
        except (ValueError, KeyError, IndexError, TypeError) as error:
            said = f"{type(error).__name__}: {error}"
            return f"{self.path / 'meta.json'} names no page of a portal that can be asked for; correct it ({said})"
        return (
            "" if spider and asked else f"{self.family} asks for no page of the kind {self.meta['kind']}: {self.path}"
        )

    @property
    def has_expectation(self) -> bool:
        return (self.path / "expected.json").exists()

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.meta["frozen_time"])

    @property
    def body_kind(self) -> str:
        is_detail = self.meta["kind"] == "detail"
        return self.spider.detail_kind if is_detail and self.spider.detail_kind else self.spider.body_kind

    @property
    def body(self) -> bytes:
        (file,) = self.path.glob("body.*")
        return file.read_bytes()

    @property
    def request(self) -> Request:
        if self.meta["kind"] == "list":
            return self.spider.list_request(self.meta["page"])
        if self.meta["kind"] == "files":
            return self.spider.files_request(self.meta["id"], 1)
        if self.meta["kind"] == "preview":
            return self.spider.preview_requests(self.meta["id"])[self.meta["part"]]
        return self.spider.detail_request(self.meta["id"])

    @property
    def response(self) -> Response:
        charset = self.meta["header_charset"]
        kind = "application/json" if self.body_kind == "json" else "text/html"
        header = f"{kind};charset={charset}" if charset else kind
        url = self.meta.get("answered_url", self.request.url)
        headers = {"Content-Type": header}
        return TextResponse(url, status=self.meta["status"], headers=headers, body=self.body, request=self.request)

    @cached_property
    def page(self) -> ListPage | Detail | FilesPage | TablePreview | PageError:
        """What the crawl would make of the page: the checks every response goes through, then the family's parser."""
        try:
            if self.meta["kind"] == "files":
                return self.spider.parse_files(self.response, self.meta["id"])
            if self.meta["kind"] == "preview":
                return self.spider.parse_preview(self.response, self.meta["id"], self.meta["part"])
            if self.meta["kind"] == "list":
                return self.spider.read_list(self.response)
            return self.spider.read_detail(self.response, self.meta["id"])
        except PageError as error:
            return error

    @cached_property
    def outcome(self) -> Mapping[str, Any]:
        """The page in the shape of expected.json."""
        page = self.page
        if isinstance(page, PageError):
            return {"error": type(page).__name__, "match": str(page)[:MATCH_LENGTH]}
        if isinstance(page, FilesPage | TablePreview):
            return _plain(asdict(page))
        if isinstance(page, Detail):
            return _plain(self._record(page.values) | {"page_url": self.spider.page_url(self.meta["id"])})
        rows = [
            {"id": row.id, "page_url": self.spider.page_url(row.id)} | self._record(row.values) for row in page.rows
        ]
        facts = {"declared": page.declared, "without_id": page.without_id, "oddities": page.oddities}
        facts |= {} if page.pages is None else {"pages": page.pages}
        return _plain(facts | {"rows": rows})

    @property
    def records(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Label and record of every expected row, or of the one detail."""
        if "error" in self.expected or self.meta["kind"] in ("files", "preview"):
            return []
        if self.meta["kind"] == "detail":
            return [("detail", self.expected)]
        return [(f"row{number}", row) for number, row in enumerate(self.expected["rows"])]

    def _record(self, values: RawValues) -> dict[str, Any]:
        family = f"{self.family}/{self.spider.target.slug}"
        read = normalise(values, family=family, tz=self.spider.target.timezone, now=self.now)
        return {"raw": values, "normalised": asdict(read)}


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, ensure_ascii=False, default=_text))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def cases() -> list[Case]:
    """Every case that can be used: one with a fault fails its own test, not those of others."""
    return [case for case in laid() if not case.fault]


@cache
def laid() -> Sequence[Case]:
    """Every folder below tests/fixtures/<family>/ of a family that has a module."""
    folders = [path for path in sorted(FIXTURES.iterdir()) if (FAMILIES / f"{path.name}.py").exists()]
    return [Case(path) for folder in folders for path in sorted(folder.iterdir()) if path.is_dir()]


def main(names: list[str]) -> int:
    for case in cases():
        if case.name in names or not case.has_expectation:
            file = case.path / "expected.json"
            file.write_text(json.dumps(case.outcome, ensure_ascii=False, indent=1) + "\n", "utf-8")
            print(f"{case.name}: read every value in {file}")
    faults = [case.fault for case in laid() if case.fault]
    print(*faults, sep="\n", end="\n" if faults else "", file=sys.stderr)
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
