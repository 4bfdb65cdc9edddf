"""A line as pieces, before any format is chosen: which of them are portal text and therefore hostile."""

from dataclasses import dataclass
from enum import StrEnum

from alerts.text.sanitising import inert


class Tone(StrEnum):
    """How a piece of a line is shown; `quote` and `url` are portal text and therefore hostile."""

    PLAIN = "plain"
    STRONG = "strong"
    QUOTE = "quote"
    URL = "url"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line."""

    text: str
    tone: Tone = Tone.PLAIN
    href: str = ""
    """Only for our own pages (tone `link`)."""


Words = tuple[Part, ...]


def as_text(words: Words) -> str:
    """A line as plain text."""
    return "".join(plain(part) for part in words)


def plain(part: Part) -> str:
    """One piece as plain text."""
    if part.tone is Tone.QUOTE:
        return inert(part.text)
    return f"{part.text}: {part.href}" if part.tone is Tone.LINK else part.text
