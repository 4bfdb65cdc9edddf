"""Readers of the register's cells: text in, value out; each raises ValueError with a plain sentence."""

import codecs
import re
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from opendata_spiders.register.models import Attested

_Word = TypeVar("_Word", bound=StrEnum)

_ADCODE = re.compile(r"[1-9][0-9]{5}")
_ID = re.compile(r"([1-9][0-9]{5}|[A-Z]{2})\.[1-9][0-9]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+")
_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BROWSERS = ("chrome", "edge", "firefox", "safari")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LIVE = re.compile(re.escape(Attested.COMPLETE_LIVE) + r" on ([0-9-]{10})")


def text(cell: str) -> str:
    if _CONTROL.search(cell):
        raise ValueError("line breaks and control characters are not allowed; write it on one line")
    return cell


def filled(cell: str) -> str:
    if not cell:
        raise ValueError("this cell must not be empty")
    return text(cell)


def word(kind: type[_Word], cell: str) -> _Word:
    try:
        return kind(cell)
    except ValueError:
        raise ValueError(f"{cell!r} is not one of {', '.join(kind)}") from None


def adcode(cell: str) -> str:
    if not _ADCODE.fullmatch(cell):
        raise ValueError(f"{cell!r} is no adcode; write the six digits of GB/T 2260, as 520100")
    return cell


def portal_id(cell: str) -> str:
    if not _ID.fullmatch(cell):
        raise ValueError(f"{cell!r} is no portal id; write the adcode or a country code, a dot and a number: 520100.1")
    return cell


def name(cell: str) -> str:
    """A slug or the name of a family."""
    if not _NAME.fullmatch(cell):
        raise ValueError(f"{cell!r} is no name here; use a-z, 0-9 and _, beginning with a letter")
    return cell


def aliases(cell: str) -> tuple[str, ...]:
    return tuple(alias for part in text(cell).split(";") if (alias := part.strip()))


def day(cell: str) -> date:
    try:
        value = date.fromisoformat(cell)
    except ValueError:
        value = None
    if value is None or value.isoformat() != cell:
        raise ValueError(f"{cell!r} is no date; write it as 2023-06-30")
    return value


def rough_date(cell: str) -> str:
    """A year, month or day that is only shown, or nothing."""
    padded = cell + "-01" * (2 - cell.count("-"))
    if cell:
        try:
            day(padded)
        except ValueError:
            raise ValueError(f"{cell!r} is no date; write 2026, 2026-04 or 2026-04-30, or leave it empty") from None
    return cell


def count(cell: str) -> int | None:
    if cell and not (cell.isascii() and cell.isdigit()):
        raise ValueError(f"{cell!r} is no number; write plain digits or leave it empty")
    return int(cell) if cell else None


def yes(cell: str) -> bool:
    if cell not in {"yes", "no", ""}:
        raise ValueError(f"{cell!r} is not one of yes, no")
    return cell == "yes"


def attested(cell: str) -> tuple[Attested, date | None]:
    """Read how a portal is attested; `complete live on 2026-11-23` carries its date."""
    if match := _LIVE.fullmatch(cell):
        return Attested.COMPLETE_LIVE, day(match[1])
    if cell == Attested.COMPLETE_LIVE:
        raise ValueError("say when: complete live on YYYY-MM-DD")
    return word(Attested, cell), None


def base_url(cell: str) -> str:
    try:
        parts = urlsplit(cell)
        fault = _url_fault(cell, parts)
    except ValueError as error:
        fault = f"it cannot be read ({error})"
    if fault:
        raise ValueError(
            f"{cell!r} is no base address: {fault}; write scheme and host only, as https://data.example.cn"
        )
    return cell


def _url_fault(cell: str, parts: SplitResult) -> str:
    faults = {
        "it does not begin with http:// or https://": parts.scheme not in {"http", "https"},
        "it names no host": not parts.hostname,
        "it holds a query or a fragment": "?" in cell or "#" in cell,
        "it holds a user name": "@" in parts.netloc,
        "its path belongs in context_path": bool(parts.path),
        "it holds a space": " " in cell or bool(_CONTROL.search(cell)),
        "its port is 0": parts.port == 0,
    }
    return next((fault for fault, found in faults.items() if found), "")


def context_path(cell: str) -> str:
    if cell and not _PATH.fullmatch(cell):
        raise ValueError(f"{cell!r} is no path; begin with / and write no query, no braces and no / at the end")
    return cell


def tenant(cell: str) -> dict[str, str]:
    """Read the parameters that select a tenant: `divisionId=520100`, several joined by &."""
    try:
        pairs = parse_qsl(text(cell), keep_blank_values=True, strict_parsing=True, errors="strict") if cell else []
    except ValueError:
        pairs = [("", "")]
    if not all(_PARAMETER.fullmatch(key) for key, _ in pairs) or len(dict(pairs)) < len(pairs):
        raise ValueError(f"{cell!r} selects no tenant; write parameters as name=value, joined by &, each name once")
    return dict(pairs)


def language(cell: str) -> str:
    if not _LANGUAGE.fullmatch(cell):
        raise ValueError(f"{cell!r} is no language tag; write zh, zh-Hant or en")
    return cell


def timezone(cell: str) -> ZoneInfo:
    try:
        return ZoneInfo(cell)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{cell!r} is no time zone; write a name such as Asia/Shanghai") from None


def charset(cell: str) -> str | None:
    try:
        return codecs.lookup(cell).name if cell else None
    except (LookupError, ValueError):
        raise ValueError(f"{cell!r} is no charset; write utf-8, gb18030 or big5, or leave it empty") from None


def browser(cell: str) -> str:
    """A browser whose handshake is imitated; empty for none."""
    if cell and cell not in _BROWSERS:
        raise ValueError(f"{cell!r} is not one of {', '.join(_BROWSERS)}; leave it empty for our own handshake")
    return cell
