"""Where things lie on the site, and which events have a page there."""

from alerts.digest.rules import concerns
from alerts.events import Event, Severity


def has_page(event: Event) -> bool:
    """Whether the site shows the event: small changes are only counted, and what is not for readers is not public."""
    return event.severity is not Severity.QUIET and concerns("reader", event.kind)


def event_path(event_id: str) -> str:
    """Path of an event's page below the site's address."""
    return f"events/{event_id}.html"


def event_url(site_url: str, event_id: str) -> str:
    """The page's whole address."""
    return f"{site_url.rstrip('/')}/{event_path(event_id)}"
