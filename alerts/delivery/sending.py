"""Sends one message to one target through Apprise and decides the outcome.

A message is confirmed only in `_outcome`: Apprise must report success, and the service's own answer must confirm it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from apprise import Apprise, NotifyFormat
from apprise.common import NotifyType
from apprise.logger import NotifyLogEntry
from apprise.result import AppriseResult, AppriseResultStatus

from alerts.delivery.answers import Answer, is_judged, listening, refusal, rest
from alerts.delivery.message import Message
from alerts.delivery.targets import SERVICE_SECONDS, Target, asset
from alerts.text.masking import MASKER

_FORMATS = {
    "html": NotifyFormat.HTML,
    "markdown": NotifyFormat.MARKDOWN,
    "text": NotifyFormat.TEXT,
    "json": NotifyFormat.TEXT,
}


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """Whether the service itself confirmed the message."""

    confirmed: bool
    error: str = ""
    """Why it is not confirmed: one line, without secrets."""
    judged: bool = True
    """False: it was sent, but the service never answers, so that it cannot be confirmed."""
    unfinished: bool = False
    """The service was still busy when we stopped waiting: a thread may still be running."""
    wait: float = 0.0
    """Seconds that the service asked us to wait; 0: it did not."""


def deliver(target: Target, message: Message) -> SendOutcome:
    """Send once and wait a bounded time; only a confirmation counts. Never raises for what a service does."""
    seen: list[str] = []
    sender = Apprise(asset=asset())
    sender.add(target.plugin(message))
    with listening(target.schema) as answers:
        result = sender.notify(
            body=message.body,
            title=message.title,
            notify_type=NotifyType.INFO,
            body_format=_FORMATS[message.format],
            timeout=SERVICE_SECONDS,
            log_callback=lambda entry, _: _note(entry, seen),
        )
    return _outcome(target, result, answers, seen)


def _note(entry: NotifyLogEntry, seen: list[str]) -> None:
    if entry.level in {"WARNING", "ERROR", "CRITICAL"}:
        seen.append(entry.message)


def _outcome(target: Target, result: AppriseResult, answers: Sequence[Answer], seen: Sequence[str]) -> SendOutcome:
    """The outcome from Apprise's result, the recorded answers, and Apprise's warnings (`seen`)."""
    refusals = [refusal(target.schema, one) for one in answers]
    judged = is_judged(target.schema)
    if result.status is AppriseResultStatus.SUCCESS and not (judged and any(refusals)):
        if "" in refusals:
            return SendOutcome(True)
        if target.confirms:
            return SendOutcome(False, "nobody answered: the service was not asked at all, or said no")
        return SendOutcome(True, judged=False)
    reasons = "; ".join(dict.fromkeys(seen)) or f"the service reported {result.status.name.lower()}"
    if judged and any(refusals):
        reasons = f"{target.service.name} refused the message: {next(filter(None, refusals))}"
    elif judged and not answers:
        reasons = f"{target.service.name} gave no answer ({reasons})"
    unfinished = result.status is AppriseResultStatus.TIMEOUT
    wait = max((rest(target.schema, one) for one in answers), default=0.0)
    return SendOutcome(False, MASKER.error(reasons), unfinished=unfinished, wait=wait)
