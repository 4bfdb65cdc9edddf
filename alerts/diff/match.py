"""Finds vanished datasets again under other ids, by their titles; offices tell namesakes apart, where they tell.

Equal keys are matched first, in near-linear time; what is left is compared by likeness within one office, and of the
titles there only with those that share one of its rarest pairs of letters.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from rapidfuzz import fuzz

from alerts.policy import Policy
from opendata_spiders import normalise

_EXACT = 100.0
_DIGITS = re.compile(r"\d+|[〇零一二三四五六七八九十百上下]")
_SERIES = re.compile(rf"{_DIGITS.pattern}|[东南西北甲乙丙丁]")


@dataclass(frozen=True, slots=True)
class Named:
    """A dataset by what finds it again: its title and office, and clues that tell namesakes apart."""

    dataset: str
    title: str
    office: str
    clues: tuple[str, ...] = ()
    """What stays with a dataset, the same items for all that are compared; empty where unknown."""
    key: str = field(init=False)
    """The folded title."""
    office_key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", normalise.title_key(self.title))
        object.__setattr__(self, "office_key", normalise.title_key(self.office))

    @property
    def digits(self) -> tuple[str, ...]:
        """«2022年…» is not «2023年…», and «第一季度…» not «第二季度…»."""
        return tuple(_DIGITS.findall(self.key))

    @property
    def series(self) -> tuple[str, ...]:
        """Digits and what else tells one of a series from the next: «东区…» is not «西区…»."""
        return tuple(_SERIES.findall(self.key))


@dataclass(frozen=True, slots=True)
class Twin:
    """An old id and the new one that looks like it."""

    old: str
    new: str
    score: float


Kept = Callable[[], Iterable[Named]]
"""The datasets listed before and after, loaded only where they are asked for: whoever else bears a title."""


def _none() -> Iterable[Named]:
    return ()


def find_twins(old: Iterable[Named], new: Iterable[Named], policy: Policy, kept: Kept = _none) -> list[Twin]:
    """Pairs of one old and one new dataset each.

    Title and office first; of a title that only vanished and only came, whatever the offices; then the offices that
    these pairs link are taken for one; last, likeness. Of namesakes as many are paired as there are on both sides.
    """
    pairs = _Pairs(old, new)
    pairs.match(lambda one: (one.key, one.office_key))
    if pairs.share_titles():
        once = pairs.whole_titles(kept, most=1)
        pairs.match(lambda one: one.key if one.key in once else None, linking=True)
        pairs.match(lambda one: (one.key, pairs.offices.of(one.office_key)))
        whole = pairs.whole_titles(kept)
        pairs.match(lambda one: one.key if one.key in whole else None)
        unsigned = pairs.unsigned_titles()
        pairs.match(lambda one: one.key if one.key in unsigned else None)
    return pairs.twins + pairs.alike(policy)


class _Offices:
    """Which names stand for one office, as far as matched datasets tell."""

    def __init__(self) -> None:
        self._known_as: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The name that stands for all that are linked to this one."""
        path = []
        while (other := self._known_as.get(name, name)) != name:
            path.append(name)
            name = other
        self._known_as.update(dict.fromkeys(path, name))
        return name

    def link(self, one: str, other: str) -> None:
        self._known_as[self.of(one)] = self.of(other)


