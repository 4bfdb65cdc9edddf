"""What each service takes: format, size and pace, from services.csv."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OTHER = "*"
_SIZES: Mapping[str, Callable[[str], int]] = {
    "bytes": lambda text: len(text.encode("utf-8")),
    "json": lambda text: len(json.dumps(text, ensure_ascii=False).encode("utf-8")) - len('""'),
    "chars": lambda text: len(text.encode("utf-16-le")) // 2,
}


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
    """bytes (of UTF-8), json (bytes as they stand in a JSON request, escapes included) or chars (UTF-16 units, as
    Telegram and Discord count)."""
    pause: float
    """Seconds between two messages to the same target."""

    def size(self, text: str) -> int:
        """How much of the limit a text takes."""
        return _SIZES[self.unit](text)


@cache
def _services() -> Mapping[str, Service]:
    text = files(__package__).joinpath("services.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["schema"]: _service(row) for row in rows}


def _service(row: Mapping[str, str]) -> Service:
    return Service(
        schema=row["schema"],
        name=row["service"],
        format=row["format"],
        limit=int(row["limit"]),
        unit=row["unit"],
        pause=float(row["pause_s"]),
    )


def service(schema: str) -> Service:
    """The service behind an Apprise schema; what is not listed gets the careful last row."""
    services = _services()
    return services.get(schema.lower(), services[OTHER])
