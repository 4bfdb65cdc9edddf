"""Writes the index of the search page."""

import json
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from alerts.site.search.encoding import hashed, list_name, numbers_packed, shard_packed
from alerts.site.search.slots import KEY_BYTES, day_number, give_slots, read_slots, slots_packed
from alerts.site.search.terms import terms
from opendata_spiders.normalise.texts import fold

BLOCK = 32
"""Datasets in one block."""
_SHARD_SLOTS = 128
"""Slots for each shard of terms: keeps a shard at a few kilobytes."""
_MOST_SHARDS = 4096
_OWN_FILE = 1024
"""Bytes from which the list of a term has a file of its own."""

Put = Callable[[str, bytes], None]
"""Writes one file under its path below the folder of the index."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """What is shown of a dataset in a list of results."""

    key: str
    """Hash of portal and id, in hexadecimal (`links.dataset_key`)."""
    title: str
    office: str
    place: str
    """Slug of the place it is told of."""
    updated: date | None
    status: str
    """Empty while it is listed, else a status that the search page has a word for."""
    page: str
    """Name of its page, or of the table that it stands in, within the folder of its place."""


@dataclass
class Index:
    """The index of all datasets; `add` each of them, then `write`."""

    fresh_days: int
    _rows: dict[bytes, bytes] = field(default_factory=dict)
    _titles: dict[bytes, str] = field(default_factory=dict)
    _days: dict[bytes, int] = field(default_factory=dict)

    def add(self, one: SearchHit) -> None:
        """Add one dataset; a second one under the same key takes the place of the first."""
        key = bytes.fromhex(one.key)[:KEY_BYTES]
        day = one.updated.isoformat() if one.updated else ""
        row = [one.title, one.office, one.place, day, one.status, one.page]
        self._rows[key] = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        self._titles[key] = fold(one.title)
        self._days[key] = day_number(one.updated)

    def write(self, put: Put, before: bytes, places: Mapping[str, list[str]]) -> None:
        """Write the index; `before`: the file `slots.bin` of the last build, empty if there is none.

        `places`: names of the places (Chinese, English) by slug.
        """
        slots = give_slots(self._days, read_slots(before), self.fresh_days)
        keys = {slot.number: key for key, slot in slots.items()}
        size = 1 + max(keys, default=-1)
        shards = _shards(size)
        for name, content in self._term_files(keys, shards):
            put(name, content)
        for number in range(0, size, BLOCK):
            rows = (self._rows[keys[at]] if at in keys else b"0" for at in range(number, min(number + BLOCK, size)))
            put(f"blocks/{number // BLOCK}.json", b"[" + b",\n".join(rows) + b"]\n")
        put("slots.bin", slots_packed(slots))
        about = {"documents": len(keys), "slots": size, "block": BLOCK, "shards": shards, "places": places}
        put("index.json", json.dumps(about, ensure_ascii=False, sort_keys=True).encode() + b"\n")

    def _term_files(self, keys: Mapping[int, bytes], shards: int) -> Iterator[tuple[str, bytes]]:
        """Shards, and lists of common terms: their paths and contents."""
        numbers: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for number in sorted(keys):
            for term in terms(self._titles[keys[number]]):
                numbers[term].append(number)
        sharded: list[dict[str, tuple[int, bytes]]] = [{} for _ in range(shards)]
        for term, found in numbers.items():
            packed = numbers_packed(found)
            if len(packed) >= _OWN_FILE:
                yield f"lists/{list_name(term)}.bin", packed
                packed = b""
            sharded[hashed(term) % shards][term] = (len(found), packed)
        for number, lists in enumerate(sharded):
            yield f"terms/{number:03x}.bin", shard_packed(lists)


def _shards(slots: int) -> int:
    """How many shards: a power of two, so that it changes only when the catalogue has doubled."""
    wanted = min(max(slots // _SHARD_SLOTS, 1), _MOST_SHARDS)
    return 1 << (wanted - 1).bit_length()
