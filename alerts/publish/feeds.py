"""A feed as plain data, and as Atom 1.0 (RFC 4287) or JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alerts.model.events import Event
from alerts.text.labels import Both, label
from alerts.text.links import event_path
from alerts.text.statements import Statement
from alerts.text.templates import render

AUTHORITY = "tag:opendata-nightwatch.invalid,2026:"
"""Of every id. A name that nobody can own, so that ids stay when the site moves, and two watches that state the same
event give it the same id."""
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without entries was `updated`: before the watch began."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One event as an entry."""

    event: Event
    words: Statement
    withdrawn: datetime | None
    """When it was taken back."""
    site_url: str = ""
    """Address of the site without a slash at its end; addresses are relative to the feed where it is not known."""

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
        return f"{self.site_url or '..'}/{event_path(self.event.id)}"

    @property
    def html(self) -> str:
        return render("site/entry.html.j2", entry=self).strip()


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed."""

    file: str
    """Name without its ending, below feeds/."""
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
        """Without the ending; empty where the site's address is not known."""
        return f"{self.site_url}/feeds/{self.file}" if self.site_url else ""

    @property
    def home_url(self) -> str:
        return f"{self.site_url or '..'}/index.html"


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_atom(feed: Feed) -> str:
    """The feed as one XML document; HTML inside is escaped once more, as Atom asks for."""
    return render("site/feed.xml.j2", feed=feed)


def as_json(feed: Feed) -> str:
    """The feed as one JSON document; addresses only where they are whole."""
    items = [
        {
            "id": entry.id,
            "title": entry.title,
            "content_html": entry.html,
            "content_text": f"{entry.words.what.zh}\n{entry.words.what.en}\n{entry.confidence}",
            "date_published": entry.published,
            "date_modified": entry.updated,
            "tags": [entry.event.kind, entry.event.severity.value],
            **({"url": entry.url} if entry.site_url else {}),
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
