"""The `digest` step: for every subscriber whose time has come, one frozen delivery a target, and the cursor moved."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice

from bson.errors import InvalidDocument
from pymongo.errors import DocumentTooLarge, PyMongoError

from alerts.audience.filters import Filter
from alerts.audience.personal import Personal, PersonalChange
from alerts.audience.subscribers import Subscriber
from alerts.audience.watches import Key, followed
from alerts.delivery import outbox
from alerts.delivery import webhook as signed
from alerts.delivery.outbox import Cursor, Delivery, Piece
from alerts.delivery.split import split
from alerts.delivery.targets import Target
from alerts.digest.build import build, build_first, build_heard, build_heartbeat, build_list
from alerts.digest.headstart import HeadStart
from alerts.digest.late import Late
from alerts.digest.lots import CityNews, is_watched, watched_in_bulk
from alerts.digest.model import Digest, Picture
from alerts.digest.occasions import reminders, silences
from alerts.digest.officer import list_subject, placed, with_list
from alerts.digest.picture import pictures
from alerts.digest.render import Rendered, readable, render
from alerts.digest.shared import Shared, collector_paused
from alerts.model.events import Event, Severity
from alerts.model.sections import policy
from alerts.records.isolation import apart, succeeded
from alerts.records.queries import events_named, events_where, tellable
from alerts.text.wording import Wording, load
from opendata_spiders.register import Register
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store

_NOWHERE = Filter(frozenset({" "}))
"""Follows no portal at all, nor news about the watch itself."""
DOCUMENT = "json"
"""Format of a service that is a program."""
_LOT = 50
"""Subscribers to a transaction: enough that waiting for the disk does not count, few enough to be repeated."""
_NUMBER_ROOM = 24
"""Room kept in every piece for the «(2/5)» before its title."""
ASIDE_MAX = 500
"""Events that a reader may wait for; where more cannot be put into words, it is not they that are wrong."""
PLAIN_CHARS = 500
"""Characters of a piece that every service takes."""
FAILED = "failed, and is tried again the next time; operators are told"


class TooManyAsideError(ValueError):
    """Raised when so many events cannot be told that the cursor must not go past them."""


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
class DigestStep(outbox.OutboxStep):
    """What is to be committed for one subscriber, and the digest it comes from."""

    digest: Digest | None = None


@dataclass(frozen=True)
class DigestSession:
    """What all digests of one call share; make a new one for the next call."""

    store: Store
    register: Register
    now: datetime
    """Domain time."""
    site_url: str = ""
    first: HeadStart = field(default_factory=HeadStart)
    """Officers who hear of late datasets before others do."""

    @cached_property
    def shared(self) -> Shared:
        """What was read and built for one reader and serves the others."""
        return Shared(self.store, self.register, self.site_url, self.first, self.now)

    def write(self, subscriber: Subscriber) -> Written:
        """Consider one subscriber, and write what is due; whoever else does the same now, it is written once."""
        return next(iter(self.write_all([subscriber])))

    def write_all(self, subscribers: Iterable[Subscriber]) -> Iterator[Written]:
        """Like `write` for each of them, in their order, many to a transaction."""
        waiting = iter(subscribers)
        while lot := list(islice(waiting, _LOT)):
            cursors = outbox.cursors(self.store, [one.name for one in lot])
            with collector_paused():
                considered = [self._alone(one, cursors.get(one.name)) for one in lot]
            done = iter(self._committed([one for one in considered if isinstance(one, DigestStep)]))
            for subscriber, one in zip(lot, considered, strict=True):
                yield one if isinstance(one, Written) else _written(subscriber, one, done=next(done))

    def _committed(self, steps: Sequence[DigestStep]) -> Iterator[bool | None]:
        """For each step whether it was committed: False where another `digest` was first, None where it cannot be kept.

        What the database refuses to hold fails alone.
        """
        try:
            yield from outbox.commit_all(self.store, steps)
        except (DocumentTooLarge, InvalidDocument, OverflowError):
            for step in steps:
                done = None
                with apart("reader", step.after.subscriber):
                    done = _kept(self.store, step)
                yield done

    def _alone(self, subscriber: Subscriber, before: Cursor | None) -> Written | DigestStep:
        """What is to be committed, or why nothing is; a reader whose digest fails keeps the cursor and loses nothing.

        An event that fails is put aside, and told to this reader once it can be.
        """
        with apart("reader", subscriber.name) as part:
            try:
                found = self._consider(subscriber, before)
            except PyMongoError:
                raise
            except Exception:
                if before is None or not self._put_aside(subscriber, before):
                    raise
                found = self._consider(subscriber, before)
            part.tried = isinstance(found, DigestStep)
            return found
        return Written(subscriber.name, None, reason=FAILED)

    def _consider(self, subscriber: Subscriber, before: Cursor | None) -> Written | DigestStep:
        """What is to be committed, or why nothing is."""
        if subscriber.is_muted(self.now):
            return Written(subscriber.name, None, reason="muted")
        due = before is None or subscriber.rhythm.is_due(before.considered_at, self.now)
        if not due and not (before and self._is_urgent(subscriber, before)):
            return Written(subscriber.name, None, reason="not due yet")
        digest, seq = self.compose(subscriber, before)
        aside = self._aside(subscriber, before) if before else ()
        after = _after(subscriber, before, seq, self.now, written=digest is not None, aside=aside)
        deliveries = self._deliveries(subscriber, digest, after.version) if digest else []
        if digest and not deliveries:
            raise ValueError("there is a digest and no target that it could go to")
        change = self._change(subscriber, before, digest)
        for name in before.aside if before else ():
            if name not in aside:
                succeeded("event", name)
        return DigestStep(before, after, deliveries, _start(subscriber, real_now()), change or None, digest)

    def _put_aside(self, subscriber: Subscriber, before: Cursor) -> bool:
        """Whether single events are why this reader's digest fails; from now on they are left out of every digest.

        Each is told by itself for that; if even a digest that tells nothing fails, no event is to blame.
        """
        wording = load(subscriber.language, subscriber.rhythm.timezone)
        personal = self.shared.personal_of(subscriber.name)
        picture = replace(self.shared.picture(subscriber.scope, before.written_at), watched=_watched(personal))
        render(build_heartbeat(subscriber, picture, self.now, wording))

        def phrase(event: Event) -> None:
            followed(self.store, personal.watches, [event])
            if digest := build(subscriber, [event], picture, self.now, wording):
                render(digest)

        news = self.shared.news(before.seq, before.aside).of(subscriber.scope, personal.portals)
        return self.shared.put_aside(news, phrase)

    def _aside(self, subscriber: Subscriber, before: Cursor) -> tuple[str, ...]:
        """What this reader could not be told so far. Raises TooManyAsideError: then the fault is in no single event."""
        news = self.shared.news(before.seq, before.aside)
        portals = self.shared.personal_of(subscriber.name).portals
        names = [one.id for one in news.aside if subscriber.scope.follows(one.slug) or one.portal in portals]
        if len(names) > ASIDE_MAX:
            raise TooManyAsideError(f"{len(names)} events cannot be put into words; the cursor stays where it is")
        return tuple(names)

    def _is_urgent(self, subscriber: Subscriber, before: Cursor) -> bool:
        """Whether something happened that this subscriber wants to hear of before their hour."""
        wanted, personal = subscriber.rhythm.at_once, self._personal(subscriber, before)
        if "severe" not in wanted and not ("watched" in wanted and personal.watches):
            return False
        news = self.shared.news(before.seq, before.aside).of(subscriber.scope, personal.portals)
        severe = "severe" in wanted and any(
            event.severity is Severity.SEVERE and subscriber.scope.takes(event, subscriber.role) for event in news
        )
        return (
            severe
            or any(is_watched(event, personal.watched) for event in news)
            or bool(watched_in_bulk(news, personal.watched))
        )

    def _personal(self, subscriber: Subscriber, before: Cursor | None) -> Personal:
        """What they watch, under the ids of today, and what they were told."""
        known = self.shared.personal_of(subscriber.name)
        if before is None or not known.watches:
            return known
        news = self.shared.news(before.seq, before.aside).of(_NOWHERE, known.portals)
        return replace(known, watches=tuple(followed(self.store, known.watches, news)))

    def _change(self, subscriber: Subscriber, before: Cursor | None, digest: Digest | None) -> PersonalChange:
        old, new = self.shared.personal_of(subscriber.name), self._personal(subscriber, before)
        told = digest.silences if digest else ()
        return PersonalChange(self.store, subscriber.name, old.watches, new.watches, told)

    def compose(self, subscriber: Subscriber, before: Cursor | None) -> tuple[Digest | None, int]:
        """The digest that is due (None: nothing to say) and the seq it goes up to; changes nothing."""
        wording = load(subscriber.language, subscriber.rhythm.timezone)
        since = before.written_at if before else self.now - timedelta(days=1)
        seq = self.shared.news(before.seq, before.aside).last if before else self.shared.newest
        personal = self._personal(subscriber, before)
        moments = (before.seq, before.considered_at, before.aside) if before else None
        key, known = self.shared.built(subscriber, moments, since, personal.watched, personal.silences)
        if not known:
            self.shared.keep(key, self._built(subscriber, before, since, wording, personal))
        return self.shared.personal(key, subscriber, wording), seq

    def _built(
        self, subscriber: Subscriber, before: Cursor | None, since: datetime, wording: Wording, personal: Personal
    ) -> Digest | None:
        picture = replace(self.shared.picture(subscriber.scope, since), watched=_watched(personal))
        if before is None:
            silent = silences(picture, subscriber.silent_days, personal.silences)
            first = build_first(subscriber, picture, self.now, wording, silent)
            return self._with_list(subscriber, first, picture, wording)
        news = self.shared.heard(subscriber, before, picture.watched)
        return self.changes(subscriber, news, picture, wording, before, personal.silences)

    def _with_list(self, subscriber: Subscriber, digest: Digest, picture: Picture, wording: Wording) -> Digest:
        """An officer's digest comes with what is overdue tonight."""
        late = self._late(subscriber)
        return with_list(digest, late, subscriber.scope, picture, self.now, wording) if late else digest

    def _late(self, subscriber: Subscriber) -> Sequence[Late]:
        """An officer's overdue list; nobody else has one."""
        return self.shared.late(subscriber.scope, self.now) if subscriber.role == "officer" else ()

    def replay(self, subscriber: Subscriber, since: datetime) -> Digest | None:
        """What one digest on everything stated since then would say; changes nothing."""
        wording = load(subscriber.language, subscriber.rhythm.timezone)
        picture = pictures(self.store, self.register, subscriber.scope, since, self.site_url, self.now)
        events = [event for event in events_where(self.store, since=since) if event.at <= self.now]
        told = events[0].seq - 1 if events else 0
        digest = build(subscriber, tellable(events, told), picture, self.now, wording)
        return (
            self._with_list(subscriber, digest, picture, wording)
            if digest
            else self._list(subscriber, picture, wording)
        )

    def _list(self, subscriber: Subscriber, picture: Picture, wording: Wording) -> Digest | None:
        """The digest of an officer to whom nothing happened; None if nothing is overdue either."""
        late = self._late(subscriber)
        if not late:
            return None
        digest = build_list(subscriber, list_subject(late, picture, wording), picture, self.now, wording)
        return with_list(digest, late, subscriber.scope, picture, self.now, wording)

    def changes(  # noqa: PLR0913, PLR0917 -- all that one digest is made of
        self,
        subscriber: Subscriber,
        news: Sequence[CityNews],
        picture: Picture,
        wording: Wording,
        before: Cursor,
        told: Iterable[str],
    ) -> Digest | None:
        """The digest of these news and of what became due since `before`; `told` are silences already told."""
        occasions = [
            *reminders(picture, before.considered_at, self.now),
            *silences(picture, subscriber.silent_days, told),
        ]
        digest = build_heard(subscriber, news, picture, self.now, wording, occasions)
        if digest:
            return self._with_list(subscriber, digest, picture, wording)
        quiet_for = wording.days(before.written_at, self.now)
        if quiet_for >= policy().list_days and (listed := self._list(subscriber, picture, wording)):
            return listed
        if subscriber.heartbeat and quiet_for >= policy().heartbeat_days:
            return build_heartbeat(subscriber, picture, self.now, wording)
        return None

    def _deliveries(self, subscriber: Subscriber, digest: Digest, version: int) -> list[Delivery]:
        wants_events = any(target.service.format == DOCUMENT for target in subscriber.targets)
        events = events_named(self.store, digest.events[: signed.EVENTS_MAX]) if wants_events else ()
        return deliveries_of(subscriber, digest, self._key, version, events)

    @cached_property
    def _key(self) -> bytes:
        return outbox.key(self.store)


