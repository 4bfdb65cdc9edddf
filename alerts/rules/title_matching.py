"""Matches vanished datasets with new ones under other ids, by title, and by office where titles are not unique.

States no events. Equal keys are matched first, in near-linear time; the rest is compared by similarity within one
office, and each title only with those that share one of its rarest pairs of letters. Digits and cardinal directions
must agree: the edition of another year, or of another district, is another dataset.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from rapidfuzz import fuzz

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import label
from alerts.comparison.run_view import Entries
from alerts.model.policy import EventPolicy
from alerts.model.states import DatasetState
from opendata_spiders import normalise
from opendata_spiders.store.models import Entry, Version

DIGITS = re.compile(r"\d+|[〇零一二三四五六七八九十百上下]")
_SERIES = re.compile(rf"{DIGITS.pattern}|[东南西北甲乙丙丁]")


@dataclass(frozen=True, slots=True)
class TitledDataset:
    """A dataset with what it is matched by: title and office, and clues that distinguish datasets of one title."""

    dataset: str
    title: str
    office: str
    clues: tuple[str, ...] = ()
    """Properties that a new id does not change, the same items for all datasets compared; empty where unknown."""
    key: str = field(init=False)
    """The folded title."""
    office_key: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", normalise.title_key(self.title))
        object.__setattr__(self, "office_key", normalise.title_key(self.office))

    @property
    def series(self) -> tuple[str, ...]:
        """Digits, directions and ordinals in the title, which distinguish a series: «东区…» is not «西区…»."""
        return tuple(_SERIES.findall(self.key))


def named(entries: Entries, step: RunContext) -> list[TitledDataset]:
    """The entries (by native id) with title, office and clues, for matching."""
    versions = step.view.reader.versions({entry.version for entry in entries.values()}, evidence=False)
    found = ((name, entry, versions.get(entry.version)) for name, entry in sorted(entries.items()))
    return [
        TitledDataset(name, label(version, "title"), label(version, "office"), _clues(entry, version))
        for name, entry, version in found
    ]


def named_states(states: Iterable[DatasetState], step: RunContext) -> list[TitledDataset]:
    """Datasets that have a state, with title, office and clues, for matching."""
    many = sorted(states, key=lambda one: one.dataset)
    versions = step.view.reader.versions({one.entry.version for one in many}, evidence=False)
    return [
        TitledDataset(one.dataset, one.title, one.office, _clues(one.entry, versions.get(one.entry.version)))
        for one in many
    ]


def _clues(entry: Entry, version: Version | None) -> tuple[str, ...]:
    return label(version, "description"), entry.clocks.get("published", ""), entry.clocks.get("updated", "")


@dataclass(frozen=True, slots=True)
class Twin:
    """A pair of an old and a new id whose datasets look alike."""

    old: str
    new: str
    score: float


Kept = Callable[[], Iterable[TitledDataset]]
"""Loads the datasets listed both before and after, if needed: other datasets with the same title."""


def find_twins(
    old: Iterable[TitledDataset], new: Iterable[TitledDataset], policy: EventPolicy, kept: Kept = tuple
) -> list[Twin]:
    """Pairs of one old and one new dataset each.

    Matched in this order: equal title and office; a title that is unique on both sides, with any office; title and
    office again, with the offices that such pairs link taken as one; titles alone; titles that all got or lost the same
    words at one end; similarity. Of several datasets with one title as many are paired as there are on both sides.
    """
    pairs = _Pairs(old, new, kept)
    pairs.match(lambda one: (one.key, one.office_key))
    if pairs.left():
        pairs.match_titles(most=1)
        pairs.link_renamed(policy)
        pairs.match(lambda one: (one.key, pairs.office(one)))
        pairs.match_titles()
        pairs.match_rewritten(policy)
        pairs.match_alike(policy)
    return pairs.twins


class SameNames:
    """Groups of names that are known to mean the same thing (union-find)."""

    def __init__(self) -> None:
        self._known_as: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The representative of all names linked to this one."""
        path = []
        while (other := self._known_as.get(name, name)) != name:
            path.append(name)
            name = other
        self._known_as.update(dict.fromkeys(path, name))
        return name

    def link(self, one: str, other: str) -> None:
        self._known_as[self.of(one)] = self.of(other)


