"""How a state is shown (states.csv): a tone, a mark beside the word, and whether it still holds.

The order of the table is that of every list of cities: the most severe state first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from alerts.records.queries import CityView
from alerts.site.policy import policy
from alerts.site.words import said
from alerts.text.labels import Both, label
from alerts.text.templates import when
from opendata_spiders.tables import Tables


@dataclass(frozen=True, slots=True)
class StateRow:
    """One row of states.csv."""

    tone: str
    """Class of the stylesheet: bad, warn, good or unknown."""
    mark: str
    """A sign that tells the tones apart without colour."""
    tried: bool
    """Whether it holds as of the last run with any verdict, not as of the last complete one."""


@dataclass(frozen=True, slots=True)
class ShownState:
    """A city's state as pages show it."""

    tone: str
    mark: str
    words: Both
    rank: int
    """Place in a list of cities, the most severe first; one without a recent complete run comes last."""
    stale: bool


@cache
def states() -> Mapping[str, StateRow]:
    """Every state by code, in the order of the table. Raises TableError."""
    return Tables("alerts.site").records(StateRow, "states", "state")


def shown(view: CityView, now: datetime) -> ShownState:
    """The state of a city; one that was not completely read lately is grey and names the day it was true."""
    row, words, read = states().get(view.state, states()["none"]), label(f"state.{view.state}"), view.last_complete_at
    stale = not row.tried and (read is None or now - read > timedelta(days=policy().current_days))
    rank = len(states()) if stale or view.state not in states() else list(states()).index(view.state)
    if not stale:
        return ShownState(row.tone, row.mark, words, rank, stale=False)
    if read is not None:
        words = said("state.as_of", state=words, day=when(read)[:10])
    return ShownState("unknown", "○", words, rank, stale=True)
