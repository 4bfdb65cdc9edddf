"""Which entries of a list are which known datasets: by title, by office where titles repeat, else by id."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opendata_spiders.healing.json_places import Leaves, leaves
from opendata_spiders.healing.last_reading import KnownDataset, LastReading
from opendata_spiders.normalise import sense, title_key
from opendata_spiders.pages.bodies import native_id


@dataclass(frozen=True, slots=True)
class Match:
    """One entry that is a known dataset."""

    place: int
    """Of the entry, among those that were matched."""
    known: KnownDataset
    leaves: Leaves


@dataclass(frozen=True, slots=True)
class Matching:
    """The entries of a list beside the datasets they are."""

    matches: tuple[Match, ...]
    entries: tuple[Leaves, ...]
    """All entries, known ones and others."""

    @property
    def found(self) -> int:
        """Known datasets that were found again."""
        return len({one.known.id for one in self.matches})


def matching(entries: Sequence[Mapping[str, Any]], reading: LastReading) -> Matching:
    """Match the entries of a list with the last reading; each dataset counts once, at its first entry."""
    read = tuple(leaves(entry) for entry in entries)
    by_title = _best_path(read, lambda value: title_key(value) in reading.by_title)
    by_id = _best_path(read, lambda value: native_id(value) in reading.by_id)
    found: dict[str, Match] = {}
    for place, one in enumerate(read):
        known = _known(one, by_title, by_id, reading)
        if known is not None:
            found.setdefault(known.id, Match(place, known, one))
    return Matching(tuple(found.values()), read)


def _known(entry: Leaves, by_title: str, by_id: str, reading: LastReading) -> KnownDataset | None:
    """The dataset that an entry is.

    Where titles are found they decide alone: a number may be another dataset's after a portal counted its ids anew.
    """
    if not by_title:
        return reading.by_id.get(native_id(entry.get(by_id))) if by_id else None
    candidates = reading.by_title.get(title_key(entry.get(by_title)), ())
    if len(candidates) > 1:
        said = {sense(value) for value in entry.values() if isinstance(value, str)}
        id_ = native_id(entry.get(by_id)) if by_id else ""
        candidates = tuple(
            [one for one in candidates if one.id == id_]
            or [one for one in candidates if sense(one.values.get("office")) in said]
        )
    return candidates[0] if len(candidates) == 1 else None


def _best_path(entries: Sequence[Leaves], is_known: Callable[[Any], bool]) -> str:
    """The path that shows known values on most entries; the first of several, '' where none shows any."""
    hits = Counter(
        path
        for entry in entries
        for path, value in entry.items()
        if isinstance(value, str | int | float) and is_known(value)
    )
    return hits.most_common(1)[0][0] if hits else ""


def scalars(entries: Sequence[Leaves]) -> Iterator[str]:
    """Paths that hold a filled scalar in every entry."""
    first = entries[0] if entries else {}
    return (path for path in first if all(native_id(entry.get(path)) for entry in entries))
