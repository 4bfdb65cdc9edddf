"""Addresses on the site, and which events have a page there."""

from alerts.model.events import Event, Severity
from alerts.model.sections import concerns
from alerts.text.sanitising import web_address
from opendata_spiders.store.config import setting
from opendata_spiders.store.errors import StoreError

SETTING = "SITE_URL"


def has_page(event: Event) -> bool:
    """Whether the site has a page for the event: not for quiet events, nor for events that are not for readers."""
    return event.severity is not Severity.QUIET and concerns("reader", event.kind)


def event_path(event_id: str) -> str:
    """Path of an event's page relative to the site's URL."""
    return f"events/{event_id}.html"


def event_url(site_url: str, event_id: str) -> str:
    """URL of an event's page."""
    return f"{site_url.rstrip('/')}/{event_path(event_id)}"


def site_url() -> str:
    """The setting SITE_URL without a slash at its end; empty if it is not set.

    Raises StoreError for anything but an http or https address with a host and nothing after its path.
    """
    text = setting(SETTING) or ""
    if not text:
        return ""
    parts = web_address(text)
    if parts is None or parts.query or parts.fragment or "@" in parts.netloc:
        raise StoreError(
            f"{SETTING} {text!r} is no address of a site: write it with http:// or https://, such as "
            "https://watch.example.cn, or leave it empty"
        )
    return text.rstrip("/")
