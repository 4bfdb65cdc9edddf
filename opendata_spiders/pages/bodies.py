"""Reads the bodies portals send: their characters, their JSON, their totals. Shared by the families' parsers.

Everything here either returns or raises a PageError: a hostile or broken body never raises anything else.
"""

import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from charset_normalizer import from_bytes
from lxml import etree
from parsel import Selector
from parsel.selector import create_root_node
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

from opendata_spiders.pages.contract import PageBlockedError, PageDriftedError, PageError, PageUnreachableError
from opendata_spiders.policy import policy

if TYPE_CHECKING:
    from scrapy.http import Response

CHARSETS: Final = ("utf_8", "gb18030", "big5")
"""What Chinese portals are written in; anything else a header names is a mistake of the server."""
DAMAGED_SHARE: Final = 0.1
"""UTF-8 text with fewer broken characters than this among its non-ASCII ones is damaged UTF-8, not another charset:
databases cut titles in the middle of a character. Text in GBK breaks at nearly every one."""
SAMPLE_BYTES: Final = 1 << 16
"""Bytes of a body by which its charset is detected: whole files may have 20 MB."""
MESSAGE_LENGTH: Final = 120
LONGEST_INT: Final = 18
"""Digits of a number that fits into 64 bits; a longer one is kept as text."""
MOST_ACCENTS: Final = 30
"""Combining accents kept after one character (UAX #15, stream-safe text)."""
_MAYBE_ACCENT = re.compile(
    "[\u0300-\u1fff\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ua66f-\uabff\ufb1e\ufe20-\ufe2f\U00010000-\U0001efff]"
)
_MAYBE_ACCENTS = re.compile(f"{_MAYBE_ACCENT.pattern}{{{MOST_ACCENTS + 1},}}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_CONTROL_IN_TAG = re.compile(f"<[^<>{_NOT_XML.pattern[1:-1]}]*{_NOT_XML.pattern}[^<>]*>")
_ODD_NUMBER = re.compile(r"(?:^|[:,\[\s])-?(?:[0-9]{19}|[0-9]+(?:\.[0-9]+)?[eE]\+?[0-9]{3})")
"""What a number of JSON that no database holds has: so many figures, or an exponent of so many."""
_TOTAL = re.compile(r"[^\d-]{0,20}?(\d{1,3}(?:[,，]\d{3})+|\d{1,12})(?![\d.,])[^\d万亿千百]{0,20}")
_ROUNDED = re.compile(r"(?:约|近|超|超过|逾|大于|多于|不足)\s*\d|\d\s*[余多+＋]")
"""A total that is only about right: «约60», «60+»."""
_FINE_CODES = frozenset({"", "200"})
"""Without leading zeros: Shanghai writes 000000."""
_WALL_CODES = frozenset({"401", "403"})


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded body and what was odd about its characters (English phrases)."""

    text: str
    oddities: tuple[str, ...] = ()


def decode(response: "Response", charset: str | None = None) -> Text:
    """Decode a body; `charset` (the register row's) wins over all, and the bytes win over the header.

    A wrong header garbles a page without an error, so valid UTF-8 is UTF-8 whatever the header says; else a declared
    Chinese charset that fits; else detection among CHARSETS.
    """
    header = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
    declared = http_content_type_encoding(header) or html_body_declared_encoding(response.body) or ""
    return decode_bytes(response.body, charset, declared)


def decode_bytes(body: bytes, charset: str | None = None, declared: str = "") -> Text:
    """As `decode`, for bytes alone; `declared` is the charset that a header or the like states."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    if charset:
        return _replacing(body, charset)
    try:
        return Text(body.decode("utf-8"))
    except UnicodeDecodeError:
        damaged = body.decode("utf-8", "replace")
    if damaged.count("\ufffd") < DAMAGED_SHARE * sum(char > "\x7f" for char in damaged):
        return Text(damaged, ("characters that are not utf-8 were replaced",))
    charset = declared if declared in CHARSETS[1:] else _detected(body)
    said = f" although {declared} is declared" if declared not in (charset, "") else ""
    read = _replacing(body, charset)
    return Text(read.text, (f"the body is {charset}{said}", *read.oddities))


def _replacing(body: bytes, charset: str) -> Text:
    text = body.decode(charset, "replace")
    return Text(text, (f"characters that are not {charset} were replaced",) if "\ufffd" in text else ())


def _detected(body: bytes) -> str:
    if len(body) > SAMPLE_BYTES:  # cut at the end of a line: no character of these charsets holds a line feed
        body = body[:SAMPLE_BYTES].rpartition(b"\n")[0] or body
    best = from_bytes(body, cp_isolation=list(CHARSETS[1:])).best()
    return best.encoding if best else CHARSETS[1]


def html_page(text: str) -> Selector:
    """Parse an HTML page; raises PageDriftedError for one that is larger or deeper nested than a portal's pages are."""
    rules = policy()
    if text.count("<") > 2 * rules.page_tags:
        raise PageDriftedError(f"a page of more than {rules.page_tags:,} tags")
    if _CONTROL_IN_TAG.search(text):  # XML has no such names, and lxml raises where it meets one
        text = _CONTROL_IN_TAG.sub(lambda tag: _NOT_XML.sub(" ", tag[0]), text)
    # Plain elements: of those that parsel makes, lxml.html's, each asks a Python function for its class.
    page = Selector(root=create_root_node(text, etree.HTMLParser), type="html")
    elements = depths = depth = 0
    for event, _ in etree.iterwalk(page.root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start":
            elements, depths = elements + 1, depths + depth
        if elements > rules.page_tags or depths > rules.page_nesting:
            raise PageDriftedError(f"a page of more than {rules.page_tags:,} tags, or nested too deep")
    return page


def json_object(text: str) -> dict[str, Any]:
    """Read a body that is a JSON object; raises as `json_value` does, PageDriftedError too for another value."""
    value = json_value(text)
    if not isinstance(value, dict):
        raise PageDriftedError(f"a JSON {type(value).__name__} where an object is due")
    return value


def json_value(text: str) -> Any:
    """Read a body that is JSON; raises PageUnreachableError if it is cut off, else PageDriftedError.

    Numbers that no database holds (infinite, beyond 64 bits) come back as the text they were written as.
    """
    stripped = text.strip()
    try:
        if _ODD_NUMBER.search(stripped):
            return json.loads(stripped, parse_int=_int, parse_float=_float, parse_constant=str)
        return json.loads(stripped, parse_constant=str)  # ten times as fast: no function is called for every number
    except json.JSONDecodeError as error:
        _raise_bad_json(stripped, error)
    except RecursionError:
        raise PageDriftedError("the JSON is nested deeper than can be read") from None


def _raise_bad_json(text: str, error: json.JSONDecodeError) -> NoReturn:
    if not text:
        raise PageUnreachableError("an empty body")
    unfinished = error.pos >= len(text) or text[-1] not in "}]"
    if text[0] in "{[" and unfinished and error.msg != "Extra data":
        raise PageUnreachableError(f"the body is cut off after {len(text)} characters of JSON")
    raise PageDriftedError(f"no JSON at character {error.pos}: {plain(text[error.pos : error.pos + 40])!r}")


def _int(digits: str) -> int | str:
    return int(digits) if len(digits.lstrip("-")) <= LONGEST_INT else digits


def _float(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) else digits


def check_envelope(answer: Mapping[str, Any]) -> None:
    """Raise the PageError that an error inside an HTTP 200 amounts to (`code`, `success`, GraphQL's `errors`)."""
    code = "" if answer.get("code") is None else str(answer["code"]).strip().lstrip("0")
    if isinstance(answer.get("errors"), list) and answer["errors"]:
        raise PageUnreachableError(f"the answer says errors inside HTTP 200: {plain(json_text(answer['errors']))}")
    if code in _FINE_CODES and answer.get("success") is not False:
        return
    words = plain(answer.get("message") or answer.get("msg") or "no message")
    kind: type[PageError] = PageBlockedError if code in _WALL_CODES else PageUnreachableError
    said = f"the error code {plain(code)}" if code not in _FINE_CODES else "success: false"
    raise kind(f"the answer says {said} inside HTTP 200: {words}")


def plain(value: object, length: int = MESSAGE_LENGTH) -> str:
    """Portal text for an error message: no control or direction characters, cut to `length`."""
    return _CONTROL.sub(" ", str(value)).strip()[:length]


def total(value: object) -> tuple[int | None, tuple[str, ...]]:
    """Read a total, which must be exact («4,120», «共 4120 条», 4120; not «4.1万», «约60»): number and oddities."""
    if isinstance(value, bool) or value is None or value == "":
        return None, ("the total is missing" if value in (None, "") else f"the total is not a number: {value}",)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = _TOTAL.fullmatch(str(value).strip()) if isinstance(value, str | int) else None
    if found is None or _ROUNDED.search(str(value)):
        return None, (f"the total is not a number: {plain(value, 40)!r}",)
    return int(re.sub(r"[,，]", "", found[1])), ()


def of_pages(read: tuple[int | None, tuple[str, ...]]) -> tuple[int | None, tuple[str, ...]]:
    """The result of `total` with its oddities worded for a number of pages."""
    number, oddities = read
    return number, tuple(odd.replace("the total", "the number of pages") for odd in oddities)


def scalar(value: Any) -> str | int | float:
    """Return a raw value that a hash and a database can hold: null becomes '', nested JSON its text."""
    if isinstance(value, str):
        return whole(value)
    if value is None:
        return ""
    if isinstance(value, (bool, dict, list)):
        return json_text(value)
    return value if isinstance(value, (int, float)) else whole(str(value))


def many(value: Any) -> str | int | float | list[str | int | float]:
    """Return a raw value that may be a list: its parts as `scalar` returns them."""
    return [scalar(part) for part in value] if isinstance(value, list) else scalar(value)


def json_text(value: Any) -> str:
    """Write JSON as evidence is kept: one line, characters as they are."""
    return whole(json.dumps(value, ensure_ascii=False))


def evidence(body: Any) -> str:
    """Write a row as it was read as the text that is kept of it: HTML as it is, a value of JSON as JSON."""
    try:
        return body if isinstance(body, str) else json_text(body)
    except RecursionError:
        return "(nested deeper than can be written)"


def whole(text: str) -> str:
    """Replace halves of surrogate pairs, which no database can store, and cut long runs of combining accents.

    Unicode normalisation takes quadratic time on a run of accents, a second for 40,000; Unicode's «stream-safe» text
    has 30 at most.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    # A run that is too long holds one at least of these few characters, among which there is mostly none.
    is_suspect = _MAYBE_ACCENT.search(text[MOST_ACCENTS :: MOST_ACCENTS + 1])
    return _MAYBE_ACCENTS.sub(_fewer_accents, text) if is_suspect else text


def _fewer_accents(run: re.Match[str]) -> str:
    kept, row = [], 0
    for char in run[0]:
        row = row + 1 if unicodedata.combining(char) else 0
        if row <= MOST_ACCENTS:
            kept.append(char)
    return "".join(kept)


def native_id(value: Any) -> str:
    """Return a dataset's id as text; '' for what cannot be one (null, a flag, nested JSON, blanks)."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return whole(str(value)).strip()
