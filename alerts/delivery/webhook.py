"""Webhook for programs: the events as JSON (docs/webhook.schema.json), signed so that the receiver can verify them."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from itertools import islice
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests
from apprise import NotifyFormat, NotifyType
from apprise.plugins.base import NotifyBase

from alerts.delivery.message import Message
from alerts.model.events import Event
from alerts.text.sanitising import clean
from alerts.text.target_urls import AddressError
from opendata_spiders.store.clock import real_now

SCHEMES = {"nightwatch+https": "https", "nightwatch+http": "http"}
VERSION = "1"
EVENTS_MAX = 1000
"""Most events in one document; `events_total` gives the whole number."""
EVIDENCE_CHARS = 4_000_000
"""Most characters of all evidence in one document, which is kept in the database until it is sent."""
LIST_MAX = 100
"""Most entries of a list in the evidence, such as the datasets of a bulk deletion."""
_SHORTEST_SECRET = 16
_OURS = frozenset({"seq", "retracted", "evidence"})
"""Attributes of an event that the document leaves out or writes in another form."""


def parse(address: str) -> dict[str, Any]:
    """Schema, URL to post to (without the secret) and secret, from `nightwatch+https://host/path?secret=…`.

    Raises AddressError.
    """
    schema, _, rest = address.strip().partition("://")
    try:
        parts = urlsplit(f"{SCHEMES[schema.lower()]}://{rest}")
        asked, secrets = parse_qsl(parts.query, keep_blank_values=True), []
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise AddressError("it is no address; write nightwatch+https://HOST/PATH?secret=${NAME}.") from None
    secrets = [value for name, value in asked if name == "secret"]
    if not host or parts.username is not None:
        raise AddressError("it needs a host and takes no user; write nightwatch+https://HOST/PATH?secret=${NAME}.")
    if len(secrets) != 1 or len(secrets[0]) < _SHORTEST_SECRET:
        raise AddressError(f"it needs one `secret` of at least {_SHORTEST_SECRET} characters; add ?secret=${{NAME}}.")
    query = urlencode([pair for pair in asked if pair[0] != "secret"])
    url = urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))
    return {"schema": schema.lower(), "url": url, "secret": secrets[0]}


def signature(secret: str, body: bytes) -> str:
    """The value of the header X-Nightwatch-Signature: HMAC-SHA256 of the body."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def document(*, delivery: str, kind: str, language: str, subject: str, text: str, **more: Any) -> str:
    """The JSON document of docs/webhook.schema.json; `more`: subscriber, events, events_total."""
    values = {"subscriber": "", "events": [], "events_total": 0, **more}
    head = {"version": VERSION, "delivery": delivery, "kind": kind, "language": language, "subject": subject}
    return json.dumps({**head, "text": text, **values}, ensure_ascii=False, separators=(",", ":"))


def stamped(body: str, now: datetime) -> str:
    """The document with the time of sending, which is signed too, so that the receiver can reject old ones."""
    return f'{body.removesuffix("}")},"sent":"{now.isoformat(timespec="seconds")}"}}'


def rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Events for the document; portal text is raw except for control characters.

    Once all evidence together is longer than EVIDENCE_CHARS, that of further events is None.
    """
    listed, room = [], EVIDENCE_CHARS
    for event in events[:EVENTS_MAX]:
        evidence = _plain(event.evidence)
        room -= len(json.dumps(evidence, ensure_ascii=False))
        values = {one.name: getattr(event, one.name) for one in fields(event) if one.name not in _OURS}
        listed.append({**_plain(values), "evidence": evidence if room >= 0 else None})
    return listed


def _plain(value: Any) -> Any:
    """Any value as JSON types; lists are cut to LIST_MAX entries."""
    if isinstance(value, Mapping):
        return {clean(str(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in islice(value, LIST_MAX)]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float) else clean(str(value))


class SignedHook(NotifyBase):  # type: ignore[no-untyped-call]
    """Posts one document; only a 2xx status confirms it."""

    service_name: Any = "Signed webhook"
    secure_protocol: Any = tuple(SCHEMES)
    title_maxlen = 250
    body_maxlen = 64_000_000

    def __init__(
        self, *, url: str, secret: str, message: Message | None = None, schema: str = "", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call]
        self._url, self._secret, self._message = url, secret, message or Message("", "", "", "json")

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:  # noqa: FBT001, FBT002 -- Apprise's own
        """The address without path and secret, for logs."""
        return f"nightwatch+https://{urlsplit(self._url).hostname}/…"

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        body_format: NotifyFormat | None = None,
        **kwargs: Any,
    ) -> bool:
        """Post once, follow no redirect; the reason of a failure is logged, from which the outbox gets it."""
        message = self._message
        if message.format != "json":
            body = document(
                delivery=message.id, kind="test", language=message.language or "en", subject=title, text=body
            )
        content = stamped(body, real_now()).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": str(self.app_id),
            "X-Nightwatch-Signature": signature(self._secret, content),
            "X-Nightwatch-Delivery": message.id,
            "Idempotency-Key": message.id,
        }
        try:
            response = requests.post(
                self._url, data=content, headers=headers, timeout=self.request_timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            self.logger.warning("The webhook gave no answer (%s)", type(error).__name__)
            return False
        if 200 <= response.status_code < 300:
            return True
        self.logger.warning("The webhook answered HTTP %d", response.status_code)
        return False
