"""Renders messages, pages and feeds from templates/: HTML and XML are escaped; equal data give equal bytes."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts.text.jsonable import jsonable
from alerts.text.labels import label
from alerts.text.parts import as_html, as_markdown, as_text
from alerts.text.sanitising import BREAK, clean, inert
from opendata_spiders.store.clock import SHANGHAI

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_CHARS = 600
"""Most characters of one value on a page."""


def render(name: str, **values: object) -> str:
    """Render a template of templates/ (such as `digest/mail.html.j2`) with these values."""
    return _shared().get_template(name).render(values)


@cache
def _shared() -> Environment:
    return environment()


def environment() -> Environment:
    """A new environment over templates/, for callers with globals or filters of their own."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html.j2", "xml.j2")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals |= {"L": label, "BREAK": BREAK}
    made.filters |= {"as_text": as_text, "as_markdown": as_markdown, "as_html": as_html}
    made.filters |= {"when": when, "times": times, "seen": visible, "inert": _inert}
    return made


def when(moment: datetime | None) -> str:
    """A time in China's time zone, to the minute; the same in both languages."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""


def times(moment: datetime) -> tuple[str, str]:
    """A time to the second, in UTC and in China's time zone."""
    return _utc(moment), f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} +08:00"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def visible(value: Any, limit: int = _CHARS) -> str:
    """A value as one line of visible characters; a dash for an empty one."""
    told = jsonable(value, _utc)
    text = told if isinstance(told, str) else "" if told is None else json.dumps(told, ensure_ascii=False)
    return clean(text, limit) or "–"


def _inert(text: str, limit: int = 0) -> str:
    """Portal text as one line that no client turns into a link or a tag."""
    return inert(clean(text, limit))