class _Pairs:
    """The pairs matched so far, and the datasets left on both sides."""

    def __init__(self, old: Iterable[TitledDataset], new: Iterable[TitledDataset], kept: Kept) -> None:
        self._old = {one.dataset: one for one in old if one.key}
        self._new = {one.dataset: one for one in new if one.key}
        self._load = kept
        sides = self._old.values(), self._new.values()
        self._titles = [Counter(one.key for one in side) for side in sides]
        self._signed = [{one.office_key for one in side} - {""} for side in sides]
        self._offices = SameNames()
        self.twins: list[Twin] = []

    def left(self) -> bool:
        """Whether both sides have datasets left to match."""
        return bool(self._old and self._new)

    def office(self, one: TitledDataset) -> str:
        """The representative of its office; empty if one side names no office at all, so that offices do not help."""
        return self._offices.of(one.office_key) if all(self._signed) else ""

    def match(
        self, key: Callable[[TitledDataset], Hashable], new_key: Callable[[TitledDataset], Hashable] | None = None
    ) -> None:
        """Pair datasets with equal keys; a key of None matches nothing."""
        olds, news = _grouped(self._old.values(), key), _grouped(self._new.values(), new_key or key)
        found = [pair for name in olds.keys() & news.keys() - {None} for pair in _paired(olds[name], news[name])]
        for one, other in sorted(found, key=lambda pair: pair[0].dataset):
            self._take(one, other)

    def _take(self, one: TitledDataset, other: TitledDataset) -> None:
        del self._old[one.dataset], self._new[other.dataset]
        self.twins.append(Twin(one.dataset, other.dataset, fuzz.ratio(one.key, other.key)))

    def match_titles(self, most: int | None = None) -> None:
        """Pair by title alone if as many new as vanished datasets have it (at most `most`), and no other dataset.

        Also titles for which one side names no office, unless `most` is 1. If it is 1, the offices of each pair are
        linked.
        """
        shared = {one.key for one in self._old.values()} & {one.key for one in self._new.values()}
        if not shared:
            return
        kept, (went, came) = Counter(one.key for one in self._others), self._titles
        whole = {name for name in shared if went[name] == came[name] <= (most or came[name]) and not kept[name]}
        if most == 1:
            olds, news = ({one.key: one.office_key for one in side.values()} for side in (self._old, self._new))
            for name in (one for one in whole if olds[one] and news[one]):
                self._offices.link(olds[name], news[name])
        else:
            whole |= shared - self._signed_titles(self._old) | shared - self._signed_titles(self._new)
        self.match(lambda one: one.key if one.key in whole else None)

    @cached_property
    def _others(self) -> list[TitledDataset]:
        return list(self._load())

    @staticmethod
    def _signed_titles(side: Mapping[str, TitledDataset]) -> set[str]:
        return {one.key for one in side.values() if one.office_key}

    def link_renamed(self, policy: EventPolicy) -> None:
        """Link an office that disappeared to one that appeared, if enough of their titles are similar."""
        went, came = ({self._offices.of(name) for name in side} for side in self._signed)
        olds = [one for one in self._old.values() if self.office(one) in went - came]
        news = [one for one in self._new.values() if self.office(one) in came - went]
        pairs = _closest(olds, news, lambda one: one.series, policy)
        counts = Counter((self.office(one), self.office(other)) for one, other in pairs)
        many = sorted(pair for pair, count in counts.items() if count >= policy.office_floor)
        kept = {self._offices.of(one.office_key) for one in self._others} if many else set()
        for before, after in many:
            if before not in kept and after not in kept:
                self._offices.link(before, after)

    def match_rewritten(self, policy: EventPolicy) -> None:
        """Pair by title and office after adding or removing the words that most titles got or lost at one end."""
        olds, news = ({self._signed_title(one) for one in side.values()} for side in (self._old, self._new))
        limit = policy.bulk_limit(min(len(olds), len(news)))
        if put_on := _affix(news, olds, limit, policy):
            self.match(self._signed_title, lambda one: self._signed_title(one, *put_on))
        if taken_off := _affix(olds, news, limit, policy):
            self.match(lambda one: self._signed_title(one, *taken_off), self._signed_title)

    def _signed_title(self, one: TitledDataset, head: str = "", tail: str = "") -> tuple[str, str] | None:
        """Its office and its title without `head` and `tail`; None if the title does not begin and end with them."""
        key = one.key.removeprefix(head).removesuffix(tail)
        return (self.office(one), key) if head + key + tail == one.key else None

    def match_alike(self, policy: EventPolicy) -> None:
        """Pair similar titles, the most similar first; digits and office must agree."""

        def group(one: TitledDataset) -> Hashable:
            return self.office(one), one.series

        for one, other in _closest(self._old.values(), self._new.values(), group, policy):
            self._take(one, other)


_Signed = set[tuple[str, str] | None]
"""Offices and titles."""


def _affix(longer: _Signed, shorter: _Signed, limit: float, policy: EventPolicy) -> tuple[str, str] | None:
    """The words (head, tail) that make titles of `longer` from those of `shorter`, if more than `limit` have them.

    None for words with digits: those make other datasets.
    """
    counts = Counter(affix for one in longer if one for affix in _affixes(*one, shorter, policy.rekey_title))
    (head, tail), count = min(counts.items(), key=lambda pair: (-pair[1], pair[0]), default=(("", ""), 0))
    return None if count <= limit or DIGITS.search(head + tail) else (head, tail)


