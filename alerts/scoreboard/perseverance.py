"""Who keeps at it: of the last sixteen quarters, in how many did we see an update? Claims stand beside it, apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from alerts.scoreboard.backcast import Backcast
from alerts.scoreboard.definitions import Component, limits
from alerts.scoreboard.quarters import QuarterRecord
from opendata_spiders.tables import Tables

QUARTERS = 16
"""Four years, as the studies look back."""
PERSEVERANCE_VERSION = 1
"""Raise it when perseverance.csv or this module changes the scores."""
_LATELY = 4


@dataclass(frozen=True, slots=True)
class KeptAtIt:
    """One place's record; the claims are no part of the score."""

    slug: str
    seen: QuarterRecord
    """What we observed, oldest quarter first; None: no update seen, and not read on nights enough to say there was
    none."""
    claimed: Backcast
    recorded_by: tuple[str, ...] = ()
    """Who else observed: the recorders of imported snapshots whose complete lists count as nights."""

    @property
    def observed(self) -> int:
        """Number of quarters of which it is known whether there was an update."""
        return sum(told is not None for told in self.seen.updated.values())

    @property
    def updated(self) -> int:
        """Number of quarters in which we saw one."""
        return sum(told is True for told in self.seen.updated.values())

    @property
    def parts(self) -> Mapping[str, float | None]:
        """Shares by their names in perseverance.csv; None where no such quarter was observed."""
        told = list(self.seen.updated.values())
        return {"updated": _share(told), "lately": _share(told[-_LATELY:])}

    @property
    def score(self) -> float | None:
        """The weighted mean of the parts, 0 to 100; None if one is unknown or too few quarters were observed."""
        if self.observed < limits().score_quarters:
            return None
        shares, weights = self.parts, {name: one.weight for name, one in perseverance_parts().items()}
        known = [weights[name] * share for name in weights if (share := shares[name]) is not None]
        return round(100 * sum(known) / sum(weights.values()), 1) if len(known) == len(weights) else None


def _share(told: list[bool | None]) -> float | None:
    known = [one for one in told if one is not None]
    return sum(known) / len(known) if known else None


@cache
def perseverance_parts() -> Mapping[str, Component]:
    """The parts of the score by name; the sum of the weights is arbitrary. Raises TableError."""
    return Tables("alerts.scoreboard").records(Component, "perseverance", "component")
