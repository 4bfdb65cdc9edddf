"""Pages as HTML and feeds as XML: everything is escaped, nothing is fetched, the same data makes the same bytes."""

import hashlib
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts.model.states import plain
from alerts.publish.rows import when
from alerts.text.labels import label
from alerts.text.sanitising import clean, inert
from alerts.text.statements import CHINA

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_CHARS = 600
"""Of one value on a page."""


def render(name: str, **values: object) -> str:
    """A template of templates/ (`site/event.html.j2`) with its values."""
    return _environment().get_template(name).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html.j2", "xml.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["L"] = label
    environment.filters |= {"when": when, "times": times, "seen": visible, "inert": _inert}
    return environment


def times(moment: datetime) -> tuple[str, str]:
    """A moment to the second, in UTC and in China's time."""
    return (
        f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S} +08:00",
    )


def visible(value: Any, limit: int = _CHARS) -> str:
    """A value as one line without controls, overrides and half characters; nothing as a dash."""
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return _utc(value)
    text = value if isinstance(value, str) else json.dumps(plain(value), ensure_ascii=False, default=_utc)
    return clean(text, limit) or "–"


def _utc(value: Any) -> str:
    return times(value)[0] if isinstance(value, datetime) else str(value)


def _inert(text: str, limit: int = 0) -> str:
    """Portal text as one line that nothing turns into a link or a tag."""
    return inert(clean(text, limit))


@cache
def look() -> str:
    """Changes whenever templates, names of kinds or texts do: pages written before must then be written anew."""
    alerts = Path(__file__).resolve().parents[1]
    sources = [*sorted((TEMPLATES / "site").glob("*.j2")), alerts / "model" / "kinds.csv"]
    for folder, pattern in (("text/phrases", "*.yaml"), ("text", "*.py"), ("publish", "*.py")):
        sources += sorted((alerts / folder).glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
