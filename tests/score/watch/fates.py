"""The truth about portals as the diff is to tell it: out of reach, gone for good, new, taken over by the province."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from opendata_spiders.store.models import Verdict
from tests.score.book import Case
from tests.score.watch.cast import Member, Role
from tests.score.watch.readings import Item, Read
from tests.score.words import SHANGHAI

PORTAL = ""
_ANSWERED = (Verdict.COMPLETE, Verdict.PARTIAL, Verdict.DRIFTED, Verdict.EMPTY, Verdict.BLOCKED)
_TAKES = timedelta(minutes=4)
_BOTH = timedelta(days=92)
_TIMES = 7
"""Readings within which a portal's datasets are looked for elsewhere once."""


@dataclass(slots=True)
class Spell:
    """Readings in a row that did not reach the portal."""

    first: datetime
    tries: int = 0
    days: set[str] = field(default_factory=set)
    told: bool = False

    def lengthen(self, at: datetime) -> timedelta:
        self.tries += 1
        self.days.add(f"{at.astimezone(SHANGHAI):%Y-%m-%d}")
        return at - self.first


Listed = list[tuple[datetime, frozenset[tuple[str, str]]]]
"""What complete readings of a province's portal listed, by the time each was finished."""


class Fate:
    """Of one portal that the diff reads."""

    def __init__(self, member: Member, above: Listed) -> None:
        self.member, self.above = member, above
        self.cases: list[Case] = []
        self.listed: Listed = []
        self.down: Spell | None = None
        self.gone: Spell | None = None
        self.empty = 0
        self.whole: dict[str, Item] = {}
        """Datasets as last seen while all was well."""
        self.whole_at: datetime | None = None
        self.cut = 0
        """Complete readings in a row that miss most of them."""
        self.search: Case | None = None
        self.searched = 0
        self.looks: dict[datetime, tuple[frozenset[tuple[str, str]], datetime]] = {}
        """What was certain to be lost at a reading, and the time with which the province is compared."""

    def _say(self, kind: str, night: int, happened: int | None = None, due: int | None = -1) -> Case:
        first = night if happened is None else happened
        case = Case(kind, PORTAL, first, night, night if due == -1 else due)
        self.cases.append(case)
        return case

    def take(self, night: int, at: datetime, read: Read) -> None:
        """One reading, in order of time."""
        self._reach(night, at, read)
        if read.verdict is Verdict.COMPLETE:
            if not self.listed and self.member.role is not Role.GUEST and self.member.since >= 8:
                self._say("platform.new", night, self.member.since)
            self.listed.append((at + _TAKES, frozenset(one.key for one in read.listed or ())))
            self.empty = 0
        if self.member.role is Role.CITY:
            self._takeover(night, at, read)

    # --- out of reach

    def _reach(self, night: int, at: datetime, read: Read) -> None:
        if read.verdict is Verdict.UNREACHABLE and not read.ours:
            self._unreachable(night, at)
        elif read.verdict in _ANSWERED:
            if self.down is not None and self.down.told:
                self._say("platform.up", night)
            self.down = self.gone = None

    def _unreachable(self, night: int, at: datetime) -> None:
        self.down = self.down or Spell(at)
        self.gone = self.gone or Spell(at)
        lasted = self.down.lengthen(at)
        if not self.down.told and self.down.tries >= 3 and lasted >= timedelta(hours=6):
            self.down.told = True
            self._say("platform.down", night)
        lasted = self.gone.lengthen(at)
        if not self.gone.told and lasted > timedelta(days=30) and len(self.gone.days) >= 10:
            self.gone.told = True
            self._say("platform.gone", night)

    # --- taken over by the province

    def _takeover(self, night: int, at: datetime, read: Read) -> None:
        lost = self._lost(at, read)
        if not lost or self.whole_at is None:
            return
        since = self.whole_at - (_BOTH if self._for_good() else timedelta())
        self.looks[at] = (lost, since)
        if not self._went_over(lost, at, since):
            return
        if self.search is None:
            # A deletion is searched for once, a portal out of reach every seventh reading.
            self.search = self._say("platform.merged_into", night, due=night if self.cut else None)
        self.searched += 1
        if self.searched == _TIMES and self.search.due is None:
            self.search.due = night

    def worthless(self, at: datetime) -> None:
        """A complete reading of this portal turned out not to be one; those below it know of it no more."""
        self.listed[:] = [(finished, keys) for finished, keys in self.listed if finished != at + _TAKES]

    def is_withdrawn(self, at: datetime) -> bool:
        """Whether what was said at that reading no longer follows, now that a reading of the province is worth nothing."""
        lost, since = self.looks[at]
        if self._went_over(lost, at, since):
            return False
        self.search, self.searched = None, 0
        return True

    def _lost(self, at: datetime, read: Read) -> frozenset[tuple[str, str]]:
        """What is missing once it is certain that it is, and nothing before."""
        if read.verdict is Verdict.COMPLETE:
            return self._deleted(at, read)
        if read.ours or read.verdict in (Verdict.PARTIAL, Verdict.BLOCKED, Verdict.FAILED, Verdict.DRIFTED):
            return frozenset()
        self.empty += read.verdict is Verdict.EMPTY
        told = self.empty >= 2 or (self.down is not None and self.down.told)
        return frozenset(one.key for one in self.whole.values()) if told else frozenset()

    def _deleted(self, at: datetime, read: Read) -> frozenset[tuple[str, str]]:
        listed = {one.id: one for one in read.listed or ()}
        missing = frozenset(one.key for id_, one in self.whole.items() if id_ not in listed)
        if len(missing) * 2 > len(self.whole):
            self.cut += 1
            return missing if self.cut == 3 else frozenset()
        self.whole, self.whole_at, self.cut = listed, at, 0
        self.search, self.searched = None, 0
        return frozenset()

    def _for_good(self) -> bool:
        """What is lost for good may have stood in both for a quarter of a year."""
        return self.cut > 0 or (self.gone is not None and self.gone.told)

    def _went_over(self, lost: frozenset[tuple[str, str]], at: datetime, since: datetime) -> bool:
        """The province lists six in ten now, and did not at the earlier time, or when it was read first after that."""
        if len(lost) < 10 or self.whole_at is None:
            return False
        now = [keys for finished, keys in self.above if finished <= at + _TAKES]
        whole = [(finished, keys) for finished, keys in self.above if finished - _TAKES <= self.whole_at]
        then = [keys for finished, keys in whole if finished - _TAKES <= since] or [keys for _, keys in whole[:1]]
        if not now or not then:
            return False
        return len(lost & now[-1]) >= 0.6 * len(lost) > len(lost & then[-1])