def _watched(personal: Personal) -> frozenset[Key]:
    """Ids of today and of before: what happened before a dataset was rekeyed happened to it all the same."""
    return frozenset((one.portal, name) for one in personal.watches for name in (*one.was, one.dataset))


def _kept(store: Store, step: DigestStep) -> bool:
    """Raises ValueError where the database cannot hold what is to be kept."""
    try:
        return outbox.commit_all(store, [step])[0]
    except (DocumentTooLarge, InvalidDocument, OverflowError) as error:
        raise ValueError(f"the database cannot hold the digest ({type(error).__name__})") from error


def _written(subscriber: Subscriber, step: DigestStep, *, done: bool | None) -> Written:
    if done is None:
        return Written(subscriber.name, None, reason=FAILED)
    if not done:
        return Written(subscriber.name, None, reason="written by another process just now")
    return Written(subscriber.name, step.digest, len(step.deliveries), "" if step.digest else "nothing to say")


def _start(subscriber: Subscriber, now: datetime) -> datetime:
    return subscriber.held_until(now) or now


def _after(  # noqa: PLR0913 -- a cursor, field by field
    subscriber: Subscriber, before: Cursor | None, seq: int, now: datetime, *, written: bool, aside: tuple[str, ...]
) -> Cursor:
    if before is None:
        return Cursor(subscriber.name, seq, now, now)
    written_at = now if written else before.written_at
    return Cursor(subscriber.name, seq, now, written_at, before.version + 1, aside)


