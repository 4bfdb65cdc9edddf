"""The book of truth: what a watch could have known of a portal, and by which run, from the nights it was given.

It is told by the world what happened, and by the crawl which night was read how far. From these it writes cases: what
is to be stated, about what, not before and not after which night.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from opendata_spiders.store.models import LookResult, Verdict
from tests.score import words
from tests.score.city import CityTruth, Signs
from tests.score.fakes import CONTENT, FEEDS, FakeTruth
from tests.score.nights import Reading
from tests.score.offices import OfficeTruth
from tests.score.reach import ReachTruth
from tests.score.records import IN_DETAILS, Record
from tests.score.subjects import SubjectTruth
from tests.score.swing_truth import SwingTruth
from tests.score.world import World

PORTAL = ""
LEVELS = ("", "dataset.due", "dataset.overdue", "dataset.delinquent")
ROTATION = timedelta(days=31)
"""How old a date may be where dates stand on pages that are read in rotation."""
OUTLASTED = 31
"""Readings after which a dataset that may have been hidden counts as gone."""
WHOLE = 180
"""Days after which a loss of everything is believed though nobody could look; of a part as many less."""
WEIGHED = 1.005
"""What a chance of just under one in a hundred makes of these days."""
LATEST = 150
"""Nights within which a portal that flaps has to tell a true loss all the same."""
ASLEEP = 730
"""Days after which a dataset that promises nothing is dormant; no rhythm of its own that is longer shows in a year."""


@dataclass(slots=True)
class Case:
    """Something true that is to be stated."""

    kind: str
    subject: str
    happened: int
    earliest: int
    due: int | None
    """The night by which it can be known; None: may be stated, need not."""


@dataclass(slots=True)
class Absent:
    """A dataset that complete runs do not list."""

    one: Record
    gap_before: int
    """Rows that were hidden when it was last listed, less those that were missing then."""
    already: frozenset[str]
    """Ids of these, as long as they stay missing."""
    nights: list[tuple[int, LookResult, bool]] = field(default_factory=list)
    """Night, what its page said, and whether rows may have been hidden from that reading."""
    gaps: list[int] = field(default_factory=list)
    """How many rows the printed total counted more than were seen, on these nights."""
    known: int = 0
    """Datasets that were known before it vanished …"""
    cohort: int = 1
    """… and how many were missing in the reading that first missed it."""

    def may_hide(self, many: int) -> bool:
        """Whether every night left room to hide one in twenty of so many more than the last one that listed it."""
        return min(self.gaps) - max(0, self.gap_before) >= max(1, 0.05 * many)

    @property
    def outlasted(self) -> bool:
        """No row stays hidden for so long."""
        return len(self.nights) >= OUTLASTED

    @property
    def in_mass(self) -> bool:
        return self.cohort > _limit(self.known)


class Book:
    """Of one portal."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cases: list[Case] = []
        self.known: dict[str, Record] = {}
        self.absent: dict[str, Absent] = {}
        self.stated: dict[str, str] = {}
        self.epoch = 0
        self.since = 0
        """Night from which on a dataset that is born is new."""
        self.away: set[int] = set()
        """Records that were not there when a first trusted reading was made: new to whoever has not read them before."""
        self.read: set[int] = set()
        """Records that were known when the portal moved."""
        self.size = self.gap = 0
        self.declared: int | None = None
        self.complete_at: datetime | None = None
        self.groups: set[int] = set()
        self.returned: set[int] = set()
        """Groups of which a reader has seen some again: what is lost in a mass after that is believed later."""
        self.waiting: set[str] = set()
        """Losses in a mass that a reader doubts, for nobody could look behind them."""
        self.swings = SwingTruth(self._say)
        self.stamped_on = -99
        self.rewritten_on = self.rewritten_since = 0
        """Nights on which a rewriting of a whole field was told, and on which it happened."""
        self.shown: dict[date, list[bool]] = defaultdict(list)
        """Stamped day to the datasets that readings have shown to bear it since the last complete one."""
        self.reach = ReachTruth(self._say)
        self.city = CityTruth(world, self._say)
        self.fakes = FakeTruth(self._say)
        # When such a portal's true losses are told is left open, and so is when a theme has none left.
        self.subjects = SubjectTruth(self._perhaps if world.traits.flaps else self._say)
        self.offices = OfficeTruth(self._say)

    def _say(self, kind: str, subject: str, night: int, *, happened: int | None = None, earliest: int | None = None,
             due: int | None = -1) -> None:  # fmt: skip
        first = night if earliest is None else earliest
        self.cases.append(
            Case(kind, subject, first if happened is None else happened, first, night if due == -1 else due)
        )

    def _perhaps(self, kind: str, subject: str, night: int, *, happened: int | None = None,
                 earliest: int | None = None, due: int | None = None) -> None:  # fmt: skip
        self._say(kind, subject, night, happened=happened, earliest=earliest, due=due)

    # --- one reading

    def observe(self, reading: Reading) -> None:
        self.reach.observe(reading, known=bool(self.epoch))
        if reading.verdict is Verdict.EMPTY and self.epoch and reading.epoch == self.epoch:
            known = self.size + len(self.absent)
            if self.world.traits.flaps:
                self.reach.perhaps_shrunk(known, known, reading)
            else:
                self.reach.shrunk(known, 0, known, reading)
        self.world.unseen = set(self.absent)
        if reading.listed is None:
            return
        if reading.verdict is Verdict.COMPLETE and (not self.epoch or reading.epoch != self.epoch):
            self._baseline(reading)
        elif reading.epoch == self.epoch:
            self._seen_again(reading)
            if reading.verdict in (Verdict.COMPLETE, Verdict.PARTIAL):
                self._read(reading)
        self.world.unseen = set(self.absent)

    def _read(self, reading: Reading) -> None:
        signs = Signs()
        listed = reading.listed or {}
        came = [one for id_, one in listed.items() if id_ not in self.known]
        self.offices.read([one for id_, one in listed.items() if id_ in self.known], reading)
        for id_, one in listed.items():
            if id_ in self.known:
                self._changes(one, reading, signs)
        self._arrivals(came, reading, signs)
        self._rewritten(signs, reading)
        size = self.size
        self.fakes.close(reading, size, stamped=self._stamps(signs, reading))
        if reading.verdict is Verdict.COMPLETE:
            self._absences(reading, {one.id for one in came})
            self._levels(reading)
            self.subjects.observe(reading, {one.one: len(one.nights) for one in self.absent.values()})
            self.city.observe(reading, signs, self.size)
            self._remember(reading)
        else:
            self.city.take(reading, signs, self.size)
            self.size = len(self.known)

    def _remember(self, reading: Reading) -> None:
        self.complete_at, self.gap, self.declared = reading.at, reading.gap, reading.declared
        self.size = reading.seen
        self.shown.clear()

    def _baseline(self, reading: Reading) -> None:
        """The first trusted reading, of the portal or of an epoch: what is there is not new."""
        if self.epoch:
            self._say("platform.moved", PORTAL, reading.night)
        self._perhaps_told()
        # What a reader still waited for is left behind without a word.
        self.cases = [
            replace(one, due=None) if one.due is not None and one.due > reading.night else one for one in self.cases
        ]
        self.read |= {id(one) for one in self.known.values()} | {id(missing.one) for missing in self.absent.values()}
        self.away = {id(one) for one in self.world.records.values() if not one.listed}
        self.epoch, self.since = reading.epoch, reading.night
        self.known, self.absent, self.stated = dict(reading.listed or {}), {}, {}
        for one in self.known.values():
            self._forget(one)
            self._note(one, reading)
        self._days_shared(reading)
        for one in self.known.values():
            one.stamped = one.claimed_stamped = self._is_known_stamp(one.claimed)
            one.level, one.asleep = self._level(one, reading.at), self._asleep(one, reading.at)
        self._remember(reading)
        self.reach.incident = False
        self.subjects.begin(self.known.values())
        self.city.begin(reading)

    def _days_shared(self, reading: Reading) -> None:
        """A day later than all that is known, shared by a large part of what a move shows, is the move's own."""
        if self.city.begun:
            slow = (one for one in self.known.values() if one.claimed and one.pace not in FEEDS)
            days = Counter(_shanghai(one.claimed) for one in slow if one.claimed)
            least = max(30, 0.3 * reading.seen)
            late = {day for day, count in days.items() if count >= least and day.toordinal() > self.city.high}
            self.city.known_stamps |= late

    def _is_known_stamp(self, claimed: datetime | None) -> bool:
        return claimed is not None and _shanghai(claimed) in self.city.known_stamps

    def _forget(self, one: Record) -> None:
        """Whatever a baseline shows for the first time is no change."""
        if not self.world.traits.details:
            one.pending.clear()
        elif one.detailed and one.shown == self.world.detail(one):
            one.pending.clear()
            one.claimed = words.as_read(one.updated, one.style)
        else:
            one.pending = {name: night for name, night in one.pending.items() if name in IN_DETAILS}

    def _note(self, one: Record, reading: Reading) -> None:
        """Remember how a record was read."""
        one.pace_read, one.formats_read, one.office_read = one.pace, tuple(one.formats), one.office
        if not self.world.traits.details:
            one.claimed, one.claimed_stamped, one.rows_read = one.reading(), one.stamped, one.rows
        elif one.id in reading.details:
            one.claimed, one.claimed_stamped = words.as_read(one.updated, one.style), False
            one.rows_read = one.rows
        promised = words.PROMISES[one.pace]
        one.limits = promised.limits(one.claimed) if one.claimed else ()

    # --- what is listed

    def _seen_again(self, reading: Reading) -> None:
        again = [id_ for id_ in self.absent if id_ in (reading.listed or {})]
        many = sum(self.absent[id_].in_mass for id_ in again)
        if reading.verdict in (Verdict.COMPLETE, Verdict.PARTIAL):
            self.swings.returned(many, self.size + len(self.absent), reading)
        for id_ in again:
            missing = self.absent.pop(id_)
            self.returned |= {missing.one.group} if missing.one.group else set()
            for other in self.absent.values():
                other.already -= {id_}
            one = self.known[id_] = missing.one
            if not one.gone and len(missing.nights) >= 3 and not self.world.traits.flaps:
                # It may have been told as unlisted all the same, by a reader who could no longer look.
                self._say("dataset.unlisted", id_, missing.nights[1][0], due=None)
                self._say("dataset.reappeared", id_, reading.night, due=None)
            self.world.flight.discard(id_)
            self.world.bulk_in_flight &= not one.group
            # Seen after all: the row that was hidden from the last complete reading was this one.
            self.gap = max(0, self.gap - 1)

    def _arrivals(self, came: list[Record], reading: Reading, signs: Signs) -> None:
        new = [one for one in came if self._is_new(one, reading)]
        # Neither a total above nor one below what was listed says that nothing was hidden.
        whole = self.gap == 0 and (self.declared is None or self.declared >= self.size)
        sure = whole or (reading.declared or 0) - (self.declared or 0) >= len(new)
        for one in came:
            self.known[one.id] = one
            self._forget(one)
            self._note(one, reading)
            self._age(one, self.complete_at or reading.at)
            if one.claimed and not one.claimed_stamped:
                signs.claimed.append(one.claimed)
        for one in new:
            # One that was only away for long has old dates; where the total leaves room it may as well have been hidden.
            due = None if one.born <= self.since and not sure else reading.night
            self._say("dataset.new", one.id, reading.night, happened=one.born, earliest=one.born, due=due)
        signs.new += len(new)
        signs.sure += len(new) if sure else 0
        if len(new) > max(5, 0.2 * self.size):
            self._say("bulk.import", PORTAL, reading.night)

    def _is_new(self, one: Record, reading: Reading) -> bool:
        if one.id in self.stated:
            # An id that a dataset takes back: the dataset was never away.
            if self.stated.pop(one.id) != "dataset.rekeyed":
                self.returned |= {one.group} if one.group else set()
                self._say("dataset.reappeared", one.id, reading.night)
            return False
        if one.twin_of and (one.twin_of in self.known or one.twin_of in self.absent):
            return False
        return one.born > self.since or (id(one) in self.away and id(one) not in self.read)

    def _changes(self, one: Record, reading: Reading, signs: Signs) -> None:
        read = one.id in reading.details
        if self.world.traits.details:
            if one.id in reading.first_details:
                self._first_detail(one, reading, signs)
            names = {name for name in one.pending if read or name not in IN_DETAILS}
        else:
            names = set(one.pending)
        before, was = one.claimed, (one.formats_read, one.rows_read)
        since = min((one.pending.pop(name) for name in names), default=reading.night)
        if names or read or (one.claimed is None) != bool(one.odd):
            pace = one.pace_read
            self._note(one, reading)
            if (before, pace) != (one.claimed, one.pace):
                complete = reading.verdict is Verdict.COMPLETE or self.complete_at is None
                one.asleep = self._asleep(one, reading.at if complete else self.complete_at)
            self._say_changes(one, names, (before, pace, since), reading, signs)
            self._say_sizes(one, names, was, since, reading)

    def _first_detail(self, one: Record, reading: Reading, signs: Signs) -> None:
        """The first arrival of detail fields is no change."""
        for name in IN_DETAILS:
            one.pending.pop(name, None)
        self._note(one, reading)
        self._age(one, self.complete_at or reading.at)
        one.asleep = self._asleep(one, reading.at)
        if one.claimed:
            signs.claimed.append(one.claimed)

    def _say_changes(self, one: Record, names: set[str], before: tuple[datetime | None, str, int], reading: Reading,
                     signs: Signs) -> None:  # fmt: skip
        claimed, pace, since = before
        weaker = words.PACE.index(one.pace) > words.PACE.index(pace or one.pace)
        kinds = {
            "dataset.renamed": "title" in names,
            "dataset.promise_weakened": "pace" in names and weaker,
            "dataset.open_type_changed": "open" in names,
            "dataset.changed": bool(names & {"description", "phone", "office"}) or ("pace" in names and not weaker),
        }
        content = names & CONTENT
        advanced = "date" in names and claimed is not None and one.claimed is not None and one.claimed > claimed
        kinds["dataset.updated"] = bool(content) or advanced
        if "mass" in names:
            signs.rewritten.append(since)
        for kind in (kind for kind, holds in kinds.items() if holds):
            self._say(kind, one.id, reading.night, happened=since, earliest=since)
        self.fakes.take(one, names, advanced=advanced, certain=not self.world.traits.details)
        if content:
            signs.changed.add(one.id)
            signs.updated |= {one.id} if advanced or "rows" in names else set()
            signs.undated |= not advanced
        if "date" in names and one.claimed:
            signs.claimed.append(one.claimed)
        if "stamp" in names:
            signs.stamped.append((one, bool(content)))

    def _say_sizes(self, one: Record, names: set[str], was: tuple[tuple[str, ...], int | None], since: int,
                   reading: Reading) -> None:  # fmt: skip
        formats, rows = was
        if "formats" in names:
            worse = formats == words.READABLE and tuple(one.formats) != words.READABLE
            kind = "dataset.format_degraded" if worse else "dataset.changed"
            self._say(kind, one.id, reading.night, happened=since, earliest=since)
        if "rows" in names and rows is not None and rows >= 100 and one.rows_read is not None:
            kinds = {"dataset.shrunk": one.rows_read <= 0.7 * rows, "dataset.grew": one.rows_read >= 4 * rows}
            for kind in (kind for kind, holds in kinds.items() if holds):
                self._say(kind, one.id, reading.night, happened=since, earliest=since)

    def _rewritten(self, signs: Signs, reading: Reading) -> None:
        """Told by the first reading that shows it on a large part of what it lists; what follows later is no news."""
        fresh = [since for since in signs.rewritten if since > self.rewritten_since]
        if not fresh:
            return
        enough = len(fresh) >= max(5, 0.3 * reading.seen)
        again = bool(self.rewritten_on) and reading.night - self.rewritten_on <= EDIT_KNOWN
        if enough:
            due = None if again else reading.night
            self._say("platform.rewritten", PORTAL, reading.night, happened=max(fresh), due=due)
            self.rewritten_since, self.rewritten_on = max(fresh), reading.night

    def _stamps(self, signs: Signs, reading: Reading) -> bool:
        """Whether all stamped dates that this reading was the first to show can be known for stamps by now."""
        shown: dict[date, list[bool]] = defaultdict(list)
        for one, changed in signs.stamped:
            if one.pace not in FEEDS:
                shown[_shanghai(one.updated)].append(changed)
        for day, rows in shown.items():
            self.shown[day] += rows
            if day not in self.city.known_stamps:
                self._stamp(day, self.shown[day], reading)
        unknown = [one for one, _ in signs.stamped if not self._is_known_stamp(one.updated)]
        for one in unknown:
            # A stamp of which too little was shown, or other things with it, cannot be told from an update.
            self._say("dataset.updated", one.id, reading.night, due=None)
        if reading.verdict is Verdict.COMPLETE:
            self._taken_for_updates(reading, signs)
        return not unknown

    def _taken_for_updates(self, reading: Reading, signs: Signs) -> None:
        """Stamped dates that a whole list shows and nobody can know for stamps speak for the city."""
        for one in (reading.listed or {}).values():
            if one.claimed and one.claimed_stamped and not self._is_known_stamp(one.claimed):
                one.claimed_stamped = False
                signs.claimed.append(one.claimed)

    def _stamp(self, day: date, rows: list[bool], reading: Reading) -> None:
        """A day that has been shown on so many datasets; where other things changed along with it, it may be work."""
        if len(rows) < max(30, 0.3 * self.size):
            return
        work = sum(rows) > 0.1 * len(rows)
        if reading.night - self.stamped_on > 7:
            due = None if work else reading.night
            self._say("platform.restamp", PORTAL, reading.night, earliest=self.world.stamp_night, due=due)
        if not work:
            self.city.known_stamps.add(day)
            self.stamped_on = reading.night

    # --- what is not listed

    def _absences(self, reading: Reading, came: set[str]) -> None:
        listed = reading.listed or {}
        # Of those that were missing already nobody can tell which were hidden; they take up what they took, while missing.
        already, known = frozenset(self.absent), self.size + len(self.absent)
        fresh = [id_ for id_ in self.known if id_ not in listed]
        cohort = len(fresh) + sum(not missing.one.twin for missing in self.absent.values())
        for id_ in fresh:
            one = self.known.pop(id_)
            self.absent[id_] = Absent(one, self.gap - len(already), already, known=known, cohort=cohort)
        for id_, missing in list(self.absent.items()):
            missing.nights.append((reading.night, reading.look.get(id_, LookResult.UNKNOWN), _room(reading)))
            missing.gaps.append(reading.gap)
        moved = sum(bool(missing.one.twin) for missing in self.absent.values())
        known = max((missing.known for missing in self.absent.values()), default=self.size)
        many, told = moved > _limit(known), 0
        self.waiting.clear()
        for id_, missing in list(self.absent.items()):
            kind = self._lost(id_, missing, reading, many=many)
            if kind:
                self._settle(id_, kind)
            if kind == "dataset.rekeyed":
                told += 1
                self.offices.rekeyed(missing.one, missing.nights[0][0])
        self._moved(told, known, reading)
        lost = sum(not missing.one.twin for missing in self.absent.values())
        self.swings.observe(reading)
        if self.world.traits.flaps:
            self.reach.perhaps_shrunk(lost, known, reading)
        else:
            self.reach.shrunk(lost, len(self.waiting), known, reading)

    def _moved(self, told: int, known: int, reading: Reading) -> None:
        """So many datasets were told under other ids tonight; what is absent now has not been told."""
        if told > _limit(known):
            self._say("bulk.rekeyed", PORTAL, reading.night)
        waiting = {(one.one.office, one.nights[0][0]) for one in self.absent.values() if one.one.twin}
        self.offices.settled(waiting, reading)

    def _settle(self, id_: str, kind: str) -> None:
        self.stated[id_] = kind
        one = self.absent.pop(id_).one
        self.world.flight.discard(id_)
        if one.group and not any(other.one.group == one.group for other in self.absent.values()):
            self.world.bulk_in_flight = False

    def _lost(self, id_: str, missing: Absent, reading: Reading, *, many: bool) -> str:
        """The kind under which a missing dataset is to be told tonight; empty if not yet, or never."""
        one, count = missing.one, len(missing.nights)
        really = [night for night, *_ in missing.nights if night >= one.since]
        if one.listed or one.id != id_ or len(really) < 2:
            return ""
        # Of a group that went in one night a reader misses only what had been listed to it: few of it are told one by one.
        if one.group and missing.in_mass:
            return self._bulk(missing, really, reading)
        if not one.gone:
            return self._unlisted(missing, reading)
        look = missing.nights[-1][1]
        if self.world.traits.flaps:
            self._say("dataset.removed", id_, reading.night, happened=one.since, due=self._latest(reading.night))
            return "dataset.removed"
        never_open = all(said is not LookResult.OPEN for _, said, _ in missing.nights)
        room = max(0, missing.gap_before + len(missing.already))
        # A total below what is listed says nothing about hidden rows.
        tells = reading.declared is None or reading.declared >= reading.seen
        room_for_it = not tells or reading.gap > room
        unsaid = look is LookResult.UNKNOWN and never_open
        third = count >= 3 and unsaid and (not room_for_it or missing.outlasted)
        if one.twin:
            # Listed under another id it hides nowhere; many at once wait for a third reading, to be told in one.
            if count < 3 and (many or look is not LookResult.GONE):
                return ""
        elif look is not LookResult.GONE and not third:
            return ""
        kind, subject = ("dataset.rekeyed", f"{id_}>{one.twin}") if one.twin else ("dataset.removed", id_)
        self._say(kind, subject, reading.night, happened=one.since, earliest=really[1])
        return kind

    def _bulk(self, missing: Absent, really: list[int], reading: Reading) -> str:
        one = missing.one
        if len(really) < 3:
            return ""
        looked, lost = self._looked_for(one.group), [m for m in self.absent.values() if not m.one.twin and m.in_mass]
        if not looked and missing.may_hide(len(lost)) and not missing.outlasted:
            # As many of the group as rows are hidden may be there still, and nobody can tell which.
            return ""
        away = reading.night - missing.nights[0][0] + 1
        if not looked and away * WEIGHED < WHOLE * len(lost) / missing.known:
            self.waiting |= {missing.one.id}
            self._perhaps_in_bulk(one, reading)
            return ""
        if one.group not in self.groups:
            self.groups.add(one.group)
            due = self._latest(reading.night) if self.returned else reading.night
            self._say("bulk.deletion", PORTAL, reading.night, happened=one.since, due=due)
        return "bulk.deletion"

    def _perhaps_in_bulk(self, one: Record, reading: Reading) -> None:
        """A deletion in the past has shown that losses stay: the next one may be believed a little earlier."""
        if one.group not in self.groups and self.groups:
            self._say("bulk.deletion", PORTAL, reading.night, happened=one.since, due=None)

    def _latest(self, night: int) -> int | None:
        """The night by which a loss is to be told where such losses have come back; None if the year is over by then."""
        return night + LATEST if night + LATEST < self.world.nights else None

    def _looked_for(self, group: int) -> bool:
        """Whether somebody has found one of the group gone."""
        others = (other for other in self.absent.values() if other.one.group == group)
        return any(said is LookResult.GONE for other in others for _, said, _ in other.nights)

    def _unlisted(self, missing: Absent, reading: Reading) -> str:
        """Only two readings in a row that left no room for a hidden row can tell it."""
        looks = [look for _, look, _ in missing.nights if look is not LookResult.UNKNOWN]
        # Its page opened when somebody could look last, and a third reading misses it: then no further look is needed.
        open_page = looks[-1:] == [LookResult.OPEN]
        looked = missing.nights[-1][1] is LookResult.OPEN or len(missing.nights) >= 3
        hiding = any(room for _, _, room in missing.nights[-2:]) and not missing.outlasted
        if not (open_page and looked) or hiding:
            self.world.flight.discard(missing.one.id)
            return ""
        self._say("dataset.unlisted", missing.one.id, reading.night, happened=missing.one.since)
        return "dataset.unlisted"

    def close(self) -> None:
        """What may be told though nothing obliges anybody to."""
        self._perhaps_told()
        self.city.close()

    def _perhaps_told(self) -> None:
        """Of what is missing and was not to be told for certain."""
        for id_, missing in self.absent.items():
            if not missing.one.gone and not missing.one.listed and len(missing.nights) >= 2:
                self._say("dataset.unlisted", id_, missing.nights[1][0], due=None)
            if missing.one.gone and not missing.one.group and len(missing.nights) >= 2:
                kind = "dataset.rekeyed" if missing.one.twin else "dataset.removed"
                subject = f"{id_}>{missing.one.twin}" if missing.one.twin else id_
                self._say(kind, subject, missing.nights[1][0], due=None)

    # --- promises

    def _age(self, one: Record, at: datetime) -> None:
        """How late a dataset was at a moment before which nothing is to be said of it."""
        one.level, one.asleep = self._level(one, at), self._asleep(one, at)

    def _asleep(self, one: Record, at: datetime) -> bool:
        if one.pace != "irregular" or one.claimed is None:
            return False
        judged = (at - ROTATION if self.world.traits.details else at).astimezone(words.SHANGHAI).date()
        return (judged - one.claimed.astimezone(words.SHANGHAI).date()).days > ASLEEP

    def _level(self, one: Record, at: datetime) -> int:
        judged = at - ROTATION if self.world.traits.details else at
        return sum(judged >= limit for limit in one.limits)

    def _levels(self, reading: Reading) -> None:
        for id_, one in (reading.listed or {}).items():
            asleep = self._asleep(one, reading.at)
            if asleep and not one.asleep:
                self._say("dataset.dormant", id_, reading.night)
            one.asleep = asleep
            if not one.limits:
                continue
            level = self._level(one, reading.at)
            if level > one.level:
                self._say(LEVELS[level], id_, reading.night)
            one.level = level


EDIT_KNOWN = 62
"""Nights for which the same edit of the same field counts as the one that was told."""


def _limit(known: int) -> float:
    """More than so many at once are a mass."""
    return max(5, 0.02 * known)


def _room(reading: Reading) -> bool:
    """Whether a row may have been hidden: a total below what is listed vouches for nothing."""
    return reading.gap > 0 or (reading.declared is not None and reading.declared < reading.seen)


def _shanghai(moment: datetime) -> date:
    return moment.astimezone(words.SHANGHAI).date()
