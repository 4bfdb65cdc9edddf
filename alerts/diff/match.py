"""Finds a vanished dataset again under another id: same office, and titles that agree, digits exactly."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from opendata_spiders import normalise

_EXACT = 100.0
DIGITS = re.compile(r"\d+|[〇零一二三四五六七八九十百上下]")


@dataclass(frozen=True, slots=True)
class Named:
    """A dataset by its second key's parts."""

    dataset: str
    title: str
    office: str

    @property
    def digits(self) -> tuple[str, ...]:
        """«2022年…» is not «2023年…», and «第一季度…» not «第二季度…»."""
        return tuple(DIGITS.findall(normalise.title_key(self.title)))


@dataclass(frozen=True, slots=True)
class Twin:
    """An old id and the new one that looks like it."""

    old: str
    new: str
    score: float


def find_twins(old: Iterable[Named], new: Iterable[Named], least: float) -> list[Twin]:
    """Pairs of one old and one new dataset each, equal titles first; a title that occurs twice matches nothing.

    Where one side names no office at all, because the portal has ceased to print it, titles alone are compared.
    """
    gone, came = (_unique(side) for side in _comparable(list(old), list(new)))
    exact = [Twin(gone[key].dataset, came[key].dataset, _EXACT) for key in gone if key in came]
    taken = {twin.old for twin in exact} | {twin.new for twin in exact}
    left = [one for one in gone.values() if one.dataset not in taken]
    candidates = _by_group(one for one in came.values() if one.dataset not in taken)
    return exact + _closest(left, candidates, least)


def _comparable(*sides: list[Named]) -> Iterable[list[Named]]:
    if all(any(one.office for one in side) for side in sides):
        return sides
    return ([replace(one, office="") for one in side] for side in sides)


def _unique(many: Iterable[Named]) -> dict[str, Named]:
    """By second key; those that share one are left out, for nobody can tell which is which."""
    groups: dict[str, list[Named]] = defaultdict(list)
    for one in many:
        if one.title:
            groups[normalise.second_key(one.title, one.office)].append(one)
    return {key: group[0] for key, group in groups.items() if len(group) == 1}


def _by_group(many: Iterable[Named]) -> Mapping[tuple[str, tuple[str, ...]], list[Named]]:
    groups: dict[tuple[str, tuple[str, ...]], list[Named]] = defaultdict(list)
    for one in many:
        groups[_group(one)].append(one)
    return groups


def _group(one: Named) -> tuple[str, tuple[str, ...]]:
    return normalise.text(one.office) or "", one.digits


def _closest(old: Iterable[Named], new: Mapping[tuple[str, tuple[str, ...]], list[Named]], least: float) -> list[Twin]:
    scored = sorted(
        (
            Twin(one.dataset, other.dataset, fuzz.ratio(*map(normalise.title_key, (one.title, other.title))))
            for one in old
            for other in new.get(_group(one), ())
        ),
        key=lambda twin: (-twin.score, twin.old, twin.new),
    )
    twins: list[Twin] = []
    taken: set[str] = set()
    for twin in scored:
        if twin.score >= least and not taken & {twin.old, twin.new}:
            twins.append(twin)
            taken |= {twin.old, twin.new}
    return twins
