"""What each messaging service accepts: format, size and pace, from services.csv."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from html import escape

from opendata_spiders.tables import Tables

OTHER = "*"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _converted(text: str, target: str) -> int:
    from apprise.common import NotifyFormat  # noqa: PLC0415 -- takes longer to import than most commands run
    from apprise.conversion import convert_between  # noqa: PLC0415

    return _units(convert_between(NotifyFormat.TEXT, NotifyFormat(target), text))  # type: ignore[no-untyped-call]


_SIZES: Mapping[str, Callable[[str], int]] = {
    "bytes": lambda text: len(text.encode("utf-8")),
    "json": lambda text: len(json.dumps(text, ensure_ascii=False).encode("utf-8")) - len('""'),
    "chars": _units,
    "crlf": lambda text: _units(text.replace("\n", "\r\n")),
    "escaped": lambda text: _units(escape(text, quote=False)),
    "markdown": lambda text: _converted(escape(text, quote=False), "markdown"),
    "html": lambda text: _converted(text, "html"),
}
"""Size of a text as the service counts it, by the unit in services.csv."""


@dataclass(frozen=True, slots=True)
class Service:
    """One row of services.csv."""

    schema: str
    name: str
    format: str
    """Format of messages unless the subscriber chose another: html (mail), markdown or text; json cannot be changed."""
    limit: int
    """Maximum size of one message; 0: no limit."""
    unit: str
    """bytes (of UTF-8), json (bytes in a JSON request, escapes included), chars (UTF-16 units, as Discord counts), or
    chars after a conversion on the way: crlf (line breaks of two), escaped (&amp;), markdown, html."""
    pause: float
    """Seconds between two messages to the same target."""
    shows_host: bool
    """Whether the host of an address may be shown; in addresses of other services it may be a key."""

    def size(self, text: str) -> int:
        """Size of a text in the unit of `limit`."""
        return _SIZES[self.unit](text)


@cache
def _services() -> Mapping[str, Service]:
    return {row["schema"]: _service(row) for row in Tables("alerts.model").rows("services")}


def _service(row: Mapping[str, str]) -> Service:
    return Service(
        schema=row["schema"],
        name=row["service"],
        format=row["format"],
        limit=int(row["limit"]),
        unit=row["unit"],
        pause=float(row["pause_s"]),
        shows_host=row["shows_host"] == "yes",
    )


def similar(schema: str) -> str:
    """The listed schema that is most similar to an unknown one; empty if none is, or if this one is listed."""
    known = _services()
    return "" if schema in known else next(iter(get_close_matches(schema, known, 1)), "")


def service(schema: str) -> Service:
    """The service behind an Apprise schema; for a schema that is not listed the last row, which is conservative."""
    services = _services()
    return services.get(schema.lower(), services[OTHER])
