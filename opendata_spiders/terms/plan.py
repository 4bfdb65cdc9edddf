"""Whose terms of use are read tonight, and where they are looked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.night.crawl_plan import by_host
from opendata_spiders.register import Portal
from opendata_spiders.store.connect import Store
from opendata_spiders.store.terms import TermsLook, TermsText, is_apart, last_terms_looks, terms_texts
from opendata_spiders.terms.policy import places, terms_policy

_NEVER = datetime.min.replace(tzinfo=UTC)
REGISTER = "register"
"""How an address was found that stands in places.csv."""


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """Where a portal's terms lie, as far as it is known; without `url` the home page is asked."""

    url: str = ""
    document: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class DueTerms:
    """One portal whose terms are read tonight."""

    portal: Portal
    known: KnownAddress
    spider: PortalSpider | None = None
    """The portal's spider, which knows its servers; set by the command."""


@dataclass(frozen=True, slots=True)
class TermsPlan:
    """The portals of a night by host group."""

    groups: tuple[tuple[DueTerms, ...], ...]
    left_out: int
    """Portals that are due, beyond the limit of a night."""


def plan_terms(store: Store, portals: Iterable[Portal], *, now: datetime, force: bool = False) -> TermsPlan:
    """Plan the portals that are due: a text to be confirmed first, then those never asked, then the longest not asked.

    `force` asks all of them, however lately they were asked.
    """
    crawled = [portal for portal in portals if portal.crawlable]
    looks = last_terms_looks(store.db, [portal.id for portal in crawled])
    ranked = []
    for portal in crawled:
        look, last = looks.get(portal.id), _last(terms_texts(store.db, portal.id))
        waiting = last is not None and last.stretches[-1].confirmed_at is None
        if force or _is_due(look, last, now, waiting=waiting):
            ranked.append(
                (not waiting, look.at if look else _NEVER, portal.slug, DueTerms(portal, _known(portal, last)))
            )
    ranked.sort(key=lambda one: one[:3])
    chosen = {row[3].portal.id: row[3] for row in ranked[: terms_policy().night_portals]}
    groups = by_host(one.portal for one in chosen.values())
    return TermsPlan(
        tuple(tuple(chosen[portal.id] for portal in members) for members in groups), len(ranked) - len(chosen)
    )


def _last(texts: list[TermsText]) -> TermsText | None:
    return max(texts, key=lambda one: one.checked_at, default=None)


def _is_due(look: TermsLook | None, last: TermsText | None, now: datetime, *, waiting: bool) -> bool:
    policy = terms_policy()
    if look is None:
        return True
    if not look.text:
        return now - look.at >= timedelta(days=policy.retry_days)
    if waiting and last is not None:
        return is_apart(last.stretches[-1].at, now, timedelta(hours=policy.apart_hours))
    return now - look.at >= timedelta(days=policy.again_days)


def _known(portal: Portal, last: TermsText | None) -> KnownAddress:
    """The address of places.csv, else that of the text that was read last."""
    if place := places().get(portal.id):
        return KnownAddress(urljoin(portal.base_url + "/", place.address), place.document, REGISTER)
    return KnownAddress(last.url, last.document, last.found) if last else KnownAddress()
