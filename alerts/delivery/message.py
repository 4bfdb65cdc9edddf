"""One message in the form in which a service gets it."""

from dataclasses import dataclass

from alerts.records.enclosures import Attachment


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one target."""

    id: str
    title: str
    body: str
    format: str
    """Format of `body`: html, markdown, text or json."""
    text: str = ""
    """For mail: the body as plain text."""
    language: str = ""
    attachment: Attachment | None = None
    """For mail: an attached file."""
