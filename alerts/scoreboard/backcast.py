"""The back-cast: what a portal's own dates say of the quarters before we read it. Claimed, and of survivors only.

What was deleted since leaves no trace in it, and of a dataset that is updated often only the last date survives. It is
never mixed with what we observed. A crawl of others, imported (`alerts import`), adds the dates that stood there then.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from alerts.scoreboard.quarters import Quarter, quarter_of


@dataclass(frozen=True, slots=True)
class ClaimedDates:
    """The plausible days that a portal prints of one dataset, without those stamped on in bulk."""

    published: date | None
    """First publication, where it is printed."""
    days: frozenset[date]
    """Every day of a publication or update."""


@dataclass(frozen=True, slots=True)
class ImportedCrawl:
    """The claimed dates of an old crawl."""

    as_of: date
    file: str
    datasets: Sequence[ClaimedDates]


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


def backcast(today: Iterable[ClaimedDates], imported: Sequence[ImportedCrawl], quarters: Sequence[Quarter]) -> Backcast:
    """Count today's datasets and imported crawls by quarter; `quarters` oldest first."""
    datasets = list(today)
    published = Counter(one.published for one in datasets if one.published is not None)
    by_quarter = Counter[Quarter]()
    for day, count in published.items():
        by_quarter[quarter_of(day)] += count
    days = set[date]().union(*(one.days for one in chain(datasets, *(crawl.datasets for crawl in imported))))
    claimed = set(map(quarter_of, days))
    return Backcast(
        datasets=len(datasets),
        undated=len(datasets) - published.total(),
        published={quarter: sum(count for one, count in by_quarter.items() if one <= quarter) for quarter in quarters},
        updated={quarter: quarter in claimed for quarter in quarters},
        imported=tuple(imported),
    )
