"""What the watch knows of its own reading: each portal's latest runs, and the latest night."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from alerts.health.policy import policy
from alerts.records.isolation import Fault, apart, faults
from opendata_spiders.register import Portal, Register
from opendata_spiders.store import codec
from opendata_spiders.store.models import Run, Verdict
from opendata_spiders.store.regrades import graded
from opendata_spiders.store.runs import from_document
from opendata_spiders.store.store import Store

_AT_ONCE = 8
"""Of most portals the last run is the last trusted one: few are loaded at a time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One crawlable portal with its latest runs."""

    portal: Portal
    runs: Sequence[Run]
    """Newest first, down to the last trusted one if there is one in reach; empty if it was never read."""

    @property
    def last(self) -> Run | None:
        return self.runs[0] if self.runs else None

    @property
    def trusted(self) -> Run | None:
        """The last complete run."""
        last = self.runs[-1] if self.runs else None
        return last if last is not None and last.verdict is Verdict.COMPLETE else None

    @property
    def since_trusted(self) -> Sequence[Run]:
        """The runs after it, newest first; all of them if there is none."""
        return self.runs[:-1] if self.trusted else self.runs


@dataclass(frozen=True, slots=True)
class LastNight:
    """The latest night over many portals."""

    id: str
    at: datetime
    seconds: float
    """How long it took, in real time."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By slug."""
    uplink_suspect: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything the rules look at."""

    now: datetime
    seen: Sequence[Seen]
    night: LastNight | None = None
    faults: Sequence[Fault] = ()
    """Parts of our own steps that do not work."""


def look(store: Store, register: Register, now: datetime) -> Sight:
    """Load what the rules look at, with the verdicts that hold."""
    known = store.regrades()
    seen = []
    for portal in register.crawlable():
        with apart("portal", portal.slug):
            found = store.db["runs"].find({"portal": portal.id}).sort("seq", -1).batch_size(_AT_ONCE)
            runs: list[Run] = []
            for document in islice(found, int(policy().runs_back)):
                runs.append(graded(from_document(document), known))
                if runs[-1].verdict is Verdict.COMPLETE:
                    break
            seen.append(Seen(portal, tuple(runs)))
    last, night = store.db["nights"].find_one(sort=[("at", -1), ("_id", -1)]), None
    if last is not None:
        seconds = (last["finished"] - last["started"]).total_seconds()
        night = codec.from_document(LastNight, {**last, "seconds": seconds})
    return Sight(now, seen, night, faults(store, now - timedelta(days=policy().fault_days)))
