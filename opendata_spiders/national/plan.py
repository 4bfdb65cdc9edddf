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
    """Plan the questions: totals if `totals_days` old, and missing datasets.

    First come those that tonight's runs looked for, of them those never searched for; then those that are missing for
    longer, every `again_days` for `asked_days`: what left a portal may be registered as a product later.
    """
    policy, last = national_policy(), national.last_totals(store.db)
    named = {one.province: Platform(one.province, one.platform) for one in last.totals} if last else {}
    due = force or not named or last is None or now - last.at >= timedelta(days=policy.totals_days)
    looked = national.last_looked(store.db, [portal.id for portal in portals])
    ranked = []
    for portal in portals:
        for one, fresh in _missing(store, register, portal, now) if portal.crawlable else ():
            last_look = looked.get((portal.id, one.id), _NEVER)
            if fresh or now - last_look >= timedelta(days=policy.again_days):
                ranked.append(((not fresh, last_look, portal.slug, one.id), one))
    missing = [one for _, one in sorted(ranked, key=lambda pair: pair[0])]
    chosen = tuple(missing[: policy.night_looks])
    return NationalPlan(due, tuple(named.values()), chosen, len(missing) - len(chosen))


def platform_of(province: str, platforms: Sequence[Platform]) -> Platform | None:
    """The platform of a province (its adcode); codes of the register begin with the same two digits."""
    return next((one for one in platforms if one.province[:2] == province[:2]), None)


def _missing(store: Store, register: Register, portal: Portal, now: datetime) -> Iterator[tuple[MissingDataset, bool]]:
    """The missing datasets whose title is known, and whether the portal's last run requested their pages."""
    policy, province, run = national_policy(), _province(register, portal), store.last_run(portal.id)
    if not province or run is None or now - run.at > timedelta(hours=policy.run_hours):
        return
    titled = {"title": {"$nin": [None, ""]}}
    keys = [views.key(portal.id, id_) for id_ in run.look]
    since = now - timedelta(days=policy.asked_days)
    longer = {"portal": portal.id, "listed": False, "missing_since": {"$gte": since}, "_id": {"$nin": keys}}
    for query, fresh in (({"_id": {"$in": keys}}, True), (longer, False)):
        for view in store.db.datasets.find({**query, **titled}, {"id": 1, "title": 1}):
            yield MissingDataset(portal, view["id"], view["title"], province), fresh


def _province(register: Register, portal: Portal) -> str:
    """Adcode of the portal's province; empty outside the 364."""
    levels = (Level.PROVINCE, Level.MUNICIPALITY)
    provinces = (one for one in register.governments.values() if one.level in levels)
    return next((one.adcode for one in provinces if portal.province in (one.name_zh, one.province)), "")
