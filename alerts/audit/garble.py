"""Finds text that was decoded with the wrong character set, and titles that contain code."""

import re

from alerts.audit.rules import limits, patterns

_CHINESE = re.compile("[\u4e00-\u9fff]")
_ACCENTS = re.compile("[\u00c0-\u00ff]")
"""A text without any of these was not decoded as Latin-1 or Windows-1252."""


def mojibake(text: str) -> str:
    """The garbled piece of a text, empty if there is none."""
    shown = text[: limits().mojibake_chars]
    if shown.isascii():
        return ""
    for pattern in patterns()["mojibake"]:
        if found := pattern.search(shown):
            return found[0]
    charsets = ("gb18030", "cp1252", "latin-1") if _ACCENTS.search(shown) else ("gb18030",)
    return shown if any(_decodes(shown, charset) for charset in charsets) else ""


def _decodes(text: str, charset: str) -> bool:
    """Whether the text's bytes in this character set are Chinese text in UTF-8.

    Bytes of genuine Chinese in GBK decode at most partly, and then to letters of other alphabets.
    """
    data = text.encode(charset, "ignore")
    read = data.decode("utf-8", "ignore")
    foreign = "".join(char for char in read if not char.isascii())
    whole = len(data) - (len(read) - len(foreign))
    if whole < limits().mojibake_bytes or len(foreign.encode()) < limits().mojibake_share * whole:
        return False
    return len(_CHINESE.findall(foreign)) >= limits().mojibake_chinese * len(foreign)


def markup(title: object) -> str:
    """The part of a raw title that is code or hides text; empty if there is none."""
    written = title if isinstance(title, str) else ""
    found = (pattern.search(written) for pattern in patterns()["markup"])
    return next((one[0] for one in found if one), "")
