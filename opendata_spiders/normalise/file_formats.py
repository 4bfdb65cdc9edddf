"""File formats and kinds of service, in whatever notation a portal lists them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from opendata_spiders.normalise import texts
from opendata_spiders.normalise.codes import code_row
from opendata_spiders.normalise.vocabulary import table

TEMPLATE = "field.formats_template"
UNKNOWN_WORD = "field.formats_unknown"
FORMATS = ("xls", "xlsx", "csv", "json", "xml", "rdf", "doc", "docx", "pdf", "zip", "rar", "api", "link", "database")
OTHER = "other"

_SEPARATORS = ",，;；|/\\、\n\t []'\"+"
_ENDINGS = re.compile(r"(格式|文件|文档|表格|服务)+$")
_BEFORE = re.compile(r"(?:https?://\S*/|(?:application|text|image)/(?:vnd\.)?)(?=[^/\s]+$)")
"""What stands before the format in a media type, and in an address of a vocabulary (http://…/file-type/CSV)."""
_UNRENDERED = re.compile(r"\$\w+|\$?\{|<%|\}")


@dataclass(frozen=True, slots=True)
class FormatReading:
    """Formats of one dataset: sorted, none twice, each one of FORMATS or OTHER."""

    formats: tuple[str, ...]
    finding: str | None = None


def formats(raw: object, *, family: str | None = None) -> tuple[str, ...]:
    """Formats named by a list or by a string that holds one («xls,xml», «['api']»). Never raises."""
    return format_reading(raw, family=family).formats


def format_reading(raw: object, *, family: str | None = None) -> FormatReading:
    """As `formats`, with what was odd: a template that was never filled in, an unknown word."""
    return _read(texts.pieces(raw), family)


@lru_cache(maxsize=4096)
def _read(written: tuple[str, ...], family: str | None) -> FormatReading:
    pieces = [_BEFORE.sub("", piece) for piece in texts.parts(written)]
    rendered = [piece for piece in pieces if not _UNRENDERED.search(piece)]
    words = [word for word in texts.parts(rendered, _SEPARATORS) if not texts.is_blank(word)]
    known = [_known(word, family) for word in words]
    finding = TEMPLATE if len(rendered) < len(pieces) else UNKNOWN_WORD if None in known else None
    return FormatReading(tuple(sorted({found or OTHER for found in known})), finding)


def _known(word: str, family: str | None) -> str | None:
    """Look a word up as it stands, then without endings that only say file or service."""
    row = code_row("format_codes", family, word)
    folded = texts.fold(row["word"] if row else word).lstrip(".*")
    return _words().get(folded) or _words().get(_ENDINGS.sub("", folded))


@cache
def _words() -> Mapping[str, str]:
    return table.keyed("formats", "word", "format", allowed=(*FORMATS, OTHER))
