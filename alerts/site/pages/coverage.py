"""What the watch covers: each of the 364 governments, and how the readings of the last nights went."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from alerts.records.update_days import verdicts_by_day
from alerts.scoreboard.standing import GovernmentStanding
from alerts.site.charts.tile_map import tiles
from alerts.site.sources import Sources
from alerts.site.tree import Trees
from alerts.site.words import said
from alerts.text.labels import Both
from alerts.text.links import city_path
from alerts.text.statements import place_name
from opendata_spiders.register import Government
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.models import Verdict

_NIGHTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class CoveredPlace:
    """One government, and the pages that tell of it."""

    name: Both
    standing: str
    none: Mapping[str, Any] | None
    """Of one without a portal: when that was verified, and by which source."""
    pages: Sequence[tuple[Both, str]]


@dataclass(frozen=True, slots=True)
class CoveredProvince:
    """A province and its governments."""

    adcode: str
    name: Both
    places: Sequence[CoveredPlace]
    counts: Mapping[str, int]
    """Standing to number of governments."""


@dataclass(frozen=True, slots=True)
class NightRow:
    """The runs of one day by verdict."""

    day: date
    verdicts: Mapping[Verdict, int]


def put(trees: Trees, sources: Sources) -> None:
    """Put the page into both trees."""
    provinces = covered(sources)
    trees.put(
        "coverage.html",
        "coverage.html.j2",
        title=said("coverage.title"),
        section="coverage",
        standings=[(name, sum(one.counts[name] for one in provinces)) for name in GovernmentStanding],
        total=sum(len(one.places) for one in provinces),
        provinces=provinces,
        verdicts=list(Verdict),
        nights=_nights(sources),
    )


def covered(sources: Sources) -> list[CoveredProvince]:
    """The provinces in the order of the register."""
    pages: dict[str, list[tuple[Both, str]]] = {}
    for view in sources.paged.values():
        row = sources.rows.get(view.portal)
        if row and row.government and view.slug in sources.made:
            pages.setdefault(row.government, []).append((place_name(view.slug, sources.places), city_path(view.slug)))
    found: dict[str, list[CoveredPlace]] = {adcode: [] for adcode in tiles() if adcode in sources.register.governments}
    for place in sources.board["places"]:
        name = Both(place["zh"], place["en"])
        one = CoveredPlace(name, place["standing"], place["none"], pages.get(place["adcode"], ()))
        found[f"{place['adcode'][:2]}0000"].append(one)
    return [_province(sources.register.governments[adcode], places) for adcode, places in sorted(found.items())]


def _province(government: Government, places: Sequence[CoveredPlace]) -> CoveredProvince:
    counts = Counter(one.standing for one in places)
    name = Both(government.short_zh, government.name_en)
    return CoveredProvince(
        government.adcode, name, places, {standing: counts[standing] for standing in GovernmentStanding}
    )


def _nights(sources: Sources) -> list[NightRow]:
    """The last two weeks with a run, the newest day first."""
    found = verdicts_by_day(sources.store, sources.now - _NIGHTS, SHANGHAI)
    return [NightRow(day, found[day]) for day in sorted(found, reverse=True)]
