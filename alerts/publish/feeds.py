"""A feed as plain data, and as Atom 1.0 (RFC 4287) or JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alerts.model.events import Event
from alerts.text.labels import Both, label
from alerts.text.links import event_path, feed_path, has_page
from alerts.text.sanitising import web_address
from alerts.text.statements import Statement, wordings
from alerts.text.templates import render
from alerts.text.wording import LANGUAGES

AUTHORITY = "tag:opendata-nightwatch.invalid,2026:"
"""Prefix of every id, with a domain that nobody can own: ids stay the same when the site moves, and two installations
give the same event the same id."""
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""Value of `updated` for a feed without entries."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One event as an entry of feeds, before it is put in a language."""

    event: Event
    words: Statement
    withdrawn: datetime | None
    """Time of its retraction; None while it is valid."""
    link: str = ""
    """Address of the dataset's page on its portal, linked where the event has no page of its own; may be empty."""

    @property
    def id(self) -> str:
        return f"{AUTHORITY}event/{self.event.id}"

    @property
    def confidence(self) -> Both:
        return label(f"confidence.{self.event.confidence.value}")

    @property
    def published(self) -> str:
        return stamp(self.event.at)

    @property
    def updated(self) -> str:
        return stamp(self.withdrawn or self.event.at)


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed, before it is put in a language: ids are the same in both."""

    file: str
    """File name below feeds/, without extension."""
    name: Both
    entries: tuple[FeedEntry, ...]
    site_url: str = ""
    """URL of the site without a slash at its end; if empty, addresses are relative to the feed."""

    @property
    def id(self) -> str:
        return f"{AUTHORITY}feed/{self.file}"

    @property
    def updated(self) -> str:
        return max((entry.updated for entry in self.entries), default=stamp(_BEGINNING))


@dataclass(frozen=True, slots=True)
class FeedText:
    """The words and addresses of a feed in one language."""

    feed: Feed
    language: str

    @property
    def site_name(self) -> str:
        return self._text("name")

    @property
    def title(self) -> str:
        return self._text("feeds/of", site=self.site_name, name=self.feed.name.of(self.language))

    @property
    def home_url(self) -> str:
        return f"{self._tree}/index.html"

    def self_url(self, extension: str) -> str:
        """URL of the feed; empty if the site's URL is not known."""
        return f"{self._tree}/{feed_path(self.feed.file, extension)}" if self.feed.site_url else ""

    def entry_title(self, entry: FeedEntry) -> str:
        return f"{self._text('feeds/withdrawn') if entry.withdrawn else ''}{entry.words.title.of(self.language)}"

    def url(self, entry: FeedEntry) -> str:
        if not has_page(entry.event):
            return entry.link
        return f"{self._tree}/{event_path(entry.event.id)}"

    def lines(self, entry: FeedEntry) -> tuple[str, ...]:
        """What it says: that it was retracted, the sentence, the confidence."""
        retracted = (self._text("event/retracted"),) if entry.withdrawn else ()
        return (*retracted, entry.words.what.of(self.language), entry.confidence.of(self.language))

    def html(self, entry: FeedEntry) -> str:
        return render("site/entry.html.j2", lines=self.lines(entry)).strip()

    @property
    def _tree(self) -> str:
        return f"{self.feed.site_url}/{self.language}" if self.feed.site_url else ".."

    def _text(self, key: str, **values: str) -> str:
        return wordings()[LANGUAGES.index(self.language)].plain(f"site/{key}", **values)


def stamp(moment: datetime) -> str:
    """A time in RFC 3339, UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_atom(feed: Feed, language: str) -> str:
    """The feed as one XML document; HTML in it is escaped once more, as Atom requires."""
    return render("site/feed.xml.j2", feed=feed, text=FeedText(feed, language))


def as_json(feed: Feed, language: str) -> str:
    """The feed as one JSON document; with addresses only if the site's URL is known."""
    text = FeedText(feed, language)
    items = [
        {
            "id": entry.id,
            "title": text.entry_title(entry),
            "content_html": text.html(entry),
            "content_text": "\n".join(text.lines(entry)),
            "date_published": entry.published,
            "date_modified": entry.updated,
            "tags": [entry.event.kind, entry.event.severity.value],
            **({"url": url} if web_address(url := text.url(entry)) else {}),
        }
        for entry in feed.entries
    ]
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": text.title,
        "language": language,
        "authors": [{"name": text.site_name}],
        "items": items,
    }
    if feed.site_url:
        document |= {"home_page_url": text.home_url, "feed_url": text.self_url("json")}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
