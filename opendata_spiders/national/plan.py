"""What the national register is asked tonight: the totals once a month, and the titles of missing datasets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from opendata_spiders.national.interface import Platform
from opendata_spiders.national.policy import national_policy
from opendata_spiders.register import Level, Portal, Register
from opendata_spiders.store import national, views
from opendata_spiders.store.connect import Store

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class MissingDataset:
    """A dataset that the last run of its portal did not list."""

    portal: Portal
    id: str
    title: str
    province: str
    """Adcode of the province."""


@dataclass(frozen=True, slots=True)
class NationalPlan:
    """The questions of a night."""

    totals: bool
    """Whether the totals are due."""
    platforms: tuple[Platform, ...]
    """As the last reading of the totals named them."""
    missing: tuple[MissingDataset, ...]
    left_out: int
    """Missing datasets beyond the limit of a night."""


def plan_questions(
    store: Store, register: Register, portals: Sequence[Portal], *, now: datetime, force: bool = False
) -> NationalPlan:
    """Plan the questions: totals if `totals_days` old, and missing datasets, those never searched for first."""
    policy, last = national_policy(), national.last_totals(store.db)
    named = {one.province: Platform(one.province, one.platform) for one in last.totals} if last else {}
    due = force or not named or last is None or now - last.at >= timedelta(days=policy.totals_days)
    looked = national.last_looked(store.db, [portal.id for portal in portals])
    missing = sorted(
        (one for portal in portals if portal.crawlable for one in _missing(store, register, portal, now)),
        key=lambda one: (looked.get((one.portal.id, one.id), _NEVER), one.portal.slug, one.id),
    )
    chosen = tuple(missing[: policy.night_looks])
    return NationalPlan(due, tuple(named.values()), chosen, len(missing) - len(chosen))


def platform_of(province: str, platforms: Sequence[Platform]) -> Platform | None:
    """The platform of a province (its adcode); codes of the register begin with the same two digits."""
    return next((one for one in platforms if one.province[:2] == province[:2]), None)


def _missing(store: Store, register: Register, portal: Portal, now: datetime) -> Iterator[MissingDataset]:
    """The missing datasets whose pages the portal's last run requested and whose title is known."""
    province = _province(register, portal)
    run = store.last_run(portal.id)
    if not province or run is None or now - run.at > timedelta(hours=national_policy().run_hours):
        return
    keys = [views.key(portal.id, id_) for id_ in run.look]
    for view in store.db.datasets.find({"_id": {"$in": keys}, "title": {"$nin": [None, ""]}}, {"id": 1, "title": 1}):
        yield MissingDataset(portal, view["id"], view["title"], province)


def _province(register: Register, portal: Portal) -> str:
    """Adcode of the portal's province; empty outside the 364."""
    levels = (Level.PROVINCE, Level.MUNICIPALITY)
    provinces = (one for one in register.governments.values() if one.level in levels)
    return next((one.adcode for one in provinces if portal.province in (one.name_zh, one.province)), "")
