"""A request that a page sent itself, asked again for another page of its list.

The request is taken apart into its path, query, form or JSON body (JSON within a form's value included), so that one
number in it can be changed and all else stays as the page sent it.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from scrapy import Request

from opendata_spiders.rendered.answers import Path, from_text
from opendata_spiders.rendered.policy import paging_word, paging_words

_HOP_HEADERS: Final = frozenset(
    {"host", "connection", "content-length", "accept-encoding", "transfer-encoding", "upgrade", "keep-alive", "te"}
)
_NUMBER = re.compile(r"\d{1,9}")
_NUMBERED_STEP = re.compile(r"/\d{1,9}(?=/|$)")


class Asked(Protocol):
    """A request that a page sent, and its answer: an `Exchange` of the browser."""

    @property
    def method(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> str: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class NumberSlot:
    """A number in a request that says which page, which offset, or how many entries."""

    path: Path
    """Its place: `path`, `query` or `body` first, then keys and places."""
    word: str
    """Its key, as the page writes it."""
    value: int
    """What the page sent there."""


@dataclass(frozen=True, slots=True)
class Replay:
    """How further pages of a list are asked for."""

    asked: Asked
    page: NumberSlot | None = None
    """Number of the page; `value` is that of the first page."""
    offset: NumberSlot | None = None
    """Entries before the page, in place of `page`."""
    size: NumberSlot | None = None
    """Entries a page."""

    @property
    def paged(self) -> bool:
        """Whether the request says which page it asks for."""
        return self.page is not None or self.offset is not None

    def request(self, turned: int, length: int) -> Request:
        """The request of the page that lies `turned` pages after the first, where pages have `length` entries."""
        values = {
            slot.path: slot.value + turned * step
            for slot, step in ((self.page, 1), (self.offset, length))
            if slot is not None
        }
        return _request(self.asked, values)


def call_of(asked: Asked) -> str:
    """What a request asks for, whichever page of it: its method, and its address without query and numbers."""
    return f"{asked.method} {_NUMBERED_STEP.sub('/#', asked.url.partition('?')[0])}"


def replay_of(asked: Asked) -> Replay:
    """Find page, offset and size in the first page's request by the words of their keys; a page counts from 0 or 1."""
    numbers = list(_numbers(_parts(asked)))
    page = _named(numbers, "page", lambda value: value in {0, 1})
    offset = None if page else _named(numbers, "offset", lambda value: value == 0)
    size = _named([one for one in numbers if one not in (page, offset)], "size", lambda value: value > 1)
    return Replay(asked, page, offset, size)


def learnt_from(first: Asked, second: Asked, length: int) -> Replay | None:
    """Find the number that a page's own pager changed between two requests: by 1, or by the `length` of a page.

    None where they differ in another way, or in more than one number, or are requests of different things.
    """
    one, two = (list(_numbers(_parts(asked))) for asked in (first, second))
    if first.method != second.method or [slot.path for slot in one] != [slot.path for slot in two]:
        return None
    moved = [(old, new) for old, new in zip(one, two, strict=True) if old.value != new.value]
    if len(moved) != 1 or _blanked(first, moved[0][0]) != _blanked(second, moved[0][0]):
        return None
    slot, step = moved[0][0], moved[0][1].value - moved[0][0].value
    size = replay_of(first).size
    if step == 1:
        return Replay(first, page=slot, size=size)
    return Replay(first, offset=slot, size=size) if step == length else None


def _blanked(asked: Asked, slot: NumberSlot) -> tuple[str, bytes]:
    request = _request(asked, {slot.path: 0})
    return request.url, request.body


def _named(numbers: Sequence[NumberSlot], meaning: str, fits: Any) -> NumberSlot | None:
    """The number whose key is the best word of that meaning."""
    words = paging_words(meaning)
    known = [one for one in numbers if paging_word(one.word) in words and fits(one.value)]
    return min(known, key=lambda one: (words[paging_word(one.word)], len(one.path)), default=None)


def _parts(asked: Asked) -> dict[str, Any]:
    """A request taken apart: steps of its path, pairs of its query, its body as pairs, as JSON or as its text."""
    parts = urlsplit(asked.url)
    query = [list(pair) for pair in parse_qsl(parts.query, keep_blank_values=True)]
    return {"path": parts.path.split("/"), "query": query, "body": _body(asked)}


def _body(asked: Asked) -> Any:
    value = from_text(asked.body.strip()) if asked.body.strip()[:1] in {"{", "["} else asked.body
    if not isinstance(value, str):
        return value
    kind = asked.headers.get("content-type", "")
    return [list(pair) for pair in parse_qsl(value, keep_blank_values=True)] if "form-urlencoded" in kind else value


def _numbers(parts: dict[str, Any]) -> Iterator[NumberSlot]:
    for place, step in enumerate(parts["path"]):
        if _NUMBER.fullmatch(step):
            yield NumberSlot(("path", place), "", int(step))
    for part in ("query", "body"):
        yield from _within(parts[part], (part,), "")


def _within(value: Any, at: Path, word: str) -> Iterator[NumberSlot]:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        value = from_text(value)
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _within(one, (*at, key), key)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            is_pair = isinstance(one, list) and len(one) == 2 and isinstance(one[0], str)
            yield from _within(one[1], (*at, place, 1), one[0]) if is_pair else _within(one, (*at, place), word)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield NumberSlot(at, word, value)
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        yield NumberSlot(at, word, int(value))


def _request(asked: Asked, values: Mapping[Path, int]) -> Request:
    parts: Any = _parts(asked)
    for path, value in values.items():
        parts = _changed(parts, path, value)
    url = urlsplit(asked.url)
    turned = any(path[0] == "query" for path in values)
    query = urlencode([tuple(pair) for pair in parts["query"]]) if turned else url.query
    where = urlunsplit(url._replace(path="/".join(parts["path"]), query=query, fragment=""))
    headers = {name: text for name, text in asked.headers.items() if name not in _HOP_HEADERS and name[:1] != ":"}
    return Request(where, method=asked.method, headers=headers, body=_body_text(asked, parts["body"]), dont_filter=True)


def _body_text(asked: Asked, body: Any) -> str:
    if isinstance(body, str):
        return body
    if asked.body.strip()[:1] in {"{", "["}:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return urlencode([tuple(pair) for pair in body])


def _changed(value: Any, path: Path, number: int) -> Any:
    """A copy of `value` with the number at `path` changed; JSON within a text is opened and closed again."""
    if not path:
        return str(number) if isinstance(value, str) else number
    if isinstance(value, str):
        return json.dumps(_changed(from_text(value), path, number), ensure_ascii=False, separators=(",", ":"))
    copied: Any = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = _changed(value[path[0]], path[1:], number)
    return copied


def with_cookies(replay: Replay, cookies: Mapping[str, str]) -> Replay:
    """The same with the cookies that the page has, which a browser adds behind the page's back."""
    if not cookies:
        return replay
    headers = {**replay.asked.headers, "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    asked = replay.asked
    return replace(replay, asked=SentRequest(asked.method, asked.url, headers, asked.body, asked.text))


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request with its answer, as plain data."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str = ""
    text: str = ""
