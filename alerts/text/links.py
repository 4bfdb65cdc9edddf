"""Addresses on the site, and which events have a page there.

A path is relative to a language's tree, so that a page has the same path in both.
"""

import hashlib

from alerts.model.events import Event, Severity
from alerts.model.sections import concerns
from alerts.text.sanitising import web_address
from opendata_spiders.store.environment import setting
from opendata_spiders.store.errors import StoreError

SETTING = "SITE_URL"


def has_page(event: Event) -> bool:
    """Whether the site has a page for the event: not for quiet events, nor for events that are not for readers."""
    return event.severity is not Severity.QUIET and concerns("reader", event.kind)


def event_path(event_id: str) -> str:
    """Path of an event's page."""
    return f"events/{event_id}.html"


def city_path(slug: str, page: str = "index.html") -> str:
    """Path of a city's page, or of another page in its folder."""
    return f"city/{slug}/{page}"


def dataset_path(slug: str, portal: str, dataset: str) -> str:
    """Path of the page of a dataset in the folder of the city that it is told of."""
    return city_path(slug, dataset_page(portal, dataset))


def dataset_page(portal: str, dataset: str) -> str:
    """Name of a dataset's page; native ids fit no file name."""
    return f"dataset-{dataset_key(portal, dataset)}.html"


def dataset_key(portal: str, dataset: str) -> str:
    """The hash that stands for a dataset in names of files and in the index of the search."""
    return short_hash(f"{portal}:{dataset}")


def letter_name(page: str) -> str:
    """Name of the request for disclosure of a dataset with this page."""
    return page.replace("dataset-", "letter-").replace(".html", ".txt")


def office_page(office: str, number: int) -> str:
    """Name of a page of the table of an office's datasets, counted from 1."""
    return f"office-{short_hash(office)}-{number}.html"


def removed_path(month: str, number: int = 1) -> str:
    """Path of the list of what was removed in a month (`2026-11`) or in a province, by its pages."""
    return f"removed/{month}.html" if number == 1 else f"removed/{month}-{number}.html"


def short_hash(text: str) -> str:
    """Sixteen hexadecimal digits that stand for portal text in a file name."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def feed_path(file: str, extension: str) -> str:
    """Path of a feed; `extension`: atom or json."""
    return f"feeds/{file}.{extension}"


def page_url(site_url: str, language: str, path: str) -> str:
    """URL of the page with this path in the tree of a language."""
    return f"{site_url.rstrip('/')}/{language}/{path}"


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
