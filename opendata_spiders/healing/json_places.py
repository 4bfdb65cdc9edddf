"""Where things lie in a JSON answer, as JMESPath expressions: lists of objects at any depth, values of an entry."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageError

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST: Final = 8
_MOST_NODES: Final = 20_000
"""Objects and lists of an answer that are searched at most."""
_SHORTEST_TEXT: Final = 20
"""Characters below which a text cannot be JSON that holds a list."""

Leaves = Mapping[str, Any]
"""The values of one entry by path; a list of scalars stays one value."""


@dataclass(frozen=True, slots=True)
class ObjectList:
    """A list of objects in an answer."""

    inside: str
    """Path of the text within the answer that is JSON itself and holds the list; empty where the answer holds it."""
    rows: str
    """Path of the list."""
    holder: Mapping[str, Any]
    """The object that `rows` starts from."""
    entries: tuple[Mapping[str, Any], ...]


def step(key: str) -> str:
    """One key as a step of a JMESPath expression."""
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def last_key(path: str) -> str:
    """The innermost key of a path."""
    return re.sub(r"\[\d*\]", "", path).rpartition(".")[2].strip('"')


def object_lists(answer: Any) -> Iterator[ObjectList]:
    """Every list of objects in an answer, also in texts of it that are JSON themselves (one level)."""
    if isinstance(answer, dict):
        yield from _lists(answer, "")
        for path, value in _texts(answer):
            try:
                within = bodies.json_object(value)
            except PageError:
                continue
            yield from _lists(within, path)


def _lists(holder: Mapping[str, Any], inside: str) -> Iterator[ObjectList]:
    for path, value in _walk(holder):
        if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
            yield ObjectList(inside, path, holder, tuple(value))


def numbers(holder: Mapping[str, Any], outside: str) -> Mapping[str, int]:
    """Every count in an object by its path, but those within `outside`."""
    found = {}
    for path, value in _walk(holder):
        if path != outside and not path.startswith(f"{outside}["):
            number, _ = bodies.total(value) if isinstance(value, str | int | float) else (None, ())
            if number is not None:
                found[path] = number
    return found


def _texts(holder: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, value in _walk(holder):
        if isinstance(value, str) and len(value) >= _SHORTEST_TEXT and value.lstrip()[:1] == "{" and "[" not in path:
            yield path, value


def _walk(holder: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Everything below an object by its path; of a list of objects only the list, and what its first entry leads to."""
    waiting: list[tuple[str, Any, int]] = [("", holder, 0)]
    left = _MOST_NODES
    while waiting and left:
        at, value, depth = waiting.pop()
        left -= 1
        if at:
            yield at, value
        if depth >= _DEEPEST:
            continue
        if isinstance(value, dict):
            waiting += [(f"{at}.{step(key)}" if at else step(key), one, depth + 1) for key, one in value.items()]
        elif isinstance(value, list) and value and isinstance(value[0], dict | list):
            waiting.append((f"{at}[0]", value[0], depth + 1))


def leaves(entry: Mapping[str, Any]) -> Leaves:
    """The scalars of an entry, and its lists of scalars, by path.

    A key of a list's objects is `files[].format`, a list, and of the first one alone `files[0].format`.
    """
    found: dict[str, Any] = {}
    _add_leaves(entry, "", found, 0)
    return found


def _add_leaves(value: Mapping[str, Any], at: str, found: dict[str, Any], depth: int) -> None:
    for key, one in value.items():
        path = f"{at}{step(key)}"
        if isinstance(one, dict):
            if depth < _DEEPEST:
                _add_leaves(one, f"{path}.", found, depth + 1)
        elif isinstance(one, list) and any(isinstance(part, dict) for part in one):
            parts = [part for part in one if isinstance(part, dict)]
            for name in dict.fromkeys(name for part in parts for name in part):
                values = [part.get(name) for part in parts]
                if not any(isinstance(part, dict | list) for part in values):
                    found[f"{path}[].{step(name)}"] = [part for part in values if part is not None]
                    found[f"{path}[0].{step(name)}"] = parts[0].get(name)
        else:
            found[path] = one


def objects(answer: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object of an answer by its path, outer ones first; '' is the answer itself."""
    yield "", answer
    found = [(path, value) for path, value in _walk(answer) if isinstance(value, dict)]
    yield from sorted(found, key=lambda one: one[0].count("."))
