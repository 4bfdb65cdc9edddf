"""A line as pieces, and each piece in every format; pieces of portal text are hostile, so they are inert in each."""

from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup, escape

from alerts.text.sanitising import inert, inert_markdown


class Tone(StrEnum):
    """How a piece of a line is shown; `quote` and `url` are portal text and so hostile."""

    PLAIN = "plain"
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


def as_markdown(words: Words) -> str:
    """A line in Markdown; links are bare addresses, which every client shows as links and which hide nothing."""
    return "".join(inert_markdown(part.text) if part.tone is Tone.QUOTE else plain(part) for part in words)


def as_html(words: Words) -> Markup:
    """A line in HTML, escaped."""
    return Markup("").join(map(_html, words))


def _html(part: Part) -> Markup:
    if part.tone is Tone.LINK:
        return Markup('<a class="own" href="{}">{}</a>').format(part.href, part.text)
    if part.tone is Tone.URL:
        return Markup('<span class="url">{}</span>').format(part.text)
    return escape(inert(part.text) if part.tone is Tone.QUOTE else part.text)
