"""The truth about offices that bear another name: one matter, however many datasets show it."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from opendata_spiders.store.models import Verdict
from tests.score.nights import Reading
from tests.score.records import Record

FEW = 3
"""Fewer datasets of one office may as well have been handed to another."""
SHARE = 0.9
"""Of the datasets that bore the old name, so many have to bear another."""


class OfficeTruth:
    """Of one portal, told by its book."""

    def __init__(self, say: Callable[..., None]) -> None:
        self.say = say
        self.shown: dict[str, set[str]] = defaultdict(set)
        """Old name to the ids that readings have shown under the new one since the last complete reading."""
        self.moved: dict[tuple[str, int], list[Record]] = defaultdict(list)
        """What was told under another id, by old office and the night that first missed it."""

    def read(self, known: Iterable[Record], reading: Reading) -> None:
        """What the reading shows of known datasets; those of a renamed office have not changed themselves."""
        fresh = [one for one in known if "office" in one.pending]
        for one in fresh:
            self.shown[one.office_read].add(one.id)
        for one in fresh:
            if len(self.shown[one.office_read]) >= FEW:
                del one.pending["office"]
                one.office_read = one.office
        if reading.verdict is Verdict.COMPLETE:
            for office, ids in self.shown.items():
                if len(ids) >= FEW:
                    self.say("office.renamed", office, reading.night)
            self.shown.clear()

    def rekeyed(self, one: Record, missed: int) -> None:
        """A dataset was told under another id."""
        self.moved[one.office, missed].append(one)

    def settled(self, waiting: set[tuple[str, int]], reading: Reading) -> None:
        """An office whose datasets have all been told, those that wait left out, and whose name is gone."""
        listed = reading.listed or {}
        for key in [key for key in self.moved if key not in waiting]:
            twins = [listed[one.twin] for one in self.moved.pop(key) if one.twin in listed]
            renamed = sum(one.office != key[0] for one in twins)
            left = sum(one.office == key[0] for one in listed.values())
            if renamed >= FEW and renamed >= SHARE * (renamed + left):
                self.say("office.renamed", key[0], reading.night)
