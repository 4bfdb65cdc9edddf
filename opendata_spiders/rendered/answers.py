"""What a page's own requests were answered, opened: JSON, JSONP, and JSON that lies as text within JSON."""

import json
import re
from collections.abc import Iterator
from typing import Any

from opendata_spiders.pages import bodies
from opendata_spiders.pages.contract import PageError
from opendata_spiders.rendered.policy import rendered_policy

Path = tuple[str | int, ...]
"""Keys and places that lead from an answer to a part of it."""
_JSONP = re.compile(r"\s*(?:/\*\*/)?\s*[\w$.]{1,80}\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*", re.DOTALL)
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def opened(text: str) -> Any:
    """The value of an answer, with every text within it that is itself JSON opened; None for what is not JSON.

    An answer that is an array counts as an object that holds it as `list`.
    """
    called = _JSONP.fullmatch(text) if text.rstrip()[-1:] in {")", ";"} else None
    try:
        value = _opened(bodies.json_value(called[1] if called else text), rendered_policy().most_depth)
    except PageError:
        return None
    return {"list": value} if isinstance(value, list) else value


def _opened(value: Any, deeper: int) -> Any:
    if deeper <= 0:
        return value
    if isinstance(value, dict):
        return {key: _opened(one, deeper - 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_opened(one, deeper - 1) for one in value]
    if isinstance(value, str) and value[:1] in {"{", "["} and value[-1:] in {"}", "]"}:
        return _opened(from_text(value), deeper - 1)
    return value


def from_text(text: str) -> Any:
    """The object or list that a text holds as JSON; the text itself where it holds none."""
    try:
        return bodies.json_value(text)
    except PageError:
        return text


def arrays(value: Any, at: Path = ()) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Every array of objects that lies in no other array's objects, with its path; the places of outer arrays count."""
    if len(at) > rendered_policy().most_depth:
        return
    if isinstance(value, dict):
        for key, one in value.items():
            yield from arrays(one, (*at, key))
    elif isinstance(value, list):
        entries = [one for one in value if isinstance(one, dict)]
        if entries and len(entries) == len(value):
            yield at, entries
        for place, one in enumerate(value[:20]):
            yield from arrays(one, (*at, place))


def jmespath_of(path: Path) -> str:
    """The path as a JMESPath expression; '' for the whole answer."""
    said = ""
    for step in path:
        if isinstance(step, int):
            said += f"[{step}]"
        else:
            key, projected = step.removesuffix("[]"), "[]" if step.endswith("[]") else ""
            said += (
                ("." if said else "")
                + (key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False))
                + projected
            )
    return said
