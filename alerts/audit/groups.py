"""The rules that need a whole catalogue: duplicates of one dataset, and one table split into a series of datasets."""

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
    """The data by which one dataset is compared with the others; small, because a catalogue may hold 100,000."""

    dataset: str
    title: str
    office: str
    key: bytes
    """Hash of title and office; empty if either is missing: two «权责清单» of unknown offices are no duplicates."""
    content: bytes
    """Hash of the whole content; empty if the description is too short to distinguish datasets."""
    series: str
    """Office and common part of the titles of a series; empty if the title names neither period nor place."""


def card(record: Record) -> ComparedDataset:
    """The ComparedDataset of a record."""
    title, office, content = record.read.title, record.read.office or "", b""
    common = series_key(title) if office else ""
    # Different datasets may share a short description. Ids of files are left out, because they always differ.
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
    """Hash of a clean title and office, the key of a dataset across portals; empty if either is missing."""
    if not title or not office:
        return b""
    return bytes.fromhex(normalise.second_key(title, office))


def _without_ids(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: one for name, one in value.items() if name != "id"}
    return [_without_ids(one) for one in value] if isinstance(value, list | tuple) else value


def duplicates(cards: Iterable[ComparedDataset]) -> list[tuple[ComparedDataset, ...]]:
    """Groups of two or more duplicates by title and office, or by content; every dataset is in one group at most."""
    known, same, first = list(cards), SameNames(), dict[bytes, str]()
    for one in known:
        for key in filter(None, (b"k" + one.key if one.key else b"", b"c" + one.content if one.content else b"")):
            same.link(one.dataset, first.setdefault(key, one.dataset))
    groups: dict[str, list[ComparedDataset]] = defaultdict(list)
    for one in known:
        groups[same.of(one.dataset)].append(one)
    return _sorted(group for group in groups.values() if len(group) > 1)


def fragments(cards: Iterable[ComparedDataset]) -> list[tuple[ComparedDataset, ...]]:
    """Series of one office with at least `fragment_least` different titles; duplicates do not make a series."""
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
    """Each member of a group of duplicates with its evidence."""
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
