"""Reads the scoreboard's data from register and store: one pass over every portal that was read recently."""

from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache

from alerts.audit.catalogue import Catalogue, load
from alerts.audit.tiers import Keys, relists
from alerts.model.events import owner_of, portal_of
from alerts.records.isolation import apart
from alerts.records.parts import parts_told, states_told
from alerts.records.queries import CityView, of_part
from alerts.records.state_source import StoredStates
from alerts.scoreboard.definitions import limits
from alerts.scoreboard.measure import Measured, measure_catalogue, measured
from alerts.scoreboard.quarters import Quarter, judge_quarters, last_four, quarter_of
from opendata_spiders.register import NationalScope, Portal, Register, Told
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.store import Store

_SEEN = ("dataset.new", "dataset.changed")
"""Kinds of events that are evidence of an update; claimed dates are taken from the catalogue."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """All data that the figures are computed from."""

    at: datetime
    register: Register
    portals: tuple[Measured, ...]
    """Portals of the 364 completely read within the window, and parts of them that are told as a city's, by slug."""
    empty: frozenset[str]
    """Ids of portals of the 364 that were found empty within the window."""
    outside: tuple[str, ...]
    """Slugs of portals that were read but do not count: outside the 364, or not in the register."""
    quarters: tuple[Quarter, ...]
    last_reading: datetime | None = None
    """Time of the last complete run of any portal; None before the first."""


def gather(store: Store, register: Register, at: datetime) -> Gathered:
    """Measure every portal that was completely read within the window before `at` (aware, UTC).

    Raises StoreError when the database lacks a document it refers to, or holds later runs, because it keeps only the
    latest states.
    """
    since = at - timedelta(days=limits().window_days)
    states = states_told(StoredStates(store), register)
    later = max((one.last_at for one in states if one.last_at and one.last_at > at), default=None)
    if later is not None:
        raise StoreError(
            f"the figures of {at.astimezone(SHANGHAI):%Y-%m-%d} cannot be worked out any more: the database holds "
            f"readings up to {later.astimezone(SHANGHAI):%Y-%m-%d}; `python -m alerts scoreboard --history` shows the "
            "figures that were kept, without WATCH_NOW you get today's"
        )
    void = frozenset(one.portal for one in states if _empty(one, since, at))
    fresh = [one for one in states if one.portal not in void and _between(since, one.last_complete_at, at)]
    known = {portal.id: portal for portal in register.portals.values() if portal.scope is NationalScope.NATIONAL}
    told = known | {part.id: part for part in parts_told(StoredStates(store), register)}
    national = [(told[one.portal], one) for one in fresh if one.portal in told]
    quarters = last_four(at.astimezone(SHANGHAI).date())
    return Gathered(
        at=at,
        register=register,
        portals=_measure(store, register, national, quarters),
        empty=void.intersection(known),
        outside=tuple(one.slug for one in fresh if one.portal not in told),
        quarters=quarters,
        last_reading=max((one.last_complete_at for one in states if one.last_complete_at), default=None),
    )


def _empty(city: CityView, since: datetime, at: datetime) -> bool:
    """Whether the portal counts as empty: it never listed a dataset, or the diff states it as empty."""
    void = city.reach == "empty" or city.last_complete_at is None
    return void and city.last_verdict is Verdict.EMPTY and _between(since, city.last_at, at)


def _between(since: datetime, moment: datetime | None, at: datetime) -> bool:
    return moment is not None and since <= moment <= at


def _measure(
    store: Store, register: Register, national: Iterable[tuple[Portal, CityView]], quarters: tuple[Quarter, ...]
) -> tuple[Measured, ...]:
    """Measure the portals; provinces that relist come last, because they need the keys of their cities."""
    keys = Keys(store, register)
    ordered = sorted(national, key=lambda pair: (relists(pair[0]), pair[0].slug))
    read = {portal.government for portal, _ in ordered}
    found: list[Measured | None] = []
    for portal, city in ordered:
        with apart("portal", portal.slug):
            found.append(_one(portal, city, keys, quarters, read))
    return tuple(sorted(filter(None, found), key=lambda one: one.portal.slug))


def _one(
    portal: Portal, city: CityView, keys: Keys, quarters: tuple[Quarter, ...], read: Container[str | None]
) -> Measured | None:
    """Measure the datasets that count for a portal, or for a part of one; `read`: governments that were read lately."""
    store = keys.store
    whole = load(store, portal.id, portal.timezone)
    if whole is None:
        return None
    catalogue, elsewhere = _counted(whole, portal, keys.register, read)
    state = store.db["states"].find_one({"_id": portal.id}, ["restamps", "city.days"]) or {}
    done, counts = measure_catalogue(store, catalogue, keys.below(portal), frozenset(state.get("restamps", ())))
    keys.keep(portal.id, done.cards)
    days = {date.fromisoformat(day) for day in state.get("city", {}).get("days", ())}
    evidence, zone = counts.quarters | set(map(quarter_of, days)), portal.timezone
    for quarter in quarters:
        within = {"$gte": quarter.start(zone), "$lt": quarter.plus(1).start(zone)}
        seen = {**of_part(portal.id), "kind": {"$in": list(_SEEN)}, "at": within}
        if store.db["events"].find_one(seen, ["_id"]):
            evidence.add(quarter)
    span = {"$gte": quarters[0].start(zone), "$lt": quarters[-1].plus(1).start(zone)}
    complete = {"portal": portal_of(portal.id), "verdict": Verdict.COMPLETE.value, "at": span}
    nights = {run["at"].astimezone(zone).date() for run in store.db["runs"].find(complete, ["at"])}
    told = judge_quarters(quarters, evidence, Counter(map(quarter_of, nights)), limits().quarter_nights)
    return measured(portal, done, counts, city, told, elsewhere=elsewhere)


def _counted(
    whole: Catalogue, portal: Portal, register: Register, read: Container[str | None]
) -> tuple[Catalogue, int]:
    """The catalogue with the datasets that count for the portal, and how many count for a city's own portal.

    Those of a city whose own portal was not read lately count here.
    """
    part = owner_of(portal.id)

    @cache
    def told(owner: str) -> Told:
        if part:
            return Told.HERE if owner == part else Told.APART
        where = register.told(portal, owner)
        return Told.HERE if where is Told.ELSEWHERE and owner not in read else where

    kept = {name: one for name, one in whole.entries.items() if told(one.owner) is Told.HERE}
    elsewhere = sum(told(one.owner) is Told.ELSEWHERE for one in whole.entries.values())
    return replace(whole, entries=kept), elsewhere
