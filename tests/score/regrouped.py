"""The truth about datasets that became one, and one that became several."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.score.nights import Reading
from tests.score.records import Record

READINGS = 2
"""Whole and parts change places within so many readings, or nobody could know them to be the same."""


class RegroupTruth:
    """Of one portal, told by its book."""

    def __init__(self, say: Callable[..., None]) -> None:
        self.say = say
        self.plain: set[str] = set()
        """Wholes whose coming or going a complete reading showed together with that of all their parts."""

    def came(self, ids: set[str], absent: Mapping[str, Any], records: Mapping[str, Record]) -> None:
        """A complete reading listed `ids` for the first time; `absent` are those it missed, itself counted."""
        just = {id_ for id_, one in absent.items() if len(one.nights) <= READINGS}
        for whole in records.values() if ids else ():
            merged = whole.id in ids and bool(whole.parts) and just.issuperset(whole.parts)
            split = whole.id in just and bool(whole.became) and ids.issuperset(whole.became)
            if merged or split:
                self.plain.add(whole.id)

    def removed(self, one: Record, reading: Reading, stated: Mapping[str, str], records: Mapping[str, Record]) -> None:
        """A dataset was stated as removed; with the last of its group the whole story can be told."""
        if one.became:
            self._say("dataset.split", one.id, reading)
        for whole in records.values():
            if one.id in whole.parts and all(stated.get(name) == "dataset.removed" for name in whole.parts):
                self._say("dataset.merged", whole.id, reading)

    def _say(self, kind: str, whole: str, reading: Reading) -> None:
        self.say(kind, whole, reading.night, due=reading.night if whole in self.plain else None)
