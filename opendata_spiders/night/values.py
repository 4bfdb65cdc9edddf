"""What a night is made of: the unit that one worker is given, and how the reading of a portal ended."""

from dataclasses import dataclass
from pathlib import Path

from opendata_spiders.store.models import Verdict

FINISHES = "NIGHT_WORKER_FINISHES"
"""Scrapy setting of a worker process: whether it reads its portals to their end when whoever started it has died."""


@dataclass(frozen=True, slots=True)
class NightUnit:
    """What is read by one worker at a time: the portals of one host group."""

    host: str
    """The host group."""
    slugs: tuple[str, ...]
    """Its portals in the order of reading."""
    budget: int
    """Details each portal may read tonight."""


@dataclass(frozen=True, slots=True)
class Result:
    """How the reading of one portal ended."""

    slug: str
    host: str
    verdict: Verdict
    seconds: float
    log: Path
