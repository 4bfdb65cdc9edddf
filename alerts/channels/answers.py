"""What a service's own answer says: HTTP 200 alone confirms nothing (answers.csv)."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from alerts.digest.words import clean

_MESSAGE_CHARS = 160


@dataclass(frozen=True, slots=True)
class Rule:
    """How one service says yes."""

    code: tuple[str, ...]
    """Fields that may hold the code; the first present decides."""
    accepted: str
    message: tuple[str, ...]
    holds: str
    """Dotted path of a list that must not be empty, or nothing."""


@cache
def _rules() -> Mapping[str, Rule]:
    text = files(__package__).joinpath("answers.csv").read_text("utf-8")
    return {row["schema"]: _rule(row) for row in csv.DictReader(text.splitlines())}


def _rule(row: Mapping[str, str]) -> Rule:
    return Rule(tuple(row["code"].split("|")), row["accepted"], tuple(row["message"].split("|")), row["holds"])


def refusal(schema: str, status: int, body: bytes) -> str:
    """Why the service did not take the message, in one line without controls; empty if it did.

    Anything but the service's own yes is a no: a missing code, a body that is no JSON, a page of somebody's proxy.
    """
    rule = _rules()[schema]
    answer = _object(body)
    if answer is None:
        return f"HTTP {status}, and the answer is not the service's own (no JSON object)"
    code = next((answer[name] for name in rule.code if name in answer), None)
    if status == 200 and str(code) == rule.accepted and _holds(answer, rule.holds):
        return ""
    message = next((str(answer[name]) for name in rule.message if answer.get(name)), "")
    reached = "" if str(code) != rule.accepted or _holds(answer, rule.holds) else ", but it reached nobody"
    return clean(f"HTTP {status}, code {code}{reached}: {message}".rstrip(": "), _MESSAGE_CHARS)


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
