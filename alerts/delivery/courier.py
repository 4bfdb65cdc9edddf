"""The `send` step: delivers what the outbox holds, each target independently, nothing twice that was confirmed."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from pymongo.errors import PyMongoError

from alerts.delivery import outbox
from alerts.delivery.message import Message
from alerts.delivery.outbox import Delivery, DeliveryState
from alerts.delivery.pace import PATIENCE, Pace, Queue
from alerts.delivery.retries import next_try
from alerts.delivery.sending import SendOutcome, deliver
from alerts.delivery.targets import Target
from alerts.records.enclosures import file_kept
from alerts.text.masking import MASKER
from opendata_spiders.store.clock import real_now
from opendata_spiders.store.store import Store

log = logging.getLogger(__name__)

WORKERS = 4
"""Targets served at the same time, so that an unresponsive server does not delay the others."""
ASKS_MAX = 5
"""Attempts after which a pause requested by the service no longer shortens the usual interval."""
UNCONFIRMABLE = "this service confirms nothing"


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of one delivery."""

    delivery: Delivery
    label: str
    """The target without its secrets."""
    result: str
    """confirmed, sent (to a service that confirms nothing), failed (to be tried again), dead, cancelled, postponed or
    lost (another sender has it)."""
    error: str = ""
    unfinished: bool = False


class Addressee(Protocol):
    """What sending needs of a subscriber."""

    @property
    def name(self) -> str: ...

    @property
    def targets(self) -> Sequence[Target]: ...

    def held_until(self, now: datetime) -> datetime | None:
        """When messages may be delivered again; None if they may now."""


@dataclass(frozen=True)
class Courier:
    """Sends the messages of the subscribers of one file."""

    store: Store
    targets: Mapping[tuple[str, str], tuple[Addressee, Target]] = field(default_factory=dict)
    queue: Queue = field(default_factory=Queue)

    @classmethod
    def of(cls, store: Store, addressees: Iterable[Addressee]) -> "Courier":
        """A courier with every target of the file by its keyed hash."""
        key = outbox.key(store)
        return cls(store, {(one.name, target.ref(key)): (one, target) for one in addressees for target in one.targets})

    def send_all(self) -> list[Sent]:
        """Send everything that is due, until there is nothing left to claim or to wait for."""
        outbox.free_abandoned(self.store)
        with ThreadPoolExecutor(WORKERS) as pool:
            return [sent for done in pool.map(lambda _: self._serve(), range(WORKERS)) for sent in done]

    def _serve(self) -> list[Sent]:
        done: list[Sent] = []
        while (claimed := outbox.claim(self.store, now=real_now())) or self.queue.wait():
            sent = self._alone(claimed) if claimed else None
            done += [sent] if sent else []
        return done

    def _alone(self, one: Delivery) -> Sent | None:
        """Send one delivery; an exception counts as a failure, to be retried like a refusal, and the others go on."""
        try:
            return self._send(one)
        except PyMongoError:
            raise
        except Exception as error:
            log.exception("%s #%d: the delivery failed, which is a fault of this program", one.subscriber, one.index)
            reason = MASKER.error(f"a fault of this program ({type(error).__name__}: {error})")
            return self._put_back(one, one.service, SendOutcome(False, reason), real_now())

    def _send(self, one: Delivery) -> Sent | None:
        """The result; None if the delivery was put back because it was not its turn."""
        found = self.targets.get((one.subscriber, one.ref))
        if found is None:
            reason = "the target is no longer in the subscribers file"
            outbox.close(self.store, one, DeliveryState.CANCELLED, now=real_now(), error=reason)
            return Sent(one, one.service, "cancelled", reason)
        subscriber, target = found
        now = real_now()
        until = subscriber.held_until(now)
        # A delivery postponed to a time that has passed would be claimed again at once, repeatedly.
        if until and until > now:
            outbox.postpone(self.store, one, until)
            return Sent(one, target.label, "postponed", f"quiet or muted until {until:%Y-%m-%d %H:%M} UTC")
        return self._deliver(one, target)

    def _deliver(self, one: Delivery, target: Target) -> Sent | None:
        """Send every piece that is not confirmed yet, in order; stop at the first failure."""
        attachment = file_kept(self.store, one.file) if one.file else None
        if one.file and not attachment:
            return self._failed(one, target, SendOutcome(False, "its attachment is no longer in the database"))
        judged = True
        for number, (piece, message_id) in enumerate(zip(one.pieces, one.message_ids, strict=True)):
            if piece.sent:
                continue
            if not self._is_its_turn(one, target):
                return None
            if not outbox.keep(self.store, one, now=real_now()):
                return Sent(one, target.label, "lost", "another sender took it over")
            message = Message(message_id, piece.title, piece.body, one.format, one.text, one.language, attachment)
            outcome = deliver(target, message)
            if not outcome.confirmed:
                return self._failed(one, target, outcome)
            outbox.record_piece(self.store, one, number)
            judged = outcome.judged
        state = DeliveryState.CONFIRMED if judged else DeliveryState.SENT
        outbox.close(self.store, one, state, now=real_now())
        return Sent(one, target.label, state.value, "" if judged else UNCONFIRMABLE)

    def _is_its_turn(self, one: Delivery, target: Target) -> bool:
        """Wait for a turn that is near; otherwise put the delivery back until its turn."""
        now, pause = real_now(), target.service.pause
        turn = Pace(self.store).turn(one.ref, pause, now=now)
        if turn > now + PATIENCE:
            outbox.hold(self.store, one, self.queue.put(one.ref, turn, pause))
            return False
        time.sleep((turn - now).total_seconds())
        return True

    def _failed(self, one: Delivery, target: Target, outcome: SendOutcome) -> Sent:
        now, again = real_now(), None
        if outcome.wait and next_try(one.attempts + 1, one.first_at or now, now):
            asked, usual = now + timedelta(seconds=outcome.wait), next_try(one.attempts + 1, now, now)
            again = asked if one.attempts < ASKS_MAX or usual is None else max(asked, usual)
            Pace(self.store).block(one.ref, again)
            self.queue.put(one.ref, again, target.service.pause)
        return self._put_back(one, target.label, outcome, now, again)

    def _put_back(
        self, one: Delivery, label: str, outcome: SendOutcome, now: datetime, again: datetime | None = None
    ) -> Sent:
        again = again or next_try(one.attempts + 1, one.first_at or now, now)
        if again is None:
            outbox.close(self.store, one, DeliveryState.DEAD, now=now, error=outcome.error)
            return Sent(one, label, "dead", outcome.error, outcome.unfinished)
        outbox.retry(self.store, one, outcome.error, now=now, again=again)
        return Sent(one, label, "failed", outcome.error, outcome.unfinished)
