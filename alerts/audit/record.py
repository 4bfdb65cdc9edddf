"""One dataset of a catalogue, raw and normalised, and how the values of its portal are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from opendata_spiders.normalise import Normalised, normalise
from opendata_spiders.store.models import Entry


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How the values of a catalogue are read, and as of when."""

    family: str
    """`family/slug`, the key of the vocabularies."""
    tz: tzinfo
    lost: tuple[str, ...]
    """Fields that the portal no longer fills."""
    complete_at: datetime
    """Time (UTC) of the last complete run: promises are judged as of this time."""
    at: datetime
    """Time (UTC) of the last run: dates are judged as of this time, so that an audit can be repeated."""


@dataclass(frozen=True, slots=True)
class Record:
    """One dataset, raw and normalised."""

    entry: Entry
    raw: Mapping[str, Any]
    """Raw content fields by canonical name."""
    read: Normalised
    at: datetime
    """Time (UTC) of the portal's last run."""


def record_of(entry: Entry, content: Mapping[str, Any], how: ReadAs) -> Record:
    """The record of a manifest entry and the content of its version."""
    values = {**content, **entry.clocks, **entry.measures}
    return Record(entry, content, normalise(values, family=how.family, tz=how.tz, now=how.at), how.at)
