"""The script of one country's year: everybody's reading on every night, whatever befalls them together included."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from opendata_spiders.store.models import Verdict
from tests.score.nights import at_night
from tests.score.watch.cast import Cast, Member, Role
from tests.score.watch.lives import DRIFTED, UNREACHABLE, Arriving, Life, Ordinary, Out, Unread
from tests.score.watch.plots import City, Corrected, Province, fate
from tests.score.watch.readings import COMPLETE, Read
from tests.score.watch.weather import alone, weather


@dataclass(frozen=True, slots=True)
class Reading:
    """One portal, read at one time."""

    member: Member
    at: datetime
    read: Read


class Script:
    """Reproducible from its seed."""

    def __init__(self, seed: int, portals: int, nights: int) -> None:
        self.rng = Random(f"{seed}:watch")
        self.nights = nights
        self.cast = Cast(self.rng, portals, nights)
        self._late_province()
        self.weather = weather(self.rng, self.cast, nights)
        self._retire()
        self.lives = {one.slug: self._life(one) for one in self.cast.members}
        self._join()

    def _late_province(self) -> None:
        provinces = self.cast.of(Role.PROVINCE)
        if len(provinces) > 1:
            provinces[-1].since = self.nights // 3

    def _retire(self) -> None:
        """Rows that are taken out for good, or for some weeks; the crawl is then late to begin again."""
        plain = self.cast.of(Role.PLAIN)
        for one in self.rng.sample(plain, max(2, len(plain) // 6)):
            first = self.rng.randrange(self.nights // 5, self.nights - 10)
            one.retired.append((first, first + self.rng.choice((20, 40, 10**6))))

    def _life(self, member: Member) -> Life:
        rng, nights = Random(f"{self.rng.random()}"), self.nights
        if member.role is Role.CITY:
            return self._city(member, rng)
        if member.role is Role.CORRECTED:
            return Corrected(member, rng, nights, self.weather.line.keys() | self.weather.off)
        kinds: dict[Role, type[Life]] = {
            Role.NEVER: Unread, Role.OUTAGE: Out, Role.NEWCOMER: Arriving, Role.GUEST: Arriving, Role.PROVINCE: Province
        }  # fmt: skip
        return kinds.get(member.role, Ordinary)(member, rng, nights)

    def _city(self, member: Member, rng: Random) -> City:
        place = self.cast.of(Role.CITY).index(member)
        since = self.cast.get(member.above).since
        return City(member, rng, self.nights, fate(rng, place, self.nights, since), few=place % 12 == 11)

    def _join(self) -> None:
        for one in self.lives.values():
            province = self.lives.get(one.member.above)
            if isinstance(one, City) and isinstance(province, Province):
                province.cities.append(one)

    # --- nights

    def night(self, night: int) -> list[Reading]:
        """What is read in one night, in order of time; nothing while the watch is switched off."""
        if night in self.weather.off:
            return []
        read = (reading for one in self.cast.members for reading in self._of(one, night))
        return sorted(read, key=lambda reading: (reading.at, reading.member.slug))

    def _of(self, member: Member, night: int) -> Iterator[Reading]:
        if member.since > night or self._unread(member, night):
            return
        read = self.lives[member.slug].read(night)
        if read is not None:
            at = at_night(night, member.minute) + timedelta(seconds=self.rng.randrange(240))
            yield Reading(member, at, self._together(member, night, read))

    def _unread(self, member: Member, night: int) -> bool:
        """Not in the register that night; or back in it since yesterday, and the crawl is not started yet."""
        late = any(end <= night < end + 2 for _, end in member.retired)
        return late or any(first <= night < end for first, end in member.retired)

    def _together(self, member: Member, night: int, read: Read) -> Read:
        line = self.weather.line.get(night, set())
        if member.host in line or (line and read.verdict is Verdict.UNREACHABLE):
            # Whatever is out of reach on such a night may be so because of us.
            return Read(Verdict.UNREACHABLE, ours=True)
        if alone(member):
            return read
        if member.host in self.weather.failing.get(night, ()):
            return self.rng.choice((DRIFTED, DRIFTED, UNREACHABLE))
        return UNREACHABLE if member.host in self.weather.crowd.get(night, ()) else read

    def again(self, night: int) -> list[Reading]:
        """A few portals of one or two hosts, read once more by hand in the morning."""
        if night not in self.weather.again or night in self.weather.off:
            return []
        known = (one for one in self.cast.of(Role.PLAIN, Role.PROVINCE) if one.since <= night)
        there = [one for one in known if not self._unread(one, night)]
        hosts = self.rng.sample(sorted({one.host for one in there}), 2)
        chosen = [one for one in there if one.host in hosts][:6]
        at = at_night(night, 0) + timedelta(hours=9)
        reads = (self.rng.choice((COMPLETE, COMPLETE, UNREACHABLE)) for _ in chosen)
        return [self._by_hand(one, at, read) for one, read in zip(chosen, reads, strict=True)]

    def _by_hand(self, member: Member, at: datetime, read: Read) -> Reading:
        life = self.lives[member.slug]
        shown = life.good(read) if isinstance(life, Ordinary) else read
        return Reading(member, at + timedelta(minutes=member.minute), shown or read)
