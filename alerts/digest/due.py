"""Whether a subscriber gets a digest now: at their regular time, or earlier for urgent events."""

from datetime import datetime

from alerts.audience.subscribers import Subscriber
from alerts.delivery.outbox import Cursor
from alerts.digest.cache import DigestCache
from alerts.digest.city_news import is_watched, watched_in_bulk
from alerts.model.events import Severity


def reason_to_wait(subscriber: Subscriber, before: Cursor | None, now: datetime, cache: DigestCache) -> str:
    """Why this subscriber gets nothing now; empty where a digest is due."""
    if subscriber.is_muted(now):
        return "muted"
    if before is None or subscriber.rhythm.is_due(before.considered_at, now):
        return ""
    wanted, personal = subscriber.rhythm.at_once, cache.personal_now(subscriber.name, before)
    if "severe" not in wanted and not ("watched" in wanted and personal.watches):
        return "not due yet"
    # Events that this subscriber wants before the regular time.
    news = cache.news(before.seq, before.aside).of(subscriber.scope.follows, personal.portals)
    severe = (event for event in news if event.severity is Severity.SEVERE)
    urgent = (
        ("severe" in wanted and any(subscriber.scope.takes(event, subscriber.role) for event in severe))
        or any(is_watched(event, personal.watched) for event in news)
        or watched_in_bulk(news, personal.watched)
    )
    return "" if urgent else "not due yet"
