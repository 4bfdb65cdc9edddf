"""What each service takes: format, size and pace, from services.csv."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
"""How much of its limit a text takes as the service gets it, by the unit in services.csv."""


@dataclass(frozen=True, slots=True)
class Service:
    """One row of services.csv."""

    schema: str
    name: str
    format: str
    """What it is sent unless the subscriber says otherwise: html (mail), markdown or text; json (a document) always."""
    limit: int
    """Most of one message; 0: no limit of its own."""
    unit: str
    """bytes (of UTF-8), json (bytes as they stand in a JSON request, escapes included), chars (UTF-16 units, as Discord
    counts), or chars of what becomes of the text on its way: crlf (breaks of two), escaped (&amp;), markdown, html."""
    pause: float
    """Seconds between two messages to the same target."""
    shows_host: bool
    """Whether the host in an address is no secret; elsewhere a key may stand in its place."""

    def size(self, text: str) -> int:
        """How much of the limit a text takes."""
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


def service(schema: str) -> Service:
    """The service behind an Apprise schema; what is not listed gets the careful last row."""
    services = _services()
    return services.get(schema.lower(), services[OTHER])