def deliveries_of(
    subscriber: Subscriber, digest: Digest, key: bytes, version: int | str, events: Sequence[Event] = ()
) -> list[Delivery]:
    """One delivery a target, rendered and cut to what the service takes; `events` are for programs."""
    attached, plain = renderings(subscriber, digest)
    made = []
    for target in subscriber.targets:
        rendered = attached if target.takes_files else plain
        identity = (target.ref(key), version)
        one = None
        with apart("target", f"{subscriber.name} #{target.index}"):
            one = _delivery(subscriber, target, digest, rendered, identity)
            if one.format == DOCUMENT:
                one = _as_document(one, digest, rendered, events)
        made.append(one or _plain(subscriber, target, digest, rendered, identity))
    return made


def renderings(subscriber: Subscriber, digest: Digest) -> tuple[Rendered, Rendered]:
    """The digest as it goes with its table attached, and as it goes where no file can; the same one without a table."""
    if digest.table is None:
        whole = render(digest)
        return whole, whole
    wording = load(subscriber.language, subscriber.rhythm.timezone)
    mailed = any(target.takes_files for target in subscriber.targets)
    attached, plain = (
        render(placed(digest, subscriber.name, wording, attached=here, mailed=mailed)) for here in (True, False)
    )
    return attached, plain


