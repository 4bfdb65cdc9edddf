"""One message to one target through Apprise, and what came of it."""

from dataclasses import dataclass

from apprise import Apprise, NotifyFormat
from apprise.common import NotifyType
from apprise.logger import NotifyLogEntry
from apprise.plugins.base import NotifyBase
from apprise.result import AppriseResult, AppriseResultStatus

from alerts.channels.masking import MASKER
from alerts.channels.targets import SERVICE_SECONDS, Target, asset
from alerts.enclosures import Attachment

_FORMATS = {
    "html": NotifyFormat.HTML,
    "markdown": NotifyFormat.MARKDOWN,
    "text": NotifyFormat.TEXT,
    "json": NotifyFormat.TEXT,
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a service gets it."""

    id: str
    title: str
    body: str
    format: str
    """html, markdown, text or json: what `body` is."""
    text: str = ""
    """For mail: the same in plain text."""
    language: str = ""
    attachment: Attachment | None = None
    """For mail: a file that goes with it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the service itself confirmed the message."""

    confirmed: bool
    error: str = ""
    """Why not: one line, without secrets."""
    unfinished: bool = False
    """The service was still busy when we stopped waiting: a thread of it may live on."""
    wait: float = 0.0
    """Seconds the service asked us to leave it alone; 0: it did not."""


def deliver(target: Target, message: Message) -> Outcome:
    """Send once, wait a bounded time, and believe nothing but a confirmation. Never raises for what a service does."""
    plugin = target.plugin(
        message_id=message.id,
        text=message.text,
        language=message.language,
        is_document=message.format == "json",
        attachment=message.attachment,
    )
    seen: list[str] = []
    sender = Apprise(asset=asset())
    sender.add(plugin)
    result = sender.notify(
        body=message.body,
        title=message.title,
        notify_type=NotifyType.INFO,
        body_format=_FORMATS[message.format],
        timeout=SERVICE_SECONDS,
        log_callback=lambda entry, _: _note(entry, seen),
    )
    return _outcome(result, seen, getattr(plugin, "asked_wait", 0.0))


def _note(entry: NotifyLogEntry, seen: list[str]) -> None:
    if entry.level in {"WARNING", "ERROR", "CRITICAL"}:
        seen.append(entry.message)


def _outcome(result: AppriseResult, seen: list[str], wait: float) -> Outcome:
    if result.status is AppriseResultStatus.SUCCESS:
        return Outcome(True)
    unfinished = result.status is AppriseResultStatus.TIMEOUT
    reasons = "; ".join(dict.fromkeys(seen)) or f"the service reported {result.status.name.lower()}"
    return Outcome(False, MASKER.error(reasons), unfinished, wait)


def titled(plugin: NotifyBase) -> bool:
    """Whether the service shows a title of its own."""
    return bool(plugin.title_maxlen)
