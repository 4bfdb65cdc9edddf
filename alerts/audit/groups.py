"""The rules that need a whole catalogue: duplicates of one dataset, and one table split into a series of datasets."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from alerts.audit.facts import DatasetFacts
from alerts.audit.rules import limits
from alerts.rules.title_matching import SameNames
from opendata_spiders import normalise

Group = tuple[DatasetFacts, ...]


def duplicates(datasets: Iterable[DatasetFacts]) -> list[Group]:
    """Groups of two or more duplicates by title and office, or by content; every dataset is in one group at most."""
    known, same = list(datasets), SameNames()
    alike = set[str]()
    for hashes in ([one.key for one in known], [one.content for one in known]):
        first: dict[str, str] = {}
        for one, value in zip(known, hashes, strict=True):
            if value and (other := first.setdefault(value, one.dataset)) != one.dataset:
                same.link(one.dataset, other)
                alike |= {one.dataset, other}
    groups: dict[str, list[DatasetFacts]] = defaultdict(list)
    for one in known:
        if one.dataset in alike:
            groups[same.of(one.dataset)].append(one)
    return _sorted(groups.values())


def fragments(datasets: Iterable[DatasetFacts]) -> list[Group]:
    """Series of one office with at least `fragment_least` different titles; duplicates do not make a series."""
    groups: dict[str, list[DatasetFacts]] = defaultdict(list)
    for one in datasets:
        if one.series:
            groups[one.series].append(one)
    least = limits().fragment_least
    large = (group for group in groups.values() if len(group) >= least)
    return _sorted(group for group in large if len({normalise.title_key(one.title) for one in group}) >= least)


def _sorted(groups: Iterable[list[DatasetFacts]]) -> list[Group]:
    ordered = (tuple(sorted(group, key=lambda one: one.dataset)) for group in groups)
    return sorted(ordered, key=lambda group: group[0].dataset)


def copies(group: Group) -> Iterator[tuple[DatasetFacts, str]]:
    """Each member of a group of duplicates with its evidence."""
    same = len({one.content for one in group}) == 1 and bool(group[0].content)
    why = "same content" if same else "same title and office"
    return ((one, f"{why} as {others}") for one, others in _with_others(group))


def members(group: Group) -> Iterator[tuple[DatasetFacts, str]]:
    """Each member of a series with its evidence."""
    common = group[0].series.partition("|")[2]
    return ((one, f"one of {len(group)} «{common}»: {others}") for one, others in _with_others(group))


def _with_others(group: Group) -> Iterator[tuple[DatasetFacts, str]]:
    most = limits().evidence_ids
    for one in group:
        others = [other.dataset for other in group[: most + 1] if other is not one][:most]
        more = len(group) - 1 - len(others)
        yield one, ", ".join(others) + (f" and {more} more" if more else "")
