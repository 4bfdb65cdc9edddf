"""Folds texts for comparison: two notations of one text become equal, two different texts do not.

Stored and shown text stays as the portal wrote it.
"""

import re
import unicodedata
from collections.abc import Iterator

from opendata_spiders.normalise import texts

_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([nrtf])|([\"'/\\]))")
_UNSEEN = dict.fromkeys([*map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"), *range(0xFE00, 0xFE10)])
_HIDDEN = frozenset(("Cc", "Cf", "Cs"))
_IGNORED = r"\s\-‐‑‒–—―−~〜∼_*`´|/\\,.;:!?、。·•‧・…⋯'\"“”‘’‚„()\[\]{}【】〔〕〖〗〘〙〚〛《》〈〉「」『』«»‹›"
"""Characters ignored in comparisons: blanks, punctuation, quotes, brackets, list marks."""
_BETWEEN_DIGITS = re.compile(rf"(?<=\d)[{_IGNORED}]+(?=\d)")
_ELSEWHERE = re.compile(rf"(?<!\d)[{_IGNORED}]+|[{_IGNORED}]+(?!\d)|[<>]+(?!\d)")
_JOINTS = re.compile(r"[,，;；|｜/、\r\n\t]")


def sense(raw: object) -> str:
    """Fold a text so that two notations of it are equal; empty for nothing. Never raises.

    Ignored are entities and escapes, tags, letter width and case, blanks and invisible characters, quotes, brackets and
    punctuation. Digits and what separates them count: «2022» is not «2023», and «1.5» not «15». Idempotent.
    """
    return texts.settled(_fold, texts.text(raw) or "")


def senses(raw: object, *, blanks: bool = False) -> frozenset[str]:
    """Fold a list, or a text that holds a joined one («a,b;c», «["a","b"]»), to the set of its folded parts.

    With `blanks` blanks separate parts, too.
    """
    parts = (part for piece in _pieces(raw) for part in _JOINTS.split(texts.unmarked(piece)))
    words = (word for part in parts for word in (part.split() if blanks else (part,)))
    return frozenset(said for word in words if (said := sense(word)))


def _pieces(raw: object) -> Iterator[str]:
    for one in raw if isinstance(raw, list | tuple | set | frozenset) else (raw,):
        opened = texts.from_json(one) if isinstance(one, str) and one.lstrip().startswith("[") else one
        if isinstance(opened, list):
            yield from map(texts.scalar, opened)
        else:
            yield texts.scalar(opened)


def _fold(said: str) -> str:
    plain = texts.unmarked(_ESCAPED.sub(_character, said))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    seen = folded if folded.isprintable() else "".join(map(_shown, folded))
    seen = seen.translate(_UNSEEN)
    return _ELSEWHERE.sub("", _BETWEEN_DIGITS.sub("|", seen)) or "".join(seen.split())


def _character(found: re.Match[str]) -> str:
    code, blank, sign = found.groups()
    return " " if blank else sign or chr(int(code, 16))


def _shown(char: str) -> str:
    """A line break as a blank, other invisible characters as ''."""
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in _HIDDEN else char
