"""The back-cast: what a portal's own dates say of the quarters before we read it. Claimed, and of survivors only.

What was deleted since leaves no trace in it, and of a dataset that is updated often only the last date survives. It is
never mixed with what we observed. A crawl of others, imported (`alerts import`), adds the dates that stood there then.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from alerts.scoreboard.quarters import Quarter, quarter_of


@dataclass(frozen=True, slots=True)
class ClaimedDays:
    """The plausible days that a list prints, without those stamped on in bulk."""

    datasets: int = 0
    """Number of all its datasets."""
    published: Mapping[date, int] = field(default_factory=dict)
    """Number of datasets by day of their first publication, where it is printed."""
    days: frozenset[date] = frozenset()
    """Every day of a publication or update."""


@dataclass(frozen=True, slots=True)
class ImportedCrawl:
    """What an old crawl claims."""

    as_of: date
    file: str
    claimed: ClaimedDays


@dataclass(frozen=True, slots=True)
class Backcast:
    """What the dates of one portal claim."""

    datasets: int
    """Today's datasets."""
    undated: int
    """Those without a date of publication: they are counted in no quarter."""
    published: Mapping[Quarter, int]
    """By the end of each quarter, how many of today's datasets had been published."""
    updated: Mapping[Quarter, bool]
    """Whether any date, of today's datasets or of an imported crawl, lies in the quarter."""
    imported: Sequence[ImportedCrawl] = ()

    @property
    def share(self) -> float:
        """Share of the quarters with a claimed update."""
        return sum(self.updated.values()) / len(self.updated) if self.updated else 0.0


def backcast(today: ClaimedDays, imported: Sequence[ImportedCrawl], quarters: Sequence[Quarter]) -> Backcast:
    """Count today's datasets and imported crawls by quarter; `quarters` oldest first."""
    published = Counter[Quarter]()
    for day, count in today.published.items():
        published[quarter_of(day)] += count
    days = today.days.union(*(crawl.claimed.days for crawl in imported))
    claimed = set(map(quarter_of, days))
    return Backcast(
        datasets=today.datasets,
        undated=today.datasets - published.total(),
        published={quarter: sum(count for one, count in published.items() if one <= quarter) for quarter in quarters},
        updated={quarter: quarter in claimed for quarter in quarters},
        imported=tuple(imported),
    )
