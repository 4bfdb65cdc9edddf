"""The kind of a file by its bytes, and whether it contradicts the format that its portal declares."""

import re
from collections.abc import Mapping
from functools import cache

import puremagic

from opendata_spiders import normalise
from opendata_spiders.files.parse.archive import Archive
from opendata_spiders.files.parse.delimiters import delimiter_of
from opendata_spiders.files.parse.errors import UnreadableError
from opendata_spiders.normalise.file_formats import OTHER
from opendata_spiders.pages import bodies
from opendata_spiders.tables import Tables

_TABLES = Tables("opendata_spiders.files.parse")
HTML = "html"
NOT_FILES = frozenset({"api", "link", "database"})
"""Declared formats that are no files."""
_HEAD = 4096
_BINARY_SHARE = 0.05
"""Share of control characters among the first characters above which bytes count as binary."""
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\ufffd]")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|script|meta)\b", re.IGNORECASE)
_TAG = re.compile(r"<(?!\w+://)[?!A-Za-z_\u4e00-\u9fff]")
"""Markup, but not N-Triples, which begin with an address in angle brackets."""
_OFFICE_HTML, _OFFICE_XML = "urn:schemas-microsoft-com:office:excel", "urn:schemas-microsoft-com:office:spreadsheet"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOOKS = (("xlsx", "xl/workbook."), ("docx", "word/document."), ("pptx", "ppt/presentation."))
_STREAMS = (("xls", "Workbook"), ("xls", "Book"), ("doc", "WordDocument"), ("ppt", "PowerPoint Document"))
"""Names of the streams by which the documents in Microsoft's compound files are told apart."""


def declared_format(declared: str) -> str:
    """Fold what a portal declares to one of normalise.FORMATS; OTHER where it says none or several."""
    found = normalise.formats(declared)
    return found[0] if len(found) == 1 else OTHER


def kind_of(body: bytes, text: str | None) -> str:
    """Return a file's kind; '' for unknown bytes. `text`: the body as `text_of` reads it."""
    magic = _magic(body[:_HEAD])
    if magic == "zip":
        return _kind_in_zip(body)
    if magic == "ole":
        return next((kind for kind, name in _STREAMS if name.encode("utf-16-le") in body), "ole")
    return magic or ("" if text is None else _kind_of_text(text))


def text_of(body: bytes) -> str | None:
    """Decode a file that is text; None for binary ones."""
    if body[:2] in _UTF16:
        text = body.decode("utf-16", "replace")
    elif b"\0" in body[:_HEAD]:
        return None
    else:
        text = bodies.decode_bytes(body).text
    head = text[:_HEAD]
    return None if len(_NO_TEXT.findall(head)) > _BINARY_SHARE * len(head) else text


def contradicts(format_: str, kind: str) -> bool:
    """Whether a kind cannot be what the declared format says; an unknown format or kind contradicts nothing."""
    row = _formats().get(format_)
    return bool(kind) and row is not None and kind not in row["kinds"].split()


def readable(format_: str, kind: str) -> bool:
    """Whether a program that expects the declared format can read a file of this kind, as far as we can judge."""
    row = _formats().get(format_)
    return row is None or not row["readable"] or kind in row["readable"].split()


def _magic(head: bytes) -> str:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return ""
    known = _extensions()
    return next((known[m.extension.lstrip(".")] for m in matches if m.extension.lstrip(".") in known), "")


def _kind_in_zip(body: bytes) -> str:
    try:
        names = Archive(body).names
    except UnreadableError:
        return "zip"
    # An OpenDocument file names its kind, uncompressed, in its first member.
    other = "ods" if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in body[:200] else "zip"
    return next((kind for kind, name in _BOOKS if any(one.startswith(name) for one in names)), other)


def _kind_of_text(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")[:_HEAD]
    if start[:1] in ("{", "["):
        return "json"
    if not _TAG.match(start):
        return "csv" if delimiter_of(text) else "txt"
    folded = start.lower()
    if _OFFICE_HTML in folded and "<html" in folded:
        return "excel_html"
    if _OFFICE_XML in folded:
        return "excel_xml"
    return HTML if _HTML.match(start) or ("<html" in folded and not folded.startswith("<?xml")) else "xml"


@cache
def _extensions() -> Mapping[str, str]:
    return {row["extension"]: row["kind"] for row in _TABLES.rows("kinds", "extension", "kind")}


@cache
def _formats() -> Mapping[str, Mapping[str, str]]:
    return {row["format"]: row for row in _TABLES.rows("formats", "format")}
