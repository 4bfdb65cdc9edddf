"""What a night and its worker processes tell each other: each message one line of JSON through a pipe."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class ReadPortal:
    """To a worker: read this portal beside what you are reading."""

    slug: str
    host: str
    """Its host group."""
    budget: int
    """Details it may read."""
    log: str
    """File to which its log is added."""


@dataclass(frozen=True, slots=True)
class FailPortal:
    """To a worker: end the reading of this portal as failed."""

    slug: str
    why: str
    """A sentence: the reason of the run."""


@dataclass(frozen=True, slots=True)
class EndAll:
    """To a worker: end what you are reading, and keep what was read."""


@dataclass(frozen=True, slots=True)
class ReadingNow:
    """How far the reading of a portal is."""

    slug: str
    seen: int
    declared: int | None
    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class WorkerAlive:
    """From a worker, every few seconds: what it is reading. Without it the worker counts as hanging."""

    readings: tuple[ReadingNow, ...]

    def __post_init__(self) -> None:
        """Take the readings also as they come from JSON."""
        made = tuple(one if isinstance(one, ReadingNow) else ReadingNow(**one) for one in self.readings)
        object.__setattr__(self, "readings", made)


@dataclass(frozen=True, slots=True)
class PortalEnded:
    """From a worker: a portal has been read."""

    slug: str
    verdict: str
    seconds: float


Message = ReadPortal | FailPortal | EndAll | WorkerAlive | PortalEnded
_KINDS: Final[dict[str, Any]] = {
    kind.__name__: kind for kind in (ReadPortal, FailPortal, EndAll, WorkerAlive, PortalEnded)
}


def to_line(message: Message) -> str:
    """Return the line of a message, with its end."""
    return json.dumps({"kind": type(message).__name__, **asdict(message)}) + "\n"


def from_line(line: str | bytes) -> Message:
    """Undo `to_line`; raises ValueError, KeyError or TypeError for any other line."""
    fields = json.loads(line)
    message: Message = _KINDS[fields.pop("kind")](**fields)
    return message