def _as_document(one: Delivery, digest: Digest, rendered: Rendered, events: Sequence[Event]) -> Delivery:
    """For a program: the same as text, and the events themselves."""
    body = signed.document(
        delivery=one.id,
        kind=one.kind,
        language=one.language,
        subject=one.subject,
        text=readable(rendered.text),
        subscriber=one.subscriber,
        events=signed.rows(events),
        events_total=len(digest.events),
    )
    return replace(one, pieces=(Piece(one.subject, body),))


def _plain(
    subscriber: Subscriber, target: Target, digest: Digest, rendered: Rendered, identity: tuple[str, int | str]
) -> Delivery:
    """The digest as short pieces of plain text: what a target gets where its own form cannot be made."""
    ref, version = identity
    parts = split(rendered.text, PLAIN_CHARS, len)
    return Delivery(
        id=outbox.delivery_id(subscriber.name, ref, version),
        subscriber=subscriber.name,
        index=target.index,
        ref=ref,
        service=target.service.name,
        kind=digest.kind.value,
        subject=digest.subject,
        language=digest.language,
        format="text",
        pieces=_numbered(rendered.subject, parts),
        events=digest.events,
    )


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
        attachment=digest.table.attachment if digest.table and target.takes_files else None,
    )


def _form(usual: str, wanted: str) -> str:
    """HTML is for mail and Markdown for chats; where a wish does not fit the service, the service decides."""
    if usual == DOCUMENT:
        return usual
    fitting = {"html", "text"} if usual == "html" else {"markdown", "text"}
    return wanted if wanted in fitting else usual


def _pieces(rendered: Rendered, form: str, target: Target) -> tuple[Piece, ...]:
    if form == "html":
        return (Piece(rendered.subject, rendered.html),)
    body = rendered.markdown if form == "markdown" else rendered.text
    parts = split(body, room(target, rendered.subject), target.service.size)
    return _numbered(rendered.subject, parts)


def _numbered(subject: str, parts: Sequence[str]) -> tuple[Piece, ...]:
    if len(parts) == 1:
        return (Piece(subject, parts[0]),)
    count = len(parts)
    return tuple(Piece(f"({n}/{count}) {subject}", part) for n, part in enumerate(parts, start=1))


def room(target: Target, subject: str) -> int:
    """What a body may take: the title is sent with every piece, within the same limit."""
    limit = target.limit
    return max(limit - target.service.size(subject) - _NUMBER_ROOM, 1) if limit else 0
