"""The national figures of definitions.csv, from what was read and what the registers say."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from alerts.model.policy import policy
from alerts.scoreboard.definitions import definitions, limits
from alerts.scoreboard.figure import Answer, Figure, FigureConfidence, counted_share, median_of, share, total_of
from alerts.scoreboard.gather import Gathered
from alerts.scoreboard.measure import KINDS, RANGE, Measured
from alerts.scoreboard.standing import GovernmentStanding, Place, national_portals, places_of
from opendata_spiders.register import Attested
from opendata_spiders.store.national import RegisteredAs

_OBSERVED, _CLAIMED, _REGISTER = FigureConfidence.OBSERVED, FigureConfidence.CLAIMED, FigureConfidence.REGISTER


def figures(found: Gathered) -> dict[str, Figure]:
    """Every figure by code, in the order of definitions.csv."""
    places = places_of(found).values()
    made = (*_governments(places), *_portals(found), *_key_data(places), *_datasets(found), *_national(found))
    by_code = {one.code: one for one in made}
    return {code: by_code[code] for code in definitions()}


def _governments(places: Iterable[Place]) -> Iterator[Figure]:
    for standing in GovernmentStanding:
        yield share(f"governments_{standing}", [one.standing is standing for one in places], _REGISTER)
    yield share("governments_sharing_nothing", [one.shares_nothing for one in places], _REGISTER)


def _key_data(places: Iterable[Place]) -> Iterator[Figure]:
    sentences = {"places_key_four": [*KINDS], "places_full_range": [*RANGE]}
    for code, kinds in (sentences | {f"places_key_{kind}": [kind] for kind in KINDS}).items():
        yield share(code, [_has_all(one, kinds) for one in places])


def _has_all(place: Place, kinds: Iterable[str]) -> Answer:
    """Whether it shares every kind; what was not found is lacking only if all of the place was read."""
    if place.kinds and all(place.kinds[kind] > 0 for kind in kinds):
        return True
    return False if place.complete else None


def _portals(found: Gathered) -> Iterator[Figure]:
    live = [one for one in national_portals(found) if one.live]
    by_id = {one.portal.id: one for one in found.portals}
    read = [by_id[one.id] for one in live if one.id in by_id]

    def each(ask: Callable[[Measured], Any], *, empty: Any = None) -> list[Any]:
        """The answer of every live portal: `empty` of one found empty, None of one that was not read."""
        return [ask(by_id[one.id]) if one.id in by_id else empty if one.id in found.empty else None for one in live]

    exists = [one.id in by_id or one.attested is not Attested.UNVERIFIED for one in live]
    yield total_of("portals_known", sum(exists), sum(exists), len(live) - sum(exists), _REGISTER)
    yield share("portals_read", [one.id in by_id or one.id in found.empty for one in live])
    yield share("portals_empty", each(lambda one: one.seen == 0, empty=True))
    yield _silent(each(_is_silent), read)
    yield _every_quarter(each(lambda one: one.updates.quarters.every), read, found)
    most = limits().themes
    labels = each(lambda one: None if one.themes_label is None else len(one.themes_label), empty=0)
    contents = each(lambda one: len(one.themes_content), empty=0)
    for basis, counts in {"label": labels, "content": contents}.items():
        yield share(f"portals_all_themes_{basis}", [None if one is None else one >= most for one in counts])
        yield median_of(f"median_themes_{basis}", counts, most)
    yield share("portals_never_downloaded", each(_was_never_downloaded, empty=False), _CLAIMED)
    claimed = each(lambda one: None if one.claimed is None else max(0, one.claimed - one.relisted), empty=0)
    totals = [one for one in claimed if one is not None]
    yield total_of("datasets_claimed", sum(totals), len(totals), len(live) - len(totals), _CLAIMED)


def _silent(answers: list[Answer], read: list[Measured]) -> Figure:
    alone = [one for one in read if _is_silent(one) is not None and one.updates.confidence == "claimed"]
    stopped = sum(_is_silent(one) is True for one in alone)
    return share("portals_silent", answers, _CLAIMED if alone else _OBSERVED, by_portals_own_dates_alone=stopped)


def _is_silent(one: Measured) -> Answer:
    return None if one.updates.days_silent is None else one.updates.days_silent > policy().stopped_days


def _every_quarter(answers: list[Answer], read: list[Measured], found: Gathered) -> Figure:
    alone = sum(one.updates.quarters.every is not None and not one.updates.quarters.is_observed for one in read)
    return share(
        "portals_every_quarter",
        answers,
        _CLAIMED if alone else _OBSERVED,
        by_portals_own_dates_alone=alone,
        quarters=[str(one) for one in found.quarters],
        observed_quarters=max((one.updates.quarters.observed for one in read), default=0),
    )


def _was_never_downloaded(one: Measured) -> Answer:
    """Whether that is so of any of its datasets."""
    if one.downloaded[False]:
        return True
    return None if one.downloaded[None] else False


def _datasets(found: Gathered) -> Iterator[Figure]:
    read, live = found.portals, {one.id for one in national_portals(found) if one.live}
    own, audited = sum(one.own for one in read), sum(one.audited for one in read)
    known = len(live & (found.empty | {one.portal.id for one in read}))
    lists, again = (known, len(live) - known), sum(one.relisted for one in read)
    yield total_of("datasets_seen", own, *lists, listed_twice=again)
    yield total_of("datasets_effective", sum(one.effective for one in read), *lists)
    sound = sum(one.sound for one in read)
    yield counted_share("datasets_sound", sound, audited - sound, own - audited)
    never, some = (sum(one.downloaded[told] for one in read) for told in (False, True))
    yield counted_share("datasets_never_downloaded", never, some, own - never - some, _CLAIMED)
    yield share("offices_one_dataset", [count == 1 for one in read for count in one.offices.values()])
    for code, sums in {"rows": [one.rows for one in read], "capacity": [one.cells for one in read]}.items():
        shown = sum(one.known for one in sums)
        yield total_of(code, sum(one.value for one in sums), shown, own - shown, _CLAIMED)


def _national(found: Gathered) -> Iterator[Figure]:
    totals = found.national.totals if found.national else ()
    for code, kinds in {"national_registered": [*RegisteredAs], "national_open": [RegisteredAs.OPEN]}.items():
        asked = [one for one in totals if one.kind in kinds]
        seen = [one.total for one in asked if one.total is not None]
        silent = {one.province for one in asked if one.total is None}
        known = len({one.province for one in asked} - silent)
        yield total_of(code, sum(seen), known, len(silent), _REGISTER, at=found.national.at if found.national else None)
