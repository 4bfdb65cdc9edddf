"""The `digest` step: for every subscriber whose time has come, one frozen delivery a target, and the cursor moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts import outbox
from alerts.channels.split import split
from alerts.channels.targets import Target
from alerts.digest.build import build, build_first, build_heartbeat
from alerts.digest.model import Digest, Picture
from alerts.digest.picture import pictures
from alerts.digest.render import Rendered, readable, render
from alerts.digest.rules import policy
from alerts.digest.wording import Wording, load
from alerts.events import Event
from alerts.outbox import Cursor, Delivery, Piece
from alerts.read import events_after, events_where, newest_seq, tellable
from alerts.subscribers import Subscriber
from opendata_spiders.register import Register
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store

_NUMBER_ROOM = 24
"""Room kept in every piece for the «(2/5)» before its title."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was done for one subscriber."""

    subscriber: str
    digest: Digest | None
    """None: nothing to say, or not due."""
    deliveries: int = 0
    reason: str = ""
    """Why there is no digest."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all digests of one call share."""

    store: Store
    register: Register
    now: datetime
    """Domain time."""
    site_url: str = ""

    def write(self, subscriber: Subscriber) -> Written:
        """Consider one subscriber, and write what is due; whoever else does the same now, it is written once."""
        before = outbox.cursor(self.store, subscriber.name)
        if subscriber.is_muted(self.now):
            return Written(subscriber.name, None, reason="muted")
        if before and not subscriber.rhythm.is_due(before.considered_at, self.now):
            return Written(subscriber.name, None, reason="not due yet")
        digest, seq = self.compose(subscriber, before)
        after = _after(subscriber, before, seq, self.now, written=digest is not None)
        deliveries = self._deliveries(subscriber, digest, after.version) if digest else []
        if not outbox.commit(self.store, before, after, deliveries, _start(subscriber, real_now())):
            return Written(subscriber.name, None, reason="written by another process just now")
        return Written(subscriber.name, digest, len(deliveries), "" if digest else "nothing to say")

    def compose(self, subscriber: Subscriber, before: Cursor | None) -> tuple[Digest | None, int]:
        """The digest that is due (None: nothing to say) and the seq it goes up to; changes nothing."""
        wording = load(subscriber.language, subscriber.rhythm.timezone)
        since = before.written_at if before else self.now - timedelta(days=1)
        picture = pictures(self.store, self.register, subscriber.scope, since, self.site_url)
        if before is None:
            return build_first(subscriber, picture, self.now, wording), newest_seq(self.store)
        events = events_after(self.store, before.seq)
        seq = max((event.seq for event in events), default=before.seq)
        return self._changes(subscriber, tellable(events, before.seq), picture, wording, before), seq

    def replay(self, subscriber: Subscriber, since: datetime) -> Digest | None:
        """What one digest on everything stated since then would say; changes nothing."""
        wording = load(subscriber.language, subscriber.rhythm.timezone)
        picture = pictures(self.store, self.register, subscriber.scope, since, self.site_url)
        events = [event for event in events_where(self.store, since=since) if event.at <= self.now]
        told = events[0].seq - 1 if events else 0
        return build(subscriber, tellable(events, told), picture, self.now, wording)

    def _changes(
        self, subscriber: Subscriber, events: Sequence[Event], picture: Picture, wording: Wording, before: Cursor
    ) -> Digest | None:
        digest = build(subscriber, events, picture, self.now, wording)
        quiet_for = self.now - before.written_at
        if digest is None and subscriber.heartbeat and quiet_for >= timedelta(days=policy().heartbeat_days):
            return build_heartbeat(subscriber, picture, self.now, wording)
        return digest

    def _deliveries(self, subscriber: Subscriber, digest: Digest, version: int) -> list[Delivery]:
        key = outbox.key(self.store)
        return deliveries_of(subscriber, digest, key, version)


def _start(subscriber: Subscriber, now: datetime) -> datetime:
    return subscriber.held_until(now) or now


def _after(subscriber: Subscriber, before: Cursor | None, seq: int, now: datetime, *, written: bool) -> Cursor:
    if before is None:
        return Cursor(subscriber.name, seq, now, now)
    written_at = now if written else before.written_at
    return replace(before, seq=seq, considered_at=now, written_at=written_at, version=before.version + 1)


def deliveries_of(subscriber: Subscriber, digest: Digest, key: bytes, version: int | str) -> list[Delivery]:
    """One delivery a target, rendered and cut to what the service takes."""
    rendered = render(digest)
    return [
        _delivery(subscriber, target, digest, rendered, (target.ref(key), version)) for target in subscriber.targets
    ]


def _delivery(
    subscriber: Subscriber, target: Target, digest: Digest, rendered: Rendered, identity: tuple[str, int | str]
) -> Delivery:
    ref, version = identity
    form = _form(target.service.format, subscriber.format)
    return Delivery(
        id=outbox.delivery_id(subscriber.name, ref, version),
        subscriber=subscriber.name,
        index=target.index,
        ref=ref,
        service=target.service.name,
        kind=digest.kind.value,
        subject=digest.subject,
        language=digest.language,
        format=form,
        pieces=_pieces(rendered, form, target),
        text=readable(rendered.text) if form == "html" else "",
        events=digest.events,
    )


def _form(usual: str, wanted: str) -> str:
    """HTML is for mail and Markdown for chats; where a wish does not fit the service, the service decides."""
    fitting = {"html", "text"} if usual == "html" else {"markdown", "text"}
    return wanted if wanted in fitting else usual


def _pieces(rendered: Rendered, form: str, target: Target) -> tuple[Piece, ...]:
    if form == "html":
        return (Piece(rendered.subject, rendered.html),)
    bodies: Mapping[str, str] = {"markdown": rendered.markdown, "text": rendered.text}
    room = _room(target, rendered.subject)
    parts = split(bodies[form], room, target.service.size)
    if len(parts) == 1:
        return (Piece(rendered.subject, parts[0]),)
    count = len(parts)
    return tuple(Piece(f"({n}/{count}) {rendered.subject}", part) for n, part in enumerate(parts, start=1))


def _room(target: Target, subject: str) -> int:
    """What a body may take: the title is sent with every piece, within the same limit."""
    limit = target.limit
    return max(limit - target.service.size(subject) - _NUMBER_ROOM, 1) if limit else 0
