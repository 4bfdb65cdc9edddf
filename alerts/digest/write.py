"""The `digest` step: commits deliveries and the moved cursor together, for every subscriber who is due.

If a single event, reader or target fails, operators are told, and everything else is sent.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from bson.errors import InvalidDocument
from pymongo.errors import DocumentTooLarge, PyMongoError

from alerts.audience.personal import PersonalChange
from alerts.audience.subscribers import Subscriber
from alerts.audience.watches import followed
from alerts.delivery import outbox
from alerts.delivery import webhook as signed
from alerts.delivery.outbox import Cursor, Delivery
from alerts.digest.build import build, build_heartbeat
from alerts.digest.compose import Composer
from alerts.digest.deliveries import DOCUMENT, deliveries_of
from alerts.digest.due import reason_to_wait
from alerts.digest.model import Digest
from alerts.digest.render import Rendered
from alerts.model.events import Event
from alerts.records.isolation import apart, succeeded
from alerts.records.queries import events_named
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store

_LOT = 50
"""Subscribers per transaction: enough that waiting for the disk does not matter, few enough to be repeated."""
ASIDE_MAX = 500
"""Most events left out of one reader's digests; if more cannot be worded, the fault is not in the events."""
FAILED = "failed, and is tried again the next time; operators are told"
_TOO_MUCH = (DocumentTooLarge, InvalidDocument, OverflowError)
"""Errors of the database for documents that it cannot hold."""


class TooManyAsideError(ValueError):
    """Raised when so many events cannot be worded that the cursor must not go past them."""


@dataclass(frozen=True, slots=True)
class Written:
    """The result for one subscriber."""

    subscriber: str
    digest: Digest | None
    """None: nothing to report, or not due."""
    deliveries: int = 0
    reason: str = ""
    """Why there is no digest."""


@dataclass(frozen=True, slots=True)
class DigestStep(outbox.OutboxStep):
    """What is to be committed for one subscriber, and its digest."""

    digest: Digest | None = None

    def written(self, *, done: bool | None) -> Written:
        """The result: committed (True), lost to another process (False), or refused by the database (None)."""
        name = self.after.subscriber
        if not done:
            return Written(name, None, reason=FAILED if done is None else "written by another process just now")
        return Written(name, self.digest, len(self.deliveries), "" if self.digest else "nothing to say")


@dataclass(frozen=True)
class DigestSession(Composer):
    """Composes the digests of one call and writes those that are due; make a new one for the next call."""

    def write(self, subscriber: Subscriber) -> Written:
        """Write the digest of one subscriber if it is due; it is written once even if processes compete."""
        return next(iter(self.write_all([subscriber])))

    def write_all(self, subscribers: Iterable[Subscriber]) -> Iterator[Written]:
        """Like `write` for each of them, in their order, many per transaction."""
        waiting = iter(subscribers)
        while lot := list(islice(waiting, _LOT)):
            cursors = outbox.cursors(self.store, [one.name for one in lot])
            considered = [self._alone(one, cursors.get(one.name)) for one in lot]
            done = iter(_committed(self.store, [one for one in considered if isinstance(one, DigestStep)]))
            for one in considered:
                yield one if isinstance(one, Written) else one.written(done=next(done))

    def _alone(self, subscriber: Subscriber, before: Cursor | None) -> Written | DigestStep:
        """What is to be committed, or why nothing is; if a reader's digest fails, their cursor stays where it is.

        An event that fails is put aside, and reported to this reader once it can be.
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
        if waits := reason_to_wait(subscriber, before, self.now, self.cache):
            return Written(subscriber.name, None, reason=waits)
        digest, seq = self.compose(subscriber, before)
        aside = self._aside(subscriber, before) if before else ()
        after = Cursor(subscriber.name, seq, self.now, self.now)
        if before:
            written_at = self.now if digest else before.written_at
            after = replace(after, written_at=written_at, version=before.version + 1, aside=aside)
        deliveries: list[Delivery] = []
        if digest:
            wants_events = any(target.service.format == DOCUMENT for target in subscriber.targets)
            events = events_named(self.store, digest.events[: signed.EVENTS_MAX]) if wants_events else ()
            deliveries = deliveries_of(subscriber, digest, self._key, after.version, events)
        if digest and not deliveries:
            raise ValueError("there is a digest and no target that it could go to")
        for name in before.aside if before else ():
            if name not in aside:
                succeeded("event", name)
        start = subscriber.held_until(real_now()) or real_now()
        old, new = self.cache.personal(subscriber.name), self.cache.personal_now(subscriber.name, before)
        told = digest.silences if digest else ()
        change = PersonalChange(self.store, subscriber.name, old.watches, new.watches, told)
        return DigestStep(before, after, deliveries, start, change or None, digest)

    def _put_aside(self, subscriber: Subscriber, before: Cursor) -> bool:
        """Whether single events make this reader's digest fail; from now on they are left out of every digest.

        Each event is tried in a digest of its own. Raises if even a digest without events fails.
        """
        personal = self.cache.personal(subscriber.name)
        view = self.view(subscriber, before.written_at, personal)
        Rendered(build_heartbeat(subscriber, view))

        def phrase(event: Event) -> None:
            followed(self.store, personal.watches, [event])
            if digest := build(subscriber, [event], view):
                Rendered(digest)

        news = self.cache.news(before.seq, before.aside).of(subscriber.scope.follows, personal.portals)
        return self.cache.put_aside(news, phrase)

    def _aside(self, subscriber: Subscriber, before: Cursor) -> tuple[str, ...]:
        """Ids of the events that could not be reported to this reader so far. Raises TooManyAsideError."""
        news = self.cache.news(before.seq, before.aside)
        portals = self.cache.personal(subscriber.name).portals
        names = [one.id for one in news.aside if subscriber.scope.follows(one.slug) or one.portal in portals]
        if len(names) > ASIDE_MAX:
            raise TooManyAsideError(f"{len(names)} events cannot be put into words; the cursor stays where it is")
        return tuple(names)

    @cached_property
    def _key(self) -> bytes:
        return outbox.key(self.store)


def _committed(store: Store, steps: Sequence[DigestStep]) -> Iterator[bool | None]:
    """For each step whether it was committed: False if another process was first, None if the database refused it.

    A step that the database refuses fails alone.
    """
    try:
        yield from outbox.commit_all(store, steps)
    except _TOO_MUCH:
        for step in steps:
            done = None
            with apart("reader", step.after.subscriber):
                try:
                    [done] = outbox.commit_all(store, [step])
                except _TOO_MUCH as error:
                    raise ValueError(f"the database cannot hold the digest ({type(error).__name__})") from error
            yield done
