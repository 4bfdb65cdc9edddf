"""The plan of a night of crawls: portals by host group, with requests, minutes and a budget of details for each."""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from opendata_spiders.fetching.addresses import is_loopback
from opendata_spiders.night.uplink import FAILED
from opendata_spiders.night.values import NightUnit
from opendata_spiders.policy import policy
from opendata_spiders.register import Portal, Register, RegisterError
from opendata_spiders.store.models import Run

_GUESS = 1000
"""Datasets assumed for a portal that was never read and whose count is unknown."""
_PAGE = 10


@dataclass(frozen=True, slots=True)
class NightGroup:
    """The portals of one host group: read one after the other, sharing one budget of details."""

    host: str
    portals: tuple[Portal, ...]
    requests: int
    minutes: float
    budget: int
    """Details each portal may read tonight."""
    dead: bool = False
    """Whether all its portals failed in their last run: that they fail again does not point to our connection."""

    @property
    def unit(self) -> NightUnit:
        """What a worker is given of it."""
        return NightUnit(self.host, tuple(portal.slug for portal in self.portals), self.budget)

    def of(self, slugs: Collection[str]) -> "NightGroup":
        """The group with these of its portals alone, each taken for an equal part of it."""
        kept = tuple(portal for portal in self.portals if portal.slug in slugs)
        share = len(kept) / len(self.portals)
        return replace(self, portals=kept, requests=round(self.requests * share), minutes=self.minutes * share)


@dataclass(frozen=True, slots=True)
class NightPlan:
    """The plan of one night."""

    groups: tuple[NightGroup, ...]
    """The one that takes longest first: the night ends as early as the slowest host allows."""

    @property
    def portals(self) -> list[Portal]:
        return [portal for group in self.groups for portal in group.portals]

    def caption(self, hosts: int) -> str:
        """Say how long it will take; the slowest host sets the pace."""
        requests = sum(group.requests for group in self.groups)
        minutes = self.minutes(hosts, {portal.slug for portal in self.portals})
        return f"about {requests:,} requests, {minutes:.0f} minutes with {hosts} hosts side by side"

    def minutes(self, hosts: int, left: Collection[str]) -> float:
        """Minutes until the portals `left` have been read, each taken for an equal part of its group."""
        due = [group.of(left).minutes for group in self.groups]
        return max(sum(due) / hosts, *due, 0.0)


def night_portals(register: Register, only: str) -> list[Portal]:
    """Return the portals of a night: what `only` selects, else all, and of these what can be crawled.

    Raises RegisterError where that is nothing.
    """
    chosen = register.select(only) if only else register.crawlable()
    portals = [portal for portal in chosen if portal.crawlable]
    if not portals:
        raise RegisterError(f"--only {only!r} names no portal that can be crawled: `scrapy list` prints them")
    return portals


def by_host(portals: Iterable[Portal]) -> list[tuple[Portal, ...]]:
    """Group portals by host group; groups and portals sorted by name."""
    ordered = sorted(portals, key=lambda portal: (portal.host_group, portal.slug))
    return [tuple(members) for _, members in groupby(ordered, key=lambda portal: portal.host_group)]


def plan_crawls(
    portals: Sequence[Portal], last_run: Callable[[Portal], Run | None], *, delay: float, budget: int
) -> NightPlan:
    """Estimate the requests of each host group: the lists, plus details that are due within the budget.

    `last_run` gives a portal's last run outside the nights on which our own connection failed, `delay` is the seconds
    between two requests, `budget` the details of a host group.
    """
    groups = [_group(members, last_run, delay, budget) for members in by_host(portals)]
    return NightPlan(tuple(sorted(groups, key=lambda group: (-group.minutes, -group.requests, group.host))))


def _group(
    portals: tuple[Portal, ...], last_run: Callable[[Portal], Run | None], delay: float, budget: int
) -> NightGroup:
    share = max(1, budget // len(portals))
    runs = [last_run(portal) for portal in portals]
    requests = sum(_requests(portal, run, share) for portal, run in zip(portals, runs, strict=True))
    seconds = 0.0 if is_loopback(portals[0].base_url) else requests * delay
    dead = all(run is not None and run.verdict in FAILED for run in runs)
    return NightGroup(portals[0].host_group, portals, requests, seconds / 60, share, dead)


def _requests(portal: Portal, last: Run | None, budget: int) -> int:
    seen = (last.seen if last else 0) or portal.approx_datasets or _GUESS
    due = seen - (last.detailed if last else 0) + seen // policy().sweep_days
    return 1 + math.ceil(seen / _PAGE) + min(budget, due)
