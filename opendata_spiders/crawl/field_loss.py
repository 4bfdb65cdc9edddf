"""Which fields a portal fills, which of them a run has lost, and when a loss is accepted as the portal's new shape.

Pure functions. A field that is suddenly empty, or whose dates can no longer be read, is an error of ours or a change
of the portal. One night cannot tell which, so the run is graded drifted. After `shape_nights` nights with exactly the
same lost fields the loss is accepted as the portal's new shape: the run is judged without these fields, and `Run.lost`
names them for later comparisons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from opendata_spiders.normalise import NORMALISER_VERSION, UPDATE_CLOCKS
from opendata_spiders.policy import CrawlPolicy
from opendata_spiders.store.fields import Role, names
from opendata_spiders.store.fields import fields as field_table
from opendata_spiders.store.models import Run, Verdict

_INDISPENSABLE = frozenset({"title"})
"""Fields whose loss is never accepted."""


@dataclass(slots=True)
class Fill:
    """How many values are filled, by field name; fields that only details have are counted over details."""

    rows: int = 0
    details: int = 0
    filled: dict[str, int] = field(default_factory=dict)
    readable: dict[str, int] = field(default_factory=dict)
    """How many of the filled dates can be read as a date."""
    unread: dict[str, str] = field(default_factory=dict)
    """One date of each field that cannot be read, as the portal wrote it."""
    detail_only: frozenset[str] = frozenset()

    def share(self) -> dict[str, float]:
        """Share of filled values by field name, 0 to 1; a field without a sample is left out."""
        return {name: n / self.sample(name) for name, n in self.filled.items() if self.sample(name)}

    def readable_share(self) -> dict[str, float]:
        """Share of readable dates among the filled ones by field name; a field without a date is left out."""
        return {name: n / self.filled[name] for name, n in self.readable.items() if self.filled[name]}

    def sample(self, name: str) -> int:
        """How many values of this field were read."""
        return self.details if name in self.detail_only else self.rows


@dataclass(frozen=True, slots=True)
class Shape:
    """What is lost of the fields that the last trusted run filled."""

    lost: Mapping[str, str] = field(default_factory=dict)
    """Name of each lost field to a sentence that says how it is lost, with the numbers."""
    accepted: bool = True
    """Whether the loss is accepted as the portal's new shape."""


def shape_of(fill: Fill, trusted: Run | None, later: Sequence[Run], policy: CrawlPolicy, tz: tzinfo = UTC) -> Shape:
    """Compare a run's fields with the last trusted run's; `later` are the runs since, `tz` tells their nights apart."""
    lost = {name: said for name in fill.filled if (said := _loss(name, fill, trusted, policy))}
    lost |= dict.fromkeys(_not_back(fill, trusted, later, policy), "too few were read to tell whether it is back")
    lost = dict(sorted(lost.items(), key=lambda one: (one[0] not in UPDATE_CLOCKS, one[0])))
    known = frozenset(trusted.lost if trusted else ())
    if known.issuperset(lost):
        return Shape(lost)
    enough = _nights_alike(frozenset(lost), later, tz) >= policy.shape_nights
    return Shape(lost, accepted=enough and not _INDISPENSABLE.intersection(lost))


def _loss(name: str, fill: Fill, trusted: Run | None, policy: CrawlPolicy) -> str:
    share, before = fill.share(), trusted.fill if trusted else {}
    if name in share and _is_lost(name, share[name], before.get(name), fill, policy):
        return f"{name} is filled in {share[name]:.0%} of entries" + (
            f", was {before[name]:.0%}" if name in before else ""
        )
    return _unreadable(name, fill, trusted, policy) if trusted and name in names(Role.CLOCK) else ""


def _is_lost(name: str, now: float, was: float | None, fill: Fill, policy: CrawlPolicy) -> bool:
    if name in fill.detail_only:
        return fill.sample(name) >= policy.fill_details and now == 0 and (was or 0) >= policy.fill_was
    if fill.sample(name) < policy.fill_sample:
        return False
    if name == "title" and now < policy.fill_now:
        return True
    if was is not None and (field_table()[name].mandatory or name in UPDATE_CLOCKS):
        return was >= policy.fill_was and now < policy.fill_now
    return now == 0 and (was or 0) >= policy.fill_gone_was


def _unreadable(name: str, fill: Fill, trusted: Run, policy: CrawlPolicy) -> str:
    """Say how a date field has become unreadable; '' where another version of the normaliser read the trusted run."""
    was, now = trusted.readable.get(name), fill.readable_share().get(name)
    if was is None or now is None or trusted.normaliser_version != NORMALISER_VERSION:
        return ""
    if fill.filled[name] < policy.fill_sample or was - now < policy.dates_drop:
        return ""
    shown = f"{name} prints {fill.unread[name]!r}" if name in fill.unread else name
    return f"{shown}: {now:.0%} of its dates can be read, was {was:.0%}"


def _not_back(fill: Fill, trusted: Run | None, later: Sequence[Run], policy: CrawlPolicy) -> set[str]:
    """Fields lost when they were last read, where tonight's details are too few to show that they are back."""
    last = next((run for run in reversed(later) if run.verdict is Verdict.DRIFTED and run.lost), trusted)
    few = {name for name in fill.detail_only if fill.sample(name) < policy.fill_sample}
    few -= {name for name, count in {**fill.filled, **fill.readable}.items() if count}
    return few.intersection(last.lost if last else ())


def _nights_alike(lost: frozenset[str], later: Sequence[Run], tz: tzinfo) -> int:
    """On how many of the latest nights exactly these fields were lost; runs that read no rows do not count."""
    nights = set()
    for run in reversed(later):
        if run.verdict is Verdict.PARTIAL or (run.verdict is Verdict.DRIFTED and run.lost):
            if frozenset(run.lost) != lost:
                break
            nights.add(run.at.astimezone(tz).date())
    return len(nights)
