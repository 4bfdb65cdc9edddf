"""What a service's own answer says: HTTP 200 alone confirms nothing (answers.csv)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import requests

from alerts.text.sanitising import clean
from opendata_spiders.store.clock import real_now
from opendata_spiders.tables import Tables

_MESSAGE_CHARS = 160
_MINUTE, _DAY = 60.0, 86_400.0
_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{0,6})?")


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """How one service says yes."""

    code: tuple[str, ...]
    """Fields that may hold the code; the first present decides."""
    accepted: str
    message: tuple[str, ...]
    holds: str
    """Dotted path of a list that must not be empty, or nothing."""
    too_fast: tuple[str, ...]
    """Codes that say: too many messages."""
    rest: float
    """Seconds the service shuts us out then."""


@cache
def _rules() -> Mapping[str, AnswerRule]:
    return {row["schema"]: _rule(row) for row in Tables("alerts.delivery").rows("answers")}


def _rule(row: Mapping[str, str]) -> AnswerRule:
    return AnswerRule(
        code=tuple(row["code"].split("|")),
        accepted=row["accepted"],
        message=tuple(row["message"].split("|")),
        holds=row["holds"],
        too_fast=tuple(row["too_fast"].split("|")) if row["too_fast"] else (),
        rest=float(row["rest_s"]),
    )


def refusal(schema: str, status: int, body: bytes) -> str:
    """Why the service did not take the message, in one line without controls; empty if it did.

    Anything but the service's own yes is a no: a missing code, a body that is no JSON, a page of somebody's proxy.
    """
    rule = _rules()[schema]
    answer = _object(body)
    if answer is None:
        return f"HTTP {status}, and the answer is not the service's own (no JSON object)"
    code = _code(rule, answer)
    if status == 200 and str(code) == rule.accepted and _holds(answer, rule.holds):
        return ""
    message = next((str(answer[name]) for name in rule.message if answer.get(name)), "")
    reached = "" if str(code) != rule.accepted or _holds(answer, rule.holds) else ", but it reached nobody"
    return clean(f"HTTP {status}, code {code}{reached}: {message}".rstrip(": "), _MESSAGE_CHARS)


def rest(schema: str, answer: requests.Response) -> float:
    """Seconds to leave the service alone because it said that we are too fast; 0 if it did not."""
    asked = retry_after(answer.status_code, answer.headers)
    if asked or schema not in _rules():
        return asked
    rule = _rules()[schema]
    return rule.rest if str(_code(rule, _object(answer.content) or {})) in rule.too_fast else 0.0


def retry_after(status: int, headers: Mapping[str, str]) -> float:
    """Seconds a 429 or 503 asks for (RFC 9110: a number or a date), at most a day.

    Of a 429 that asks for nothing that can be read, a minute. A date without a zone is in UTC, as all of HTTP's are.
    """
    if status not in {429, 503}:
        return 0.0
    said = headers.get("Retry-After", "").strip()
    seconds = float(said) if _SECONDS.fullmatch(said) else _until(said)
    if seconds is None:
        seconds = _MINUTE if status == 429 else 0.0
    return min(max(seconds, 0.0), _DAY)


def _until(said: str) -> float | None:
    """Seconds until a date; None where it is none."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = read(said)
            break
        except (ValueError, OverflowError):
            continue
    else:
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - real_now()).total_seconds()


def _code(rule: AnswerRule, answer: Mapping[str, Any]) -> Any:
    return next((answer[name] for name in rule.code if name in answer), None)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _holds(answer: Mapping[str, Any], path: str) -> bool:
    found: Any = answer
    for step in path.split(".") if path else ():
        found = found.get(step) if isinstance(found, Mapping) else None
    return bool(found)
