"""A feed as plain data, the same for both formats."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.model.events import Event
from alerts.model.places import PortalName
from alerts.text.labels import Both, label
from alerts.text.links import event_path
from alerts.text.statements import told

AUTHORITY = "tag:opendata-nightwatch.invalid,2026:"
"""Of every id. A name that nobody can own, so that ids stay when the site moves, and two watches that state the same
event give it the same id."""
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without entries was `updated`: before the watch began."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One event as an entry."""

    id: str
    title: str
    what: Both
    confidence: Both
    kind: str
    severity: str
    published: str
    updated: str
    url: str
    """Whole where the site's address is known, else relative to the feed."""
    withdrawn: bool


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
        return f"{self.site_url}/index.html" if self.site_url else "../index.html"


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def entry_of(event: Event, places: Mapping[str, PortalName], withdrawn: datetime | None, root: str) -> FeedEntry:
    """An event as an entry; `withdrawn` tells when it was taken back, `root` is the site's address or empty."""
    words = told(event, places)
    prefix = "【已撤回 withdrawn】" if withdrawn else ""
    return FeedEntry(
        id=f"{AUTHORITY}event/{event.id}",
        title=f"{prefix}{words.title}",
        what=words.what,
        confidence=label(f"confidence.{event.confidence.value}"),
        kind=event.kind,
        severity=event.severity.value,
        published=stamp(event.at),
        updated=stamp(withdrawn or event.at),
        url=f"{root or '..'}/{event_path(event.id)}",
        withdrawn=bool(withdrawn),
    )