def _affixes(office: str, key: str, shorter: _Signed, least: int) -> Iterator[tuple[str, str]]:
    """The words before or after a title of `shorter` (of at least `least` letters) that this title contains."""
    for cut in range(1, len(key) - least + 1):
        if (office, key[cut:]) in shorter:
            yield key[:cut], ""
        if (office, key[:-cut]) in shorter:
            yield "", key[-cut:]


def _closest(
    old: Iterable[TitledDataset],
    new: Iterable[TitledDataset],
    group: Callable[[TitledDataset], Hashable],
    policy: EventPolicy,
) -> list[tuple[TitledDataset, TitledDataset]]:
    """Pairs within one group whose titles are similar, each dataset in at most one pair, the most similar first."""
    olds, news = _grouped(old, group), _grouped(new, group)
    scored = [
        (score, one, other)
        for name in olds.keys() & news.keys()
        for one, other in candidates(olds[name], news[name], policy)
        if (score := fuzz.ratio(one.key, other.key, score_cutoff=policy.rekey_score))
    ]
    scored.sort(key=lambda found: (-found[0], found[1].dataset, found[2].dataset))
    return list(disjoint((one, other) for _, one, other in scored))


T = TypeVar("T", bound=Hashable)


def disjoint(pairs: Iterable[tuple[T, T]]) -> Iterator[tuple[T, T]]:
    """The pairs (best first) without those that share a member with an earlier pair on the same side."""
    taken: tuple[set[T], set[T]] = set(), set()
    for one, other in pairs:
        if one not in taken[0] and other not in taken[1]:
            taken[0].add(one)
            taken[1].add(other)
            yield one, other


def _grouped(
    many: Iterable[TitledDataset], key: Callable[[TitledDataset], Hashable]
) -> Mapping[Hashable, list[TitledDataset]]:
    groups: dict[Hashable, list[TitledDataset]] = defaultdict(list)
    for one in many:
        groups[key(one)].append(one)
    return groups


def _paired(olds: list[TitledDataset], news: list[TitledDataset]) -> Iterator[tuple[TitledDataset, TitledDataset]]:
    """Pairs of datasets with one key: those that agree in all clues first, then in any one, then in order of ids."""
    if len(olds) == len(news) == 1:
        yield olds[0], news[0]
        return
    width = max(len(one.clues) for one in (*olds, *news))
    left = [sorted(many, key=lambda one: one.dataset) for many in (olds, news)]
    for places in (range(width), *([place] for place in range(width)), ()):
        waiting: dict[tuple[str, ...], list[TitledDataset]] = defaultdict(list)
        for one in reversed(left[1]):
            waiting[_clues_at(one, places)].append(one)
        found = [
            (one, waiting[clues].pop())
            for one in left[0]
            if all(clues := _clues_at(one, places)) and waiting.get(clues)
        ]
        yield from found
        gone = {one.dataset for pair in found for one in pair[:1]}, {one.dataset for pair in found for one in pair[1:]}
        left = [[one for one in many if one.dataset not in taken] for many, taken in zip(left, gone, strict=True)]


def _clues_at(one: TitledDataset, places: Iterable[int]) -> tuple[str, ...]:
    return tuple(one.clues[place] if place < len(one.clues) else "" for place in places)


def candidates(
    old: Iterable[TitledDataset], new: Iterable[TitledDataset], policy: EventPolicy
) -> Iterator[tuple[TitledDataset, TitledDataset]]:
    """The pairs of one group that may be as similar as `rekey_score` requires, without comparing all with all.

    If two titles are that similar, they differ in at most k letters, and each of these affects at most two pairs of
    adjacent letters. So of any 2k + 1 letter pairs of one title the other has at least one; the rarest are looked up.
    """
    bearers: dict[str, list[TitledDataset]] = defaultdict(list)
    for other in new:
        for pair in _letter_pairs(other.key):
            bearers[pair].append(other)
    for one in old:
        rarest = sorted(_letter_pairs(one.key), key=lambda pair: (len(bearers.get(pair, ())), pair))
        met: dict[str, TitledDataset] = {}
        spoilt = int(2 * (100 - policy.rekey_score) / policy.rekey_score * len(one.key))
        for pair in rarest[: 2 * spoilt + 1]:
            for other in bearers.get(pair, ())[: policy.rekey_candidates - len(met)]:
                met.setdefault(other.dataset, other)
        yield from ((one, other) for other in met.values())


def _letter_pairs(key: str) -> frozenset[str]:
    return frozenset(first + second for first, second in pairwise(key))
