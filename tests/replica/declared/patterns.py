"""The inverse of a regular expression: a short text that it matches with given groups."""

import re
from collections.abc import Mapping
from typing import Any

_CLASSES = {"CATEGORY_DIGIT": "0", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "x", "CATEGORY_NOT_DIGIT": "~",
            "CATEGORY_NOT_SPACE": "x", "CATEGORY_NOT_WORD": "~"}  # fmt: skip
_CANDIDATES = "~x0 /-"


def spell(pattern: str, groups: Mapping[str | int, str]) -> str:
    """Return a text that `pattern` matches with `groups` (by name or number); raise ValueError where that fails."""
    parsed = re._parser.parse(pattern)  # type: ignore[attr-defined]
    names = {number: name for name, number in parsed.state.groupdict.items()}
    text = _spelled(parsed, {number: groups.get(name, groups.get(number)) for number, name in names.items()} | {
        number: value for number, value in groups.items() if isinstance(number, int)
    })  # fmt: skip
    found = re.search(pattern, text)
    if found is None or any(found[group] != value for group, value in groups.items()):
        raise ValueError(f"{pattern!r} does not read {dict(groups)!r} from {text!r}")
    return text


def _spelled(parsed: Any, groups: Mapping[int, str | None]) -> str:
    return "".join(_one(str(op), argument, groups) for op, argument in parsed)


def _one(op: str, argument: Any, groups: Mapping[int, str | None]) -> str:
    if op == "LITERAL":
        return chr(argument)
    if op in ("ANY", "NOT_LITERAL"):
        return next(char for char in _CANDIDATES if ord(char) != argument)
    if op == "IN":
        return _in(argument)
    if op == "SUBPATTERN":
        number, _, _, inner = argument
        return wanted if (wanted := groups.get(number)) is not None else _spelled(inner, groups)
    if op in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, _, inner = argument
        return _spelled(inner, groups) * (least or _holds_wanted(inner, groups))
    if op == "BRANCH":
        return _spelled(argument[1][0], groups)
    if op == "AT":
        return ""
    raise ValueError(f"no text is known for {op} in a pattern: write one in {__name__}")


def _in(options: Any) -> str:
    if str(options[0][0]) == "NEGATE":
        shut = "".join(_in([option]) for option in options[1:])
        return next(char for char in _CANDIDATES if char not in shut)
    op, argument = str(options[0][0]), options[0][1]
    return {"LITERAL": chr, "RANGE": lambda ends: chr(ends[0]), "CATEGORY": lambda one: _CLASSES[str(one)]}[op](
        argument
    )


def _holds_wanted(parsed: Any, groups: Mapping[int, str | None]) -> bool:
    return any(str(op) == "SUBPATTERN" and groups.get(argument[0]) is not None for op, argument in parsed)
