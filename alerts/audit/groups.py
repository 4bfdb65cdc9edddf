"""The rules that need a whole catalogue: copies of one dataset, and one table cut into a series."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.audit.catalogue import Record
from alerts.audit.rules import limits
from alerts.audit.series import series_key
from alerts.rules.title_matching import SameNames
from opendata_spiders import normalise
from opendata_spiders.store.content import canonical, digest, ordered


@dataclass(frozen=True, slots=True)
class ComparedDataset:
    """What is kept of one dataset to compare it with the others; small, for a catalogue may hold a hundred thousand."""

    dataset: str
    title: str
    office: str
    key: bytes
    """Title and office, hashed; empty where either is missing: two «权责清单» of unknown offices are two."""
    content: bytes
    """The whole content, hashed; empty where it says too little to tell datasets apart."""
    series: str
    """The office and what its series have in common; empty where the title names neither period nor place."""


def card(record: Record) -> ComparedDataset:
    """The card of a dataset."""
    title, office, content = record.read.title, record.read.office or "", b""
    common = series_key(title) if office else ""
    # A short description may well be shared by different data; ids of files are left out, for they always differ.
    if len(record.read.description or "") >= limits().description_least:
        raw = ordered({name: _without_ids(value) for name, value in record.raw.items()})
        content = bytes.fromhex(digest(canonical(raw)))
    return ComparedDataset(
        dataset=record.id,
        title=title,
        office=office,
        key=identity(title, office),
        content=content,
        series=f"{unicodedata.normalize('NFKC', office)}|{common}" if common else "",
    )


def identity(title: str | None, office: str | None) -> bytes:
    """The hash of a clean title and office by which datasets are found again; empty where either is missing."""
    if not title or not office:
        return b""
    return bytes.fromhex(normalise.second_key(title, office))


def _without_ids(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: one for name, one in value.items() if name != "id"}
    return [_without_ids(one) for one in value] if isinstance(value, list | tuple) else value


def duplicates(cards: Iterable[ComparedDataset]) -> list[tuple[ComparedDataset, ...]]:
    """Groups of two or more that are one dataset by title and office, or by content; every dataset in one at most."""
    known, same, first = list(cards), SameNames(), dict[bytes, str]()
    for one in known:
        for key in filter(None, (b"k" + one.key if one.key else b"", b"c" + one.content if one.content else b"")):
            same.link(one.dataset, first.setdefault(key, one.dataset))
    groups: dict[str, list[ComparedDataset]] = defaultdict(list)
    for one in known:
        groups[same.of(one.dataset)].append(one)
    return _sorted(group for group in groups.values() if len(group) > 1)


def fragments(cards: Iterable[ComparedDataset]) -> list[tuple[ComparedDataset, ...]]:
    """Series of one office with at least four different titles; copies of one title do not make a series."""
    groups: dict[str, list[ComparedDataset]] = defaultdict(list)
    for one in cards:
        if one.series:
            groups[one.series].append(one)
    least = limits().fragment_least
    large = (group for group in groups.values() if len(group) >= least)
    return _sorted(group for group in large if len({normalise.title_key(one.title) for one in group}) >= least)


def _sorted(groups: Iterable[list[ComparedDataset]]) -> list[tuple[ComparedDataset, ...]]:
    ordered = (tuple(sorted(group, key=lambda one: one.dataset)) for group in groups)
    return sorted(ordered, key=lambda group: group[0].dataset)


def copies(group: tuple[ComparedDataset, ...]) -> Iterator[tuple[ComparedDataset, str]]:
    """Each member of a group of copies with its evidence."""
    same = len({one.content for one in group}) == 1 and bool(group[0].content)
    why = "same content" if same else "same title and office"
    return ((one, f"{why} as {others}") for one, others in _with_others(group))


def members(group: tuple[ComparedDataset, ...]) -> Iterator[tuple[ComparedDataset, str]]:
    """Each member of a series with its evidence."""
    common = group[0].series.partition("|")[2]
    return ((one, f"one of {len(group)} «{common}»: {others}") for one, others in _with_others(group))


def _with_others(group: tuple[ComparedDataset, ...]) -> Iterator[tuple[ComparedDataset, str]]:
    most = limits().evidence_ids
    for one in group:
        others = [other.dataset for other in group[: most + 1] if other is not one][:most]
        more = len(group) - 1 - len(others)
        yield one, ", ".join(others) + (f" and {more} more" if more else "")
