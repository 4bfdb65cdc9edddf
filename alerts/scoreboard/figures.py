"""The national figures, each with numerator, denominator and number of unknown cases."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from alerts.model.policy import policy
from alerts.scoreboard.definitions import Definition, definitions, limits
from alerts.scoreboard.gather import Gathered
from alerts.scoreboard.measure import KINDS, Measured
from opendata_spiders.register import NationalScope, Portal, PortalStatus

Answer = bool | None
"""Yes, no, or unknown (None)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; a `value` of None means unknown, which differs from zero."""

    code: str
    value: float | int | None
    """A share between 0 and 1, a sum or a median."""
    numerator: int | None = None
    denominator: int | None = None
    """Number of known cases."""
    unknown: int = 0
    """Number of unknown cases."""
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def definition(self) -> Definition:
        return definitions()[self.code]


def figures(found: Gathered) -> dict[str, Figure]:
    """Every figure by code, in the order of definitions.csv."""
    standing, rows = standing_of(found).values(), key_matrix(found).values()
    made = [*_portals(found), *_datasets(found), _share("places_key_four", [all(row.values()) for row in rows])]
    made += [_share(f"places_key_{kind}", [row[kind] > 0 for row in rows]) for kind in KINDS]
    for name in ("read", "unread", "planned", "gone", "no_portal"):
        made.append(_share(f"governments_{name}", [one == name for one in standing]))
    by_code = {one.code: one for one in made}
    return {code: by_code[code] for code in definitions()}


def _share(code: str, told: Iterable[Answer], **more: Any) -> Figure:
    answers = list(told)
    known = [one for one in answers if one is not None]
    value = sum(known) / len(known) if known else None
    return Figure(code, value, sum(known) if known else None, len(known), len(answers) - len(known), more)


def standing_of(found: Gathered) -> dict[str, str]:
    """Adcode of each of the 364 governments to read, unread, planned, gone or no_portal: the best of its portals."""
    portals: dict[str, list[Portal]] = defaultdict(list)
    for portal in _national(found):
        portals[portal.government or ""].append(portal)
    read = {one.portal.id for one in found.portals} | found.empty
    standing = {}
    for adcode in found.register.governments:
        statuses = {one.status for one in portals[adcode]}
        if any(one.id in read for one in portals[adcode]):
            standing[adcode] = "read"
        elif PortalStatus.ACTIVE in statuses:
            standing[adcode] = "unread"
        elif PortalStatus.PLANNED in statuses:
            standing[adcode] = "planned"
        else:
            standing[adcode] = "gone" if statuses else "no_portal"
    return standing


def _national(found: Gathered) -> list[Portal]:
    return [one for one in found.register.portals.values() if one.scope is NationalScope.NATIONAL and one.government]


def _portals(found: Gathered) -> list[Figure]:
    read = [one for one in found.portals if not one.is_part]
    ids = {one.portal.id for one in read}
    full = limits().themes
    silent = [None if one.days_silent is None else one.days_silent > policy().stopped_days for one in read]
    claimed = sum(told is True and one.silence_confidence == "claimed" for told, one in zip(silent, read, strict=True))
    return [
        _share("portals_read", (one.id in ids | found.empty for one in _national(found))),
        _share("portals_empty", [one.seen == 0 for one in read] + [True] * len(found.empty)),
        _share("portals_silent", silent, by_portals_own_dates_alone=claimed),
        _share(
            "portals_every_quarter",
            (one.quarters.every for one in read),
            quarters=[str(one) for one in found.quarters],
            observed_quarters=max((one.quarters.observed for one in read), default=0),
        ),
        _share("portals_all_themes_label", (_covers(one.themes_label, full) for one in read)),
        _share("portals_all_themes_content", (_covers(one.themes_content, full) for one in read)),
        _median("median_themes_label", (one.themes_label for one in read)),
        _median("median_themes_content", (one.themes_content for one in read)),
    ]


def _covers(themes: frozenset[str] | None, full: int) -> Answer:
    return None if themes is None else len(themes) >= full


def _median(code: str, themes: Iterable[frozenset[str] | None]) -> Figure:
    told = list(themes)
    known = [len(one) for one in told if one is not None]
    return Figure(code, median(known) if known else None, None, len(known), len(told) - len(known))


def key_matrix(found: Gathered) -> dict[str, dict[str, int]]:
    """Adcode of each place with a portal that was read to number of own datasets by kind of key data."""
    matrix: dict[str, dict[str, int]] = {}
    for one in found.portals:
        row = matrix.setdefault(one.portal.government or "", dict.fromkeys(KINDS, 0))
        for kind in KINDS:
            row[kind] += one.key[kind]
    return dict(sorted(matrix.items()))


def _datasets(found: Gathered) -> list[Figure]:
    read = found.portals
    own, sound = sum(one.own for one in read), sum(one.sound for one in read)
    again = sum(one.relisted for one in read)
    portals = [one for one in read if not one.is_part]
    return [
        _sum(
            "datasets_claimed",
            portals,
            lambda one: None if one.claimed is None else max(0, one.claimed - one.relisted),
        ),
        _sum("datasets_seen", read, lambda one: one.own, listed_twice=again),
        _sum("datasets_effective", read, lambda one: one.effective),
        Figure("datasets_sound", sound / own if own else None, sound if own else None, own),
    ]


def _sum(code: str, read: Iterable[Measured], count: Callable[[Measured], int | None], **more: Any) -> Figure:
    told = [count(one) for one in read]
    known = [one for one in told if one is not None]
    return Figure(code, sum(known) if known else None, None, len(known), len(told) - len(known), more)
