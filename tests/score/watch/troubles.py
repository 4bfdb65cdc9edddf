"""The truth about the watch's own health: what was wrong with our reading at each look, from the readings alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from opendata_spiders.store.models import Verdict
from tests.score.book import Case
from tests.score.watch.cast import Cast, Member
from tests.score.watch.readings import Read
from tests.score.watch.script import Reading

NO_RUN, UPLINK, FILL = "ops.no_run", "ops.uplink", "ops.fill_collapse"
FAMILY, SOFTWARE, ENDED = "ops.family_failing", "platform.software_changed", "ops.ended"
FAULT = "ops.fault"
_LATE = timedelta(hours=36)
_FAILS = (Verdict.BLOCKED, Verdict.DRIFTED, Verdict.UNREACHABLE, Verdict.FAILED)
Key = tuple[str, str]
"""Kind, and the portal or family; empty of the whole watch."""


@dataclass(slots=True)
class Open:
    """A trouble that was told and is not over."""

    slugs: tuple[str, ...]
    subject: str
    """Of the event that told it."""
    taken_back: bool = False


@dataclass(slots=True)
class Seen:
    """The readings of one portal."""

    last_at: datetime
    reads: list[Read] = field(default_factory=list)

    @property
    def since_complete(self) -> list[Read]:
        """Newest last."""
        places = [place for place, one in enumerate(self.reads) if one.verdict is Verdict.COMPLETE]
        return self.reads[places[-1] + 1 :] if places else self.reads

    @property
    def trusted(self) -> bool:
        return any(one.verdict is Verdict.COMPLETE for one in self.reads)


class Troubles:
    """Of one country."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.cases: list[Case] = []
        self.seen: dict[str, Seen] = {}
        self.open: dict[Key, Open] = {}
        self.failing: dict[str, tuple[str, ...]] = {}
        """Families that fail, with the portals that failed when they began to."""
        self.faults: frozenset[str] = frozenset()
        """Parts of our own steps that do not work."""
        self.line: tuple[str, ...] | None = None
        """What our own line did not reach in the last night; None: it works, as far as is known."""

    def take(self, readings: Iterable[Reading]) -> None:
        """Note what was read, whether as part of a night or not."""
        for one in readings:
            seen = self.seen.setdefault(one.member.slug, Seen(one.at))
            seen.last_at = one.at
            seen.reads.append(one.read)

    def regraded(self, slug: str, read: Read, verdict: Verdict) -> None:
        """A person has given a reading of some nights ago another verdict."""
        reads = self.seen[slug].reads
        place = next(place for place in range(len(reads) - 1, -1, -1) if reads[place] is read)
        reads[place] = replace(read, verdict=verdict)

    def night(self, night: int, readings: list[Reading], *, line: bool) -> None:
        """What a night over many portals of the register shows of our line and of families."""
        readings = [one for one in readings if one.member.listed(night)]
        failed = tuple(sorted(one.member.slug for one in readings if one.read.verdict in _FAILS))
        if line:
            self.line = failed
            return
        if len(failed) < len(readings):
            self.line = None
        self._families(night, readings)

    def _families(self, night: int, readings: list[Reading]) -> None:
        hosts: Mapping[str, dict[str, bool]] = defaultdict(dict)
        for one in readings:
            by_host = hosts[one.member.portal.family]
            by_host[one.member.host] = by_host.get(one.member.host, True) and one.read.verdict in _FAILS
        for family in sorted({one.portal.family for one in self.cast.members}):
            others = [bad for name, by_host in hosts.items() if name != family for bad in by_host.values()]
            self._family(family, hosts[family], others, readings, self._hosts_of(family, night))

    def _hosts_of(self, family: str, night: int) -> int:
        """Host groups of a family that are read at all."""
        there = (one for one in self.cast.members if one.portal.family == family and one.listed(night))
        return len({one.host for one in there if one.slug in self.seen})

    def _family(
        self, family: str, by_host: Mapping[str, bool], others: list[bool], readings: list[Reading], total: int
    ) -> None:
        enough = max(3, total / 2)
        bad = {host for host, failed in by_host.items() if failed}
        if len(bad) >= enough and not all(others):
            there = (one.member for one in readings if one.member.portal.family == family)
            self.failing.setdefault(family, tuple(sorted(one.slug for one in there if one.host in bad)))
        elif len(by_host) >= min(total, enough):
            self.failing.pop(family, None)

    # --- a look

    def look(self, night: int, now: datetime) -> None:
        """What is to be told when somebody looks now."""
        holds = dict(self._holding(night, now))
        fresh = {key: slugs for key, slugs in holds.items() if key not in self.open}
        over = {key: self.open.pop(key) for key in list(self.open) if key not in holds}
        self._tell(night, fresh)
        ended: Mapping[str, list[Open]] = defaultdict(list)
        for (kind, _), one in over.items():
            if not one.taken_back:
                ended[kind].append(one)
        for kind, many in ended.items():
            self._say(ENDED, f"{kind}: {_joined(slug for one in many for slug in one.slugs)}", night)

    def _tell(self, night: int, fresh: Mapping[Key, tuple[str, ...]]) -> None:
        missed = [slug for (kind, slug) in fresh if kind == NO_RUN]
        for (kind, about), slugs in fresh.items():
            subject = _joined(missed if kind == NO_RUN else slugs)
            subject = f"{about}: {subject}" if kind == FAMILY else about if kind == FAULT else subject
            self.open[kind, about] = Open(slugs, subject)
            if kind != NO_RUN:
                self._say(kind, subject, night)
        if missed:
            self._say(NO_RUN, _joined(missed), night)

    def _say(self, kind: str, subject: str, night: int) -> None:
        self.cases.append(Case(kind, subject, night, night, night))

    def taken_back(self, kind: str, subject: str) -> None:
        """A person has taken back what told it: that it is over is no news any more."""
        for (known, _), one in self.open.items():
            one.taken_back |= known == kind and one.subject == subject

    def _holding(self, night: int, now: datetime) -> Iterator[tuple[Key, tuple[str, ...]]]:
        if self.line is not None:
            yield (UPLINK, ""), self.line
        for family, slugs in self.failing.items():
            yield (FAMILY, family), slugs
        for part in self.faults:
            yield (FAULT, part), ()
        for member in self.cast.members:
            seen = self.seen.get(member.slug)
            if seen is not None and member.listed(night):
                yield from self._of(member, seen, now)

    def _of(self, member: Member, seen: Seen, now: datetime) -> Iterator[tuple[Key, tuple[str, ...]]]:
        slugs, untrusted = (member.slug,), seen.since_complete
        if now - seen.last_at > _LATE:
            yield (NO_RUN, member.slug), slugs
        drifted = (one for one in untrusted if one.verdict is Verdict.DRIFTED)
        if seen.trusted and any(one.collapsed for one in drifted):
            yield (FILL, member.slug), slugs
        named = [one for one in untrusted if one.names]
        walls = sum(one.verdict is Verdict.BLOCKED for one in named)
        if walls >= 2 or len(named) > walls:
            yield (SOFTWARE, member.slug), slugs


def _joined(slugs: Iterable[str]) -> str:
    return " ".join(sorted(set(slugs)))
