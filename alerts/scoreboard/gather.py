"""Reads the scoreboard's data from register and store: one pass over every portal that was read recently."""

from collections import Counter
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache, partial

from alerts.audit.catalogue import Catalogue, load
from alerts.audit.kept_facts import KeptFacts
from alerts.audit.portal import audit
from alerts.audit.tiers import Keys, relists
from alerts.model.events import owner_of, portal_of
from alerts.records.isolation import apart
from alerts.records.parts import parts_told, states_told
from alerts.records.queries import CityView
from alerts.records.state_source import States, StoredStates
from alerts.scoreboard.beside import Beside, beside
from alerts.scoreboard.definitions import limits
from alerts.scoreboard.look_back import look_back
from alerts.scoreboard.measure import Measured, measured
from alerts.scoreboard.origin import Origin
from alerts.scoreboard.perseverance import QUARTERS, KeptAtIt
from alerts.scoreboard.quarters import Quarter, last_complete
from alerts.scoreboard.seen_portals import SeenPortal, SeenPortals
from alerts.scoreboard.updates import updates_of
from opendata_spiders.register import NationalScope, Portal, Register, Told
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.errors import StoreError
from opendata_spiders.store.models import Verdict
from opendata_spiders.store.national import NationalTotals, last_totals
from opendata_spiders.store.store import Store


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
    national: NationalTotals | None = None
    """The last reading of the national register's totals; None before the first."""
    last_reading: datetime | None = None
    """Time of the last complete run of our own of any portal; None before the first."""
    kept_at_it: tuple[KeptAtIt, ...] = ()
    """What the portals did, and claim to have done, over the last sixteen quarters, by slug."""


def gather(store: Store, register: Register, at: datetime, states: States | None = None) -> Gathered:
    """Measure every portal that we completely read within the window before `at` (aware, UTC).

    `states`: as they were at `at` (`corrections/past.py`); without them as the last diff left them. Raises StoreError
    when the database lacks a document it refers to, or the states have seen later runs.
    """
    origin = Origin(store, register, at, states or StoredStates(store))
    since = at - timedelta(days=limits().window_days)
    views = states_told(origin.states, register)
    later = max((one.last_at for one in views if one.last_at and one.last_at > at), default=None)
    if later is not None:
        raise StoreError(
            f"the figures of {at.astimezone(SHANGHAI):%Y-%m-%d} are not those of the latest states: the database "
            f"holds readings up to {later.astimezone(SHANGHAI):%Y-%m-%d}; `python -m alerts scoreboard --as-of DATE` "
            "works out those of a past day, --history shows what was kept, without WATCH_NOW you get today's"
        )
    void = frozenset(one.portal for one in views if _empty(one, since, at))
    own = [one for one in views if not one.only_imported]
    fresh = [one for one in own if one.portal not in void and _between(since, one.last_complete_at, at)]
    known = {portal.id: portal for portal in register.portals.values() if portal.scope is NationalScope.NATIONAL}
    told = known | {part.id: part for part in parts_told(origin.states, register)}
    national = [(told[one.portal], one) for one in fresh if one.portal in told]
    portals, kept_at_it = _measure(origin, national)
    return Gathered(
        at=at,
        register=register,
        portals=portals,
        empty=void.intersection(known),
        outside=tuple(one.slug for one in fresh if one.portal not in told),
        quarters=quarters_of(at),
        national=last_totals(store.db, at),
        last_reading=max((one.last_complete_at for one in own if one.last_complete_at), default=None),
        kept_at_it=kept_at_it,
    )


def _empty(city: CityView, since: datetime, at: datetime) -> bool:
    """Whether the portal counts as empty: it never listed a dataset, or the diff states it as empty."""
    void = city.reach == "empty" or city.last_complete_at is None
    return void and city.last_verdict is Verdict.EMPTY and _between(since, city.last_at, at)


def _between(since: datetime, moment: datetime | None, at: datetime) -> bool:
    return moment is not None and since <= moment <= at


@dataclass(frozen=True, slots=True)
class _Pass:
    """What measuring one portal needs to know of all of them."""

    origin: Origin
    keys: Keys
    numbers: Callable[[str], Beside]
    """By portal; those of the last portal are held, for its parts."""
    seen: SeenPortals
    read: frozenset[str | None]
    """Governments that were read lately."""


def _measure(
    origin: Origin, national: Iterable[tuple[Portal, CityView]]
) -> tuple[tuple[Measured, ...], tuple[KeptAtIt, ...]]:
    """Measure the portals, and look back at each, by slug.

    A portal is followed by its parts, which are read from the same list. Provinces that relist come last, because they
    need the keys of their cities.
    """
    ordered = sorted(national, key=lambda pair: _order(pair[0], origin.register))
    store, facts, quarters = origin.store, KeptFacts(origin.store), quarters_of(origin.at, QUARTERS)
    over = _Pass(
        origin=origin,
        keys=Keys(store, origin.register, origin.states, facts),
        numbers=lru_cache(maxsize=1)(partial(beside, store, origin.states, origin.at)),
        seen=SeenPortals(store, origin.at, quarters[0].first),
        read=frozenset(portal.government for portal, _ in ordered),
    )
    found: list[Measured] = []
    kept_at_it: list[KeptAtIt] = []
    for portal, city in ordered:
        with apart("portal", portal.slug):
            if whole := load(store, portal.id, portal.timezone, origin.states, facts):
                observed = over.seen.of(portal)
                found.append(_one(whole, portal, city, observed, over))
                kept_at_it.append(look_back(origin, portal, whole.datasets, observed, quarters))
    return (
        tuple(sorted(found, key=lambda one: one.portal.slug)),
        tuple(sorted(kept_at_it, key=lambda one: one.slug)),
    )


def _order(portal: Portal, register: Register) -> tuple[bool, str, str]:
    return relists(register.by_id(portal_of(portal.id))), portal_of(portal.id), portal.id


def quarters_of(at: datetime, count: int = 4) -> tuple[Quarter, ...]:
    """The last complete quarters before `at`, by China's calendar."""
    return last_complete(at.astimezone(SHANGHAI).date(), count)


def _one(whole: Catalogue, portal: Portal, city: CityView, observed: SeenPortal, over: _Pass) -> Measured:
    """Measure the datasets that count for a portal, or for a part of one."""
    origin = over.origin
    catalogue, elsewhere = _counted(whole, portal, origin.register, over.read)
    done = audit(catalogue, over.keys.below(portal))
    over.keys.keep(portal.id, done.cards)
    updates = updates_of(origin, done, city, observed, quarters_of(origin.at))
    return measured(portal, done, over.numbers(portal_of(portal.id)), updates, elsewhere=elsewhere)


def _counted(
    whole: Catalogue, portal: Portal, register: Register, read: Container[str | None]
) -> tuple[Catalogue, int]:
    """The catalogue with the datasets that count for the portal, and how many count for a city's own portal.

    Those of a city whose own portal was not read lately count here.
    """
    part = owner_of(portal.id)

    def told(owner: str) -> Told:
        if part:
            return Told.HERE if owner == part else Told.APART
        where = register.told(portal, owner)
        return Told.HERE if where is Told.ELSEWHERE and owner not in read else where

    owners = Counter(one.owner for one in whole.datasets)
    elsewhere = sum(count for owner, count in owners.items() if told(owner) is Told.ELSEWHERE)
    here = {owner for owner in owners if told(owner) is Told.HERE}
    return replace(whole, datasets=[one for one in whole.datasets if one.owner in here]), elsewhere
