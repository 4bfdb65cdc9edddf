"""A feed as plain data, and as Atom 1.0 (RFC 4287) or JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alerts.model.events import Event
from alerts.text.labels import Both, label
from alerts.text.links import event_path, has_page
from alerts.text.sanitising import web_address
from alerts.text.statements import Statement
from alerts.text.templates import render

AUTHORITY = "tag:opendata-nightwatch.invalid,2026:"
"""Prefix of every id, with a domain that nobody can own: ids stay the same when the site moves, and two installations
give the same event the same id."""
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""Value of `updated` for a feed without entries."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One event as an entry of a feed."""

    event: Event
    words: Statement
    withdrawn: datetime | None
    """Time of its retraction; None while it is valid."""
    site_url: str = ""
    """URL of the site without a slash at its end; if empty, addresses are relative to the feed."""
    link: str = ""
    """Address of the dataset's page on its portal, linked where the event has no page of its own; may be empty."""

    @property
    def id(self) -> str:
        return f"{AUTHORITY}event/{self.event.id}"

    @property
    def title(self) -> str:
        return f"{'【已撤回 withdrawn】' if self.withdrawn else ''}{self.words.title}"

    @property
    def confidence(self) -> Both:
        return label(f"confidence.{self.event.confidence.value}")

    @property
    def published(self) -> str:
        return stamp(self.event.at)

    @property
    def updated(self) -> str:
        return stamp(self.withdrawn or self.event.at)

    @property
    def url(self) -> str:
        if not has_page(self.event):
            return self.link
        return f"{self.site_url or '..'}/{event_path(self.event.id)}"

    @property
    def html(self) -> str:
        return render("site/entry.html.j2", entry=self).strip()


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed."""

    file: str
    """File name below feeds/, without extension."""
    name: Both
    entries: tuple[FeedEntry, ...]
    site_url: str = ""

    @property
    def id(self) -> str:
        return f"{AUTHORITY}feed/{self.file}"

    @property
    def title(self) -> str:
        site = label("site.name")
        return f"{site.zh}：{self.name.zh} / {site.en}: {self.name.en}"

    @property
    def updated(self) -> str:
        return max((entry.updated for entry in self.entries), default=stamp(_BEGINNING))

    @property
    def self_url(self) -> str:
        """URL of the feed without extension; empty if the site's URL is not known."""
        return f"{self.site_url}/feeds/{self.file}" if self.site_url else ""

    @property
    def home_url(self) -> str:
        return f"{self.site_url or '..'}/index.html"


def stamp(moment: datetime) -> str:
    """A time in RFC 3339, UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_atom(feed: Feed) -> str:
    """The feed as one XML document; HTML in it is escaped once more, as Atom requires."""
    return render("site/feed.xml.j2", feed=feed)


def as_json(feed: Feed) -> str:
    """The feed as one JSON document; with addresses only if the site's URL is known."""
    items = [
        {
            "id": entry.id,
            "title": entry.title,
            "content_html": entry.html,
            "content_text": f"{entry.words.what.zh}\n{entry.words.what.en}\n{entry.confidence}",
            "date_published": entry.published,
            "date_modified": entry.updated,
            "tags": [entry.event.kind, entry.event.severity.value],
            **({"url": entry.url} if web_address(entry.url) else {}),
        }
        for entry in feed.entries
    ]
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "language": "zh",
        "authors": [{"name": str(label("site.name"))}],
        "items": items,
    }
    if feed.self_url:
        document |= {"home_page_url": feed.home_url, "feed_url": f"{feed.self_url}.json"}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
