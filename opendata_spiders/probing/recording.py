"""Keeps a trial reading as golden pages: tests/fixtures/<family>/<case>/{meta.json, body.*}, redacted.

The expected values (expected.json) are checked by a person and not written here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from w3lib.encoding import http_content_type_encoding

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.pages.contract import ListPage, PageError
from opendata_spiders.probing.looks import PortalLook
from opendata_spiders.probing.redact import redacted

EXPECTED = "expected.json"
_CHARSETS = ("utf-8", "gb18030", "big5")


class NotRecordedError(Exception):
    """Raised when a page cannot be kept; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One golden page that was written."""

    folder: Path
    removed: Mapping[str, int]
    """Number of redactions by kind."""

    @property
    def case(self) -> str:
        """Name of the case in the tests."""
        return f"{self.folder.parent.name}/{self.folder.name}"


def folders(spider: PortalSpider, fixtures: Path) -> tuple[Path, Path]:
    """Where the list and the detail of a portal are kept."""
    family = fixtures / spider.family
    return family / f"list_recorded_{spider.target.slug}", family / f"detail_recorded_{spider.target.slug}"


def case_kind(folder: Path) -> str:
    """The kind of a golden page: list, detail or files; empty where its meta.json names none."""
    meta = folder / "meta.json"
    return str(json.loads(meta.read_text("utf-8")).get("kind", "")) if meta.exists() else ""


def record(look: PortalLook, fixtures: Path, now: datetime) -> Iterator[Recorded]:
    """Write the pages of a trial reading, redacted; the expectation of an overwritten page is removed.

    Raises NotRecordedError where the portal gave no list, or where redaction changes what is read from a page.
    """
    spider, (list_folder, detail_folder) = look.spider, folders(look.spider, fixtures)
    if look.list.response is None or not look.list.response.body.strip():
        raise NotRecordedError(f"the portal gave no list: {look.list.error}")
    ids = [row.id for row in look.list.page.rows] if look.list.page else []
    first = spider.first_page
    listed = _Answer(spider.body_kind, {"kind": "list", "page": first}, spider.list_request(first), look.list.response)
    yield _written(list_folder, spider, listed, ids, now)
    if look.detail is not None and look.detail.response is not None:
        asked, kind = {"kind": "detail", "id": look.id}, spider.detail_kind or spider.body_kind
        detail = _Answer(kind, asked, spider.detail_request(look.id), look.detail.response)
        yield _written(detail_folder, spider, detail, ids, now)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer, and the keys of meta.json that describe its request."""

    body_kind: str
    asked: Mapping[str, Any]
    """Keys of meta.json."""
    request: Request
    response: Response


def _written(folder: Path, spider: PortalSpider, answer: _Answer, ids: Sequence[str], now: datetime) -> Recorded:
    response = answer.response
    charset, text = _decoded(response.body, spider.target.charset)
    text, removed = redacted(text, ids)
    body = text.encode(charset, "surrogateescape")
    if answer.asked["kind"] == "list" and ids and _ids(spider, response.replace(body=body)) != ids:
        raise NotRecordedError("once it is redacted the list has other ids: record it by hand")
    header = (response.headers.get("Content-Type") or b"").decode("latin-1")
    meta = {
        "about": f"Recorded from {spider.base_url} on {now:%Y-%m-%d}; {removal_note(removed)}.",
        "frozen_time": now.replace(microsecond=0).isoformat(),
        "slug": spider.target.slug,
        **answer.asked,
        "status": response.status,
        "encoding": charset,
        "header_charset": http_content_type_encoding(header),
    }
    if spider.portal is None:
        meta["arguments"] = _arguments(spider)
    if response.url != answer.request.url:
        meta["answered_url"] = redacted(response.url, ids)[0]
    folder.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("body.*"), folder / EXPECTED):
        old.unlink(missing_ok=True)
    (folder / f"body.{answer.body_kind}").write_bytes(body)
    (folder / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return Recorded(folder, removed)


def _arguments(spider: PortalSpider) -> dict[str, str]:
    """The spider arguments that reproduce a portal that the register does not hold."""
    target = spider.target
    given = {"context_path": target.context_path, "tenant": urlencode(target.tenant), "charset": target.charset or ""}
    return {"base_url": target.base_url} | {name: value for name, value in given.items() if value}


def _decoded(body: bytes, charset: str | None) -> tuple[str, str]:
    """The charset that encodes a body's text back to the same bytes, and the text."""
    for one in (charset, *_CHARSETS) if charset else _CHARSETS:
        try:
            text = body.decode(one)
        except UnicodeDecodeError:
            continue
        if text.encode(one) == body:
            return one, text
    return "utf-8", body.decode("utf-8", "surrogateescape")


def _ids(spider: PortalSpider, answer: Response) -> list[str]:
    try:
        page: ListPage = spider.parsed(lambda: spider.parse_list(answer), answer)
    except PageError:
        return []
    return [row.id for row in page.rows]


def removal_note(removed: Mapping[str, int]) -> str:
    """The redactions, as the end of a sentence."""
    said = [f"{kind} ×{count}" for kind, count in sorted(removed.items())]
    return f"taken out: {', '.join(said)}" if said else "nothing had to be taken out"
