"""Makes portal text harmless: shortened, without control characters, and without effect in a message."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

ELLIPSIS = "…"
_REMEMBERED = 20_000
"""Size of the caches: texts that many digests quote are cleaned and measured once."""
BREAK = "\f"
"""Separates the blocks of a rendered body; portal text cannot contain it, because control characters are removed."""

_DOMAIN_DOT = re.compile(r"(?<=[A-Za-z0-9])\.(?=[A-Za-z])")
_SCHEME = re.compile(r":(?=//)")
_FULL_WIDTH = 0xFEE0  # distance from an ASCII sign to its full-width form
_CHAT = str.maketrans({"@": chr(ord("@") + _FULL_WIDTH), "<": "‹", ">": "›", "`": "ˋ"})
# Full-width characters instead of backslashes: DingTalk, WeCom and Slack disagree on what a backslash escapes, but all
# show a full-width character as it is, also if a message is split between two characters.
_MARKDOWN = str.maketrans({sign: chr(ord(sign) + _FULL_WIDTH) for sign in "*_[]~#|\\"})
_URL_CHARS = 300
_URL_SAFE = "/:?=&%+,;$-."


@lru_cache(_REMEMBERED)
def clean(text: str, limit: int = 0) -> str:
    """One line of visible characters, without control, bidirectional override and zero-width characters.

    `limit` counts characters and includes the ellipsis; 0 means no limit.
    """
    if not text.isprintable():  # rare, and slow to go through character by character
        spaced = "".join(" " if c.isspace() else c for c in text)
        text = "".join(c for c in spaced if c == " " or not unicodedata.category(c).startswith("C"))
    line = " ".join(text.split())
    return shorten(line, limit) if limit else line


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis if the text is cut, never within a combined character."""
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    while cut and unicodedata.combining(text[len(cut)]):
        cut = cut[:-1]
    return cut.rstrip() + ELLIPSIS


@lru_cache(_REMEMBERED)
def columns(text: str) -> int:
    """Width on a screen in columns: an East Asian wide character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@lru_cache(_REMEMBERED)
def inert(text: str) -> str:
    """Portal text that no mail or chat client turns into a link, a mention or a tag."""
    return _DOMAIN_DOT.sub("․", _SCHEME.sub("∶", text)).translate(_CHAT)


def inert_markdown(text: str) -> str:
    """Like `inert`, and without any character that formats text in a dialect of Markdown."""
    return inert(text).translate(_MARKDOWN)


def web_address(text: str) -> SplitResult | None:
    """The parts of an http or https address with a host; None for anything else."""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        return None
    return parts if whole and text.split() == [text] else None


def inert_url(url: str, host: str) -> str:
    """The page's address with every special character percent-encoded; empty unless it is http(s) on `host` itself.

    A link to another host is no evidence about the portal, and a cut address leads nowhere: neither is shown.
    """
    parts = web_address(url) if host and len(url) <= _URL_CHARS else None
    if parts is None or "@" in parts.netloc or parts.hostname != host.lower():
        return ""
    # A fragment is where single-page portals keep the dataset's id.
    tail = f"#{quote(parts.fragment, safe=_URL_SAFE)}" if parts.fragment else ""
    query = f"?{quote(parts.query, safe=_URL_SAFE)}" if parts.query else ""
    path = quote(parts.path, safe=_URL_SAFE)
    return f"{parts.scheme}://{parts.netloc}{path}{query}{tail}".replace("_", "%5F").replace("~", "%7E")
