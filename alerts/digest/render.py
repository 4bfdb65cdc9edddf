"""A digest in the three formats people read: HTML mail, Markdown and plain text; portal text is inert in each."""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from alerts.digest.model import Digest
from alerts.text.parts import Part, Tone, Words, as_text, plain
from alerts.text.sanitising import BREAK, inert, inert_markdown

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "digest"


@dataclass(frozen=True)
class Rendered:
    """A digest ready for any channel; each format is made when it is first asked for."""

    digest: Digest

    @property
    def subject(self) -> str:
        return self.digest.subject

    @cached_property
    def html(self) -> str:
        return _render("mail.html.j2", self.digest)

    @cached_property
    def markdown(self) -> str:
        """Blocks separated by form feeds: where a long message may be cut."""
        return _render("chat.md.j2", self.digest)

    @cached_property
    def text(self) -> str:
        """Blocks separated by form feeds."""
        return _render("plain.txt.j2", self.digest)


def render(digest: Digest) -> Rendered:
    """The digest in every format."""
    return Rendered(digest)


def readable(body: str) -> str:
    """A rendered body without the marks between its blocks."""
    return body.replace(BREAK, "").strip("\n") + "\n"


def _render(name: str, digest: Digest) -> str:
    return _environment().get_template(name).render(digest=digest, BREAK=BREAK)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html.j2",)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"as_text": as_text, "as_markdown": as_markdown, "as_html": as_html}
    return environment


def as_markdown(words: Words) -> str:
    return "".join(_markdown(part) for part in words)


def _markdown(part: Part) -> str:
    """Links are written out: a bare address is shown as a link everywhere, and cannot hide where it leads."""
    if part.tone is Tone.QUOTE:
        return inert_markdown(part.text)
    return plain(part)


def as_html(words: Words) -> Markup:
    return Markup("").join(_html(part) for part in words)


def _html(part: Part) -> Markup:
    if part.tone is Tone.LINK:
        return Markup('<a class="own" href="{}">{}</a>').format(part.href, part.text)
    if part.tone is Tone.URL:
        return Markup('<span class="url">{}</span>').format(part.text)
    return escape(inert(part.text) if part.tone is Tone.QUOTE else part.text)
