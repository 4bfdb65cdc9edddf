"""Renders a digest in three formats: HTML mail, Markdown and plain text; portal text is inert in each."""

from dataclasses import dataclass
from functools import cached_property

from alerts.digest.model import Digest
from alerts.text.sanitising import BREAK
from alerts.text.templates import render


@dataclass(frozen=True)
class Rendered:
    """A digest in all formats; each is rendered on first use."""

    digest: Digest

    @property
    def subject(self) -> str:
        return self.digest.subject

    @cached_property
    def html(self) -> str:
        return render("digest/mail.html.j2", digest=self.digest)

    @cached_property
    def markdown(self) -> str:
        """Blocks separated by form feeds, at which a long message may be split."""
        return render("digest/chat.md.j2", digest=self.digest)

    @cached_property
    def text(self) -> str:
        """Blocks separated by form feeds."""
        return render("digest/plain.txt.j2", digest=self.digest)


def readable(body: str) -> str:
    """A rendered body without the marks between its blocks."""
    return body.replace(BREAK, "").strip("\n") + "\n"
