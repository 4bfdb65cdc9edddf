"""Records the services' answers while a message is sent, and decides whether they confirm it.

Apprise reports only whether its plugin succeeded, not whether a request was made, nor the content of the answer. So
each HTTP answer and each reply of a mail server is recorded for the message being sent. Services that report errors
with HTTP 200 are in answers.csv: only the code of success listed there confirms a message.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

import requests

from alerts.text.sanitising import clean
from opendata_spiders.normalise.retry_after import retry_after as asked_pause
from opendata_spiders.store.clock import real_now
from opendata_spiders.tables import Tables

_MESSAGE_CHARS = 160
_MINUTE, _DAY = 60.0, 86_400.0


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """How one service reports success."""

    code: tuple[str, ...]
    """Fields that may hold the code; the first one present counts."""
    accepted: str
    message: tuple[str, ...]
    holds: str
    """Dotted path of a list that must not be empty; empty if there is none."""
    too_fast: tuple[str, ...]
    """Codes that mean too many messages."""
    rest_s: float
    """Seconds for which the service then refuses messages."""


@cache
def _rules() -> Mapping[str, AnswerRule]:
    return Tables("alerts.delivery").records(AnswerRule, "answers", "schema")


Answer = requests.Response | str
"""An HTTP answer, or the reply with which a mail server took a message."""


@dataclass(frozen=True, slots=True)
class _Hearing:
    """The answers recorded while one message is sent."""

    schema: str
    answers: list[Answer]


_HEARD: ContextVar[_Hearing | None] = ContextVar("answers to the message that is being sent", default=None)


@contextmanager
def listening(schema: str) -> Iterator[list[Answer]]:
    """Record every answer to one message, in order; also in threads that are started with a copy of the context."""
    _install()
    token = _HEARD.set(hearing := _Hearing(schema, []))
    try:
        yield hearing.answers
    finally:
        _HEARD.reset(token)


def note(answer: Answer) -> None:
    """Record an answer for the message being sent; does nothing if none is."""
    hearing = _HEARD.get()
    if hearing is not None:
        hearing.answers.append(answer)


def _install() -> None:
    """Wrap the method through which every plugin's request passes; repeating is harmless."""
    if hasattr(requests.Session.send, "listens"):
        return
    send = requests.Session.send

    @wraps(send)
    def listened(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        hearing = _HEARD.get()
        body, written = request.body, "json" in str(request.headers.get("Content-Type"))
        if hearing and is_judged(hearing.schema) and written and isinstance(body, bytes | str):
            # Apprise escapes a Chinese character into twice as many bytes as in UTF-8; these services count bytes.
            content = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"))
            request.prepare_body(content.encode(), None)
        answer = send(self, request, **options)
        note(answer)
        return answer

    listened.listens = True  # type: ignore[attr-defined]
    requests.Session.send = listened  # type: ignore[method-assign]


def is_judged(schema: str) -> bool:
    """Whether HTTP 200 alone confirms nothing for this service."""
    return schema in _rules()


def refusal(schema: str, answer: Answer) -> str:
    """Why an answer does not confirm the message, as one line without control characters; empty if it does.

    For a service in answers.csv everything but its code of success is a refusal: a missing code, a body that is not
    JSON, a proxy's page. For others the HTTP status counts. A mail server's reply is recorded only if it took the mail.
    """
    if isinstance(answer, str):
        return ""
    if schema not in _rules():
        return "" if answer.ok else f"HTTP {answer.status_code}"
    rule, said = _rules()[schema], _object(answer.content)
    if said is None:
        return f"HTTP {answer.status_code}, and the answer is not the service's own (no JSON object)"
    code = _code(rule, said)
    held: Any = said
    for step in rule.holds.split(".") if rule.holds else ():
        held = held.get(step) if isinstance(held, Mapping) else None
    reached = bool(held)
    if answer.status_code == 200 and str(code) == rule.accepted and reached:
        return ""
    message = next((str(said[name]) for name in rule.message if said.get(name)), "")
    nobody = ", but it reached nobody" if str(code) == rule.accepted and not reached else ""
    return clean(f"HTTP {answer.status_code}, code {code}{nobody}: {message}".rstrip(": "), _MESSAGE_CHARS)


def rest(schema: str, answer: Answer) -> float:
    """Seconds to wait because the service reported too many messages; 0 if it did not."""
    if isinstance(answer, str):
        return 0.0
    asked = retry_after(answer.status_code, answer.headers)
    if asked or schema not in _rules():
        return asked
    rule = _rules()[schema]
    return rule.rest_s if str(_code(rule, _object(answer.content) or {})) in rule.too_fast else 0.0


def retry_after(status: int, headers: Mapping[str, str]) -> float:
    """Seconds requested by a 429 or 503, at most a day; a minute for a 429 without a readable Retry-After."""
    if status not in {429, 503}:
        return 0.0
    asked = asked_pause(headers.get("Retry-After", ""), real_now())
    if asked is None:
        return _MINUTE if status == 429 else 0.0
    return min(asked.total_seconds(), _DAY)


def _code(rule: AnswerRule, answer: Mapping[str, Any]) -> Any:
    return next((answer[name] for name in rule.code if name in answer), None)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
