"""A feed as Atom 1.0 (RFC 4287) and as JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

import json
from typing import Any

from alerts.publish.feeds import Feed, FeedEntry
from alerts.publish.render import render
from alerts.text.labels import label


def as_atom(feed: Feed) -> str:
    """The feed as one XML document; HTML inside is escaped once more, as Atom asks for."""
    entries = [{**_fields(entry), "html": _html(entry)} for entry in feed.entries]
    shown = {name: getattr(feed, name) for name in ("id", "title", "updated", "self_url", "home_url")}
    return render("site/feed.xml.j2", feed={**shown, "entries": entries})


def _fields(entry: FeedEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in ("id", "title", "published", "updated", "kind", "severity", "url")}


def _html(entry: FeedEntry) -> str:
    return render("site/entry.html.j2", entry=entry).strip()


def as_json(feed: Feed) -> str:
    """The feed as one JSON document; addresses only where they are whole."""
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "language": "zh",
        "authors": [{"name": str(label("site.name"))}],
        "items": [_item(entry, whole=bool(feed.site_url)) for entry in feed.entries],
    }
    if feed.self_url:
        document |= {"home_page_url": feed.home_url, "feed_url": f"{feed.self_url}.json"}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _item(entry: FeedEntry, *, whole: bool) -> dict[str, Any]:
    item = {
        "id": entry.id,
        "title": entry.title,
        "content_html": _html(entry),
        "content_text": f"{entry.what.zh}\n{entry.what.en}\n{entry.confidence}",
        "date_published": entry.published,
        "date_modified": entry.updated,
        "tags": [entry.kind, entry.severity],
    }
    return {**item, "url": entry.url} if whole else item
