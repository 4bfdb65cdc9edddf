"""One message as a service gets it."""

from dataclasses import dataclass

from alerts.records.enclosures import Attachment


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one target."""

    id: str
    title: str
    body: str
    format: str
    """html, markdown, text or json: what `body` is."""
    text: str = ""
    """For mail: the same in plain text."""
    language: str = ""
    attachment: Attachment | None = None
    """For mail: a file that goes with it."""
