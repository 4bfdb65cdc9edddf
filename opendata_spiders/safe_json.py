"""JSON for a terminal or a pipe: portal text in it can neither steer a terminal nor hide."""

import json
from typing import Any


def safe_json(value: Any, *, indent: int | None = None) -> str:
    """The value as JSON, with every invisible character escaped; what JSON has no form for is written as text.

    `indent` gives several lines; json itself escapes only the characters below U+0020.
    """
    document = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return "\n".join(map(_shown, document.split("\n")))


def _shown(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)
