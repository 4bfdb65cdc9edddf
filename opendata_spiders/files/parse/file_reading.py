"""Reads one file: kind, header, rows and hash, or why it is unusable. Pure functions of its bytes."""

from dataclasses import dataclass, replace

from opendata_spiders.files.parse import kinds
from opendata_spiders.files.parse.archive import Archive
from opendata_spiders.files.parse.content import Sheet, content_of
from opendata_spiders.files.parse.delimiters import delimiter_of
from opendata_spiders.files.parse.errors import UnreadableError
from opendata_spiders.files.parse.tables import book_sheets, json_sheet, text_sheet, xml_sheet
from opendata_spiders.store.content import digest

_BOOKS = frozenset({"xlsx", "xls", "ods"})


@dataclass(frozen=True, slots=True)
class FileReading:
    """What is in a file."""

    why: str = ""
    """Class of the failure (failures.csv); empty if there is none."""
    kind: str = ""
    columns: tuple[str, ...] = ()
    rows: int | None = None
    content_hash: str = ""


def read(body: bytes, declared: str) -> FileReading:
    """Read a whole file of which the portal declares this format (in its own words).

    Raises ReaderError when our own reader fails, and nothing else, whatever the bytes are.
    """
    return _read(body, kinds.declared_format(declared), packed=False)


def read_head(head: bytes, declared: str) -> FileReading:
    """Read the beginning of a file that was cut: its kind, and the header where it is separated text."""
    format_ = kinds.declared_format(declared)
    text = kinds.text_of(head[: head.rfind(b"\n") + 1] or head)
    kind = kinds.kind_of(head, text)
    if kind == "json" and format_ != "json":
        kind = _kind_of_lines(text or "")
    if why := _refusal(format_, kind):
        return FileReading(why, kind)
    columns = content_of([text_sheet(text or "")]).columns if kind == "csv" else ()
    return FileReading(kind=kind, columns=columns)


def _read(body: bytes, format_: str, *, packed: bool) -> FileReading:
    if not body.strip():
        return FileReading("empty")
    text = kinds.text_of(body)
    kind = _kind(body, text, format_)
    if why := _refusal(format_, kind):
        return FileReading(why, kind)
    try:
        return _contents(body, text, kind, format_, packed=packed)
    except UnreadableError:
        return FileReading("unreadable", kind)


def _refusal(format_: str, kind: str) -> str:
    if kind == kinds.HTML:
        return "html"
    return "wrong_type" if kinds.contradicts(format_, kind) else ""


def _kind(body: bytes, text: str | None, format_: str) -> str:
    """Return the kind; text that merely begins like JSON is a table unless JSON is declared."""
    kind = kinds.kind_of(body, text)
    if kind != "json" or format_ == "json":
        return kind
    try:
        json_sheet(text or "")
    except UnreadableError:
        return _kind_of_lines(text or "")
    return kind


def _kind_of_lines(text: str) -> str:
    return "csv" if delimiter_of(text) else "txt"


def _contents(body: bytes, text: str | None, kind: str, format_: str, *, packed: bool) -> FileReading:
    if not kinds.readable(format_, kind):
        raise UnreadableError(f"a file of kind {kind!r} is not readable as {format_}")
    sheets = _sheets(body, text or "", kind, format_)
    if sheets is not None:
        content = content_of(sheets)
        return FileReading("", kind, content.columns, content.rows, content.content_hash)
    if kind == "zip" and not packed:
        return replace(_unpacked(body), kind=kind)
    return FileReading("", kind, content_hash=digest(body))


def _sheets(body: bytes, text: str, kind: str, format_: str) -> list[Sheet] | None:
    """Return the tables of a file; None where it holds none that we read."""
    if kind in _BOOKS:
        return book_sheets(body)
    if kind in {"json", "xml"}:
        sheet = json_sheet(text) if kind == "json" else xml_sheet(text)
        return None if sheet is None else [sheet]
    if kind == "csv" or (kind == "txt" and format_ == "csv"):
        return [text_sheet(text)]
    return None


def _unpacked(body: bytes) -> FileReading:
    """Read the only table of an archive; any other archive is identified by its listing. One level deep."""
    archive = Archive(body)
    table = archive.only_table()
    if table is None:
        return FileReading(content_hash=archive.listing_hash)
    format_, inner = table
    return _read(inner, kinds.declared_format(format_), packed=True)