class _Pairs:
    """What is matched so far, and what is left on either side."""

    def __init__(self, old: Iterable[Named], new: Iterable[Named]) -> None:
        self._old = {one.dataset: one for one in old if one.key}
        self._new = {one.dataset: one for one in new if one.key}
        self._titles = tuple(Counter(one.key for one in side.values()) for side in (self._old, self._new))
        self._kept: Counter[str] | None = None
        self.offices = _Offices()
        self.twins: list[Twin] = []

    def match(self, key: Callable[[Named], Hashable], *, linking: bool = False) -> None:
        """Pair what has an equal key (None: not to be matched); `linking` takes the offices of a pair for one."""
        olds, news = (_grouped(side.values(), key) for side in (self._old, self._new))
        for name in olds.keys() & news.keys() - {None}:
            for one, other in _paired(olds[name], news[name]):
                self._take(Twin(one.dataset, other.dataset, _EXACT))
                if linking:
                    self.offices.link(one.office_key, other.office_key)
        self.twins.sort(key=lambda twin: (twin.old, twin.new))

    def _take(self, twin: Twin) -> None:
        del self._old[twin.old], self._new[twin.new]
        self.twins.append(twin)

    def share_titles(self) -> bool:
        """Whether a title is left on both sides, under other offices."""
        return not {one.key for one in self._old.values()}.isdisjoint(one.key for one in self._new.values())

    def whole_titles(self, kept: Kept, most: int | None = None) -> frozenset[str]:
        """Titles all whose datasets (`most` or fewer) vanished while as many came: nothing else bears them."""
        if self._kept is None:
            self._kept = Counter(one.key for one in kept())
        went, came = self._titles
        return frozenset(
            name for name, n in went.items() if n == came[name] and not self._kept[name] and (most is None or n <= most)
        )

    def unsigned_titles(self) -> frozenset[str]:
        """Titles left on a side without any office: there it cannot tell namesakes apart."""
        signed = [{one.key for one in side.values() if one.office_key} for side in (self._old, self._new)]
        return frozenset(one.key for one in (*self._old.values(), *self._new.values())) - (signed[0] & signed[1])

    def alike(self, policy: Policy) -> list[Twin]:
        """Of what is left the pairs whose titles are alike, the most alike first; digits and office are to agree."""
        olds, news = (_grouped(side.values(), self._group) for side in (self._old, self._new))
        scored = [
            Twin(one.dataset, other.dataset, score)
            for group in olds.keys() & news.keys()
            for one, other in candidates(olds[group], news[group], policy)
            if (score := fuzz.ratio(one.key, other.key, score_cutoff=policy.rekey_score))
        ]
        twins: list[Twin] = []
        taken: set[tuple[str, str]] = set()
        for twin in sorted(scored, key=lambda twin: (-twin.score, twin.old, twin.new)):
            ends = {("old", twin.old), ("new", twin.new)}
            if not taken & ends:
                twins.append(twin)
                taken |= ends
        return twins

    def _group(self, one: Named) -> Hashable:
        return self.offices.of(one.office_key), one.series


def _grouped(many: Iterable[Named], key: Callable[[Named], Hashable]) -> Mapping[Hashable, list[Named]]:
    groups: dict[Hashable, list[Named]] = defaultdict(list)
    for one in many:
        groups[key(one)].append(one)
    return groups


def _paired(olds: list[Named], news: list[Named]) -> Iterator[tuple[Named, Named]]:
    """Namesakes of one group: those that agree in all clues first, then in any one, then in the order of their ids."""
    if len(olds) == len(news) == 1:
        yield olds[0], news[0]
        return
    width = max(len(one.clues) for one in (*olds, *news))
    left = [sorted(many, key=lambda one: one.dataset) for many in (olds, news)]
    for places in (range(width), *([place] for place in range(width)), ()):
        waiting: dict[tuple[str, ...], list[Named]] = defaultdict(list)
        for one in reversed(left[1]):
            waiting[_clues(one, places)].append(one)
        found = [
            (one, waiting[clues].pop()) for one in left[0] if all(clues := _clues(one, places)) and waiting.get(clues)
        ]
        yield from found
        gone = {one.dataset for pair in found for one in pair[:1]}, {one.dataset for pair in found for one in pair[1:]}
        left = [[one for one in many if one.dataset not in taken] for many, taken in zip(left, gone, strict=True)]


def _clues(one: Named, places: Iterable[int]) -> tuple[str, ...]:
    return tuple(one.clues[place] if place < len(one.clues) else "" for place in places)


def candidates(old: Iterable[Named], new: Iterable[Named], policy: Policy) -> Iterator[tuple[Named, Named]]:
    """The pairs of one group that may be as alike as the policy asks, without comparing each with each.

    A title of n letters that is so like another differs from it in few letters, each of which spoils two of its pairs
    of letters at most. So they share one of any twice as many and one more; the rarest of them are looked up.
    """
    bearers: dict[str, list[Named]] = defaultdict(list)
    for other in new:
        for pair in _letter_pairs(other.key):
            bearers[pair].append(other)
    for one in old:
        rarest = sorted(_letter_pairs(one.key), key=lambda pair: (len(bearers.get(pair, ())), pair))
        met: dict[str, Named] = {}
        for pair in rarest[: 2 * _spoilt(len(one.key), policy.rekey_score) + 1]:
            for other in bearers.get(pair, ())[: policy.rekey_candidates - len(met)]:
                met.setdefault(other.dataset, other)
        yield from ((one, other) for other in met.values())


def _letter_pairs(key: str) -> frozenset[str]:
    return frozenset(first + second for first, second in pairwise(key))


def _spoilt(length: int, least: float) -> int:
    """Most letters in which a title of this length may differ from one as alike as `least` (0-100)."""
    return int(2 * (100 - least) / least * length)
