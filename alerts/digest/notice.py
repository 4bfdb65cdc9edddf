"""Notices to operators about messages that could not be delivered."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from alerts.audience.subscribers import Subscriber
from alerts.delivery import outbox
from alerts.delivery.courier import Sent
from alerts.delivery.outbox import Delivery
from alerts.digest.build import notice
from alerts.digest.deliveries import deliveries_of
from alerts.digest.model import DigestKind, Line
from alerts.model.sections import policy
from alerts.text.wording import Wording
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store


def notify_operators(store: Store, subscribers: Iterable[Subscriber], sent: Sequence[Sent]) -> int:
    """Put one notice for each operator into the outbox if deliveries were given up; returns the number added.

    A notice that is given up itself makes no further notice.
    """
    dead = [one for one in sent if one.result == "dead" and one.delivery.kind != DigestKind.NOTICE]
    if not dead:
        return 0
    now, key = real_now(), outbox.key(store)
    version = "notice " + " ".join(sorted(one.delivery.id for one in dead))
    made: list[Delivery] = []
    for operator in (one for one in subscribers if one.role == "operator"):
        wording = operator.wording
        digest = notice(operator, [_line(one, wording, now) for one in dead], now, wording)
        made += deliveries_of(operator, digest, key, version)
    return outbox.add(store, made, now=now)


def _line(one: Sent, wording: Wording, now: datetime) -> Line:
    delivery, limit = one.delivery, 3 * policy().value_chars
    words = wording.say(
        "notice/line",
        name=delivery.subscriber,
        n=delivery.index,
        service=delivery.service,
        subject=delivery.subject,
        attempts=delivery.attempts + 1,
        since=wording.day(delivery.first_at or now, now),
        error=wording.quote(one.error, limit, "value_quote"),
    )
    return Line(words)
