"""The data about this service's own crawling: each portal's latest runs, the latest night, and faults."""

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
"""Runs loaded at a time; few, because for most portals the last run is complete."""


@dataclass(frozen=True, slots=True)
class RunHistory:
    """One crawlable portal with its latest runs."""

    portal: Portal
    runs: Sequence[Run]
    """Newest first, back to the last complete one if that is within `runs_back`; empty if it was never read."""

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
        """The runs after the last complete one, newest first; all of them if there is none."""
        return self.runs[:-1] if self.trusted else self.runs


@dataclass(frozen=True, slots=True)
class LastNight:
    """The latest night over many portals."""

    id: str
    at: datetime
    seconds: float
    """Duration in real time."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """By slug."""
    uplink_suspect: bool = False


@dataclass(frozen=True, slots=True)
class HealthData:
    """All data that the rules use."""

    now: datetime
    histories: Sequence[RunHistory]
    night: LastNight | None = None
    faults: Sequence[Fault] = ()
    """Failed parts of our own steps."""


def load_health_data(store: Store, register: Register, now: datetime) -> HealthData:
    """Load the data for the rules, with the current verdicts."""
    known = store.regrades()
    histories = []
    for portal in register.crawlable():
        with apart("portal", portal.slug):
            found = store.db["runs"].find({"portal": portal.id, "imported": None}).sort("seq", -1).batch_size(_AT_ONCE)
            runs: list[Run] = []
            for document in islice(found, int(policy().runs_back)):
                runs.append(graded(from_document(document), known))
                if runs[-1].verdict is Verdict.COMPLETE:
                    break
            histories.append(RunHistory(portal, tuple(runs)))
    last, night = store.last_night(), None
    if last is not None:
        seconds = (last["finished"] - last["started"]).total_seconds()
        night = codec.from_document(LastNight, {**last, "seconds": seconds})
    return HealthData(now, histories, night, faults(store, now - timedelta(days=policy().fault_days)))
