"""All that the fold of a run may read: the run, manifests, versions, other portals, file checks; how to read values."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import Protocol

from alerts.calendar import Calendar, calendar_of
from alerts.model.events import part_id
from opendata_spiders import normalise
from opendata_spiders.normalise import Promise, PromiseStanding
from opendata_spiders.store.clock import SHANGHAI
from opendata_spiders.store.fields import Role, fields
from opendata_spiders.store.models import Entry, Run, Version
from opendata_spiders.store.national import NationalLook

Entries = Mapping[str, Entry]
_VALUES_KEPT = 1 << 15
"""Raw values of which the reading is kept; a catalogue of millions may print as many dates."""


class ManifestReader(Protocol):
    """Loads manifests and versions: `ChunkReader` from the store, dictionaries in tests."""

    def entries(self, manifest: str | None) -> Entries:
        """All entries of a manifest by native id; none for None. Loaded on demand, and not all of them together."""
        ...

    def marked(self, manifest: str | None, marks: Collection[bytes]) -> Iterable[Entry]:
        """The entries of a manifest whose native ids have these marks (`catalogue_dates.mark`)."""
        ...

    def changed_entries(self, before: str | None, after: str | None) -> tuple[Entries, Entries]:
        """The entries that differ between two manifests, as each of them has them."""
        ...

    def versions(self, ids: Iterable[str], *, evidence: bool = True) -> Mapping[str, Version]:
        """Versions by id, without bodies; without `evidence` their page_url stays empty as well."""
        ...


@dataclass(slots=True)
class Lens:
    """Reads raw values as of the time `now`; caches the results, because a catalogue repeats its values."""

    family: str
    """`family/slug`: bare codes may have a meaning that is specific to one portal."""
    tz: tzinfo
    now: datetime
    lost: tuple[str, ...] = ()
    """Fields that the portal no longer fills."""
    _dates: dict[tuple[tuple[str, str], ...], datetime | None] = field(default_factory=dict, repr=False)
    _promises: dict[str | None, Promise] = field(default_factory=dict, repr=False)

    def claimed(self, clocks: Mapping[str, str]) -> datetime | None:
        """The newest plausible update date that the portal claims, at most `now`; None without one."""
        key = tuple(clocks.items())
        if key not in self._dates:
            if len(self._dates) > _VALUES_KEPT:
                self._dates.clear()
            newest = normalise.newest_update(clocks, tz=self.tz, now=self.now, lost=self.lost)
            self._dates[key] = None if newest is None else min(newest, self.now)
        return self._dates[key]

    def claims_update(self, clocks: Mapping[str, str]) -> bool:
        """Whether an update date is printed, readable or not, or was printed until the field was lost."""
        return normalise.claims_update(clocks, self.lost)

    def illegible(self, entry: Entry, clock: str) -> bool:
        """Whether this field prints an unreadable or ambiguous date; a text without digits («待定») is no date."""
        raw = entry.clocks.get(clock) or ""
        return any(map(str.isdigit, raw)) and normalise.date(raw, tz=self.tz, now=self.now).value is None

    def advanced(self, before: datetime | None, after: datetime | None) -> bool:
        """Whether a claimed date became later; a time of day newly printed on the same day is no advance."""
        if before is None or after is None or before >= after:
            return False
        timeless = before.astimezone(self.tz).time() == time.min
        return not timeless or self.day(before) != self.day(after)

    def moved(self, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[datetime, datetime] | None:
        """Both claimed dates if they differ, else None; the same day with and without a time is no difference."""
        dates = [normalise.newest_update(clocks, tz=self.tz, now=self.now) for clocks in (before, after)]
        old, new = dates
        if old is None or new is None or old == new:
            return None
        timeless = any(one.astimezone(self.tz).time() == time.min for one in (old, new))
        return None if timeless and self.day(old) == self.day(new) else (old, new)

    def published(self, clocks: Mapping[str, str]) -> datetime | None:
        """The date of first publication as the portal prints it; None without a readable one."""
        return normalise.date(clocks.get("published"), tz=self.tz, now=self.now).value

    def prints_future(self, clocks: Mapping[str, str]) -> bool:
        """Whether a date in the future is printed, plausible or not."""
        readings = (normalise.date(raw, tz=self.tz, now=self.now).value for raw in clocks.values())
        return any(value is not None and value > self.now for value in readings)

    def ahead(self, clocks: Mapping[str, str]) -> tuple[str, ...]:
        """Days (ISO) after tomorrow that the portal prints, and the day before each.

        Tomorrow's date is plausible and read as today's, so a mistyped day would count one day early.
        """
        readings = (normalise.date(raw, tz=self.tz, now=self.now) for raw in clocks.values())
        days = [self.day(one.value) for one in readings if one.value and one.finding == "field.date_future"]
        return tuple(day.isoformat() for found in days for day in (found - timedelta(days=1), found))

    def promise(self, raw: str | None) -> Promise:
        """The promise of a raw frequency."""
        if raw not in self._promises:
            if len(self._promises) > _VALUES_KEPT:
                self._promises.clear()
            self._promises[raw] = normalise.frequency(raw, family=self.family)
        return self._promises[raw]

    def standing(self, entry: Entry, at: datetime) -> PromiseStanding:
        """The standing of a dataset by its own promise at the time `at`."""
        return normalise.standing(self.promise(entry.frequency), self.claimed(entry.clocks), at, self.tz)

    def day(self, moment: datetime) -> date:
        """The portal's calendar day."""
        return moment.astimezone(self.tz).date()

    def start_of(self, day: date) -> datetime:
        """The start (UTC) of a calendar day of the portal."""
        return datetime.combine(day, time.min, self.tz).astimezone(UTC)

    @property
    def calendar(self) -> Calendar:
        """The working days of the portal's country."""
        return calendar_of(self.tz)

    def days_between(self, earlier: datetime, later: datetime) -> int:
        """Whole calendar days in the portal's time zone."""
        return (self.day(later) - self.day(earlier)).days


@dataclass(frozen=True, slots=True)
class Parent:
    """A portal of the level above, as it was last read before a run."""

    slug: str
    run: str
    manifest: str
    before: str | None
    """Its manifest as of the requested earlier time, or the oldest since; None if it was first read too late."""


class Neighbours:
    """Access to other portals' runs that were finished before the run being processed; this base class has none."""

    def parents(self, run: Run, since: datetime, overlap: timedelta) -> Iterable[Parent]:
        """The portals of the level above as last read, and as read `overlap` before `since`, or first after that."""
        return ()

    def watched_before(self, run: Run) -> timedelta:
        """How long other portals had been read when this one was first read; zero for one outside the register."""
        return timedelta()


class Samples:
    """Access to file checks that were made before the run being processed; this base class has none."""

    def hashed(self, datasets: Collection[str], since: datetime, until: datetime) -> frozenset[str]:
        """Those of the datasets of which a round in that time has a content hash of all files."""
        return frozenset()

    def counted(self, datasets: Collection[str], since: datetime, until: datetime) -> frozenset[str]:
        """Those of the datasets of which the rows of a file or of the preview were counted in that time."""
        return frozenset()


class NationalRegister:
    """Access to answers of the national register given before the run; this base class has none."""

    def said(self, since: Mapping[str, datetime], until: datetime) -> Mapping[str, NationalLook]:
        """The last answer about each missing dataset from its own time (`since`, by native id) up to then, if any."""
        return {}

    def products(self, until: datetime) -> Sequence[NationalLook]:
        """Every answer up to then that names products of exactly a missing dataset's title, oldest first."""
        return ()


class Owners:
    """What a fold may ask of datasets that another fold of the same run is about; as it is: there is no other."""

    @property
    def division(self) -> str:
        """Whose datasets this fold is about: what was counted under another division does not hold under this one."""
        return ""

    def handed_over(self, since: str | None) -> frozenset[str]:
        """Native ids that the run lists, and that manifest did not list so, for a fold of another government."""
        return frozenset()

    def is_reassigned(self, manifest: str | None) -> bool:
        """Whether the run attributes a dataset of an earlier manifest to another government than that did."""
        return False

    def counted(self, known: Mapping[str, int], since: str | None) -> Mapping[str, int]:
        """How many datasets of which other government (adcode) the run lists; `known`: the same of that manifest."""
        return {}


@dataclass(frozen=True, slots=True)
class RunView:
    """One run, with all that its fold may read."""

    run: Run
    reader: ManifestReader
    tz: tzinfo = SHANGHAI
    uplink_down: bool = False
    """Most host groups failed that night: an unreachable host says nothing about its portal."""
    neighbours: Neighbours = field(default_factory=Neighbours)
    samples: Samples = field(default_factory=Samples)
    national: NationalRegister = field(default_factory=NationalRegister)
    watched: frozenset[str] = frozenset()
    """Native ids of datasets that somebody watches."""
    owners: Owners = field(default_factory=Owners)
    """Of a portal that lists several governments' datasets; `reader` then shows those that this fold is about."""
    owner: str = ""
    """The government that these belong to (adcode); empty: the portal's own."""
    place: str = ""
    """The slug under which they are told; empty: the run's."""

    @property
    def slug(self) -> str:
        """The slug under which the run is told."""
        return self.place or self.run.slug

    @property
    def part(self) -> str:
        """Id of the state that the run is folded into."""
        return part_id(self.run.portal, self.owner)

    @property
    def lens(self) -> Lens:
        """How raw values of this run's family are read at the time of the run."""
        return Lens(f"{self.run.family}/{self.run.slug}", self.tz, self.run.at, self.run.lost)


def shared_fields(before: Iterable[str], after: Iterable[str], role: Role) -> frozenset[str]:
    """Names of the fields with this role that both runs read: only these may be compared."""
    return frozenset(before).intersection(after).intersection(name for name, f in fields().items() if f.role is role)


def trimmed(before: str, after: str) -> tuple[str, str]:
    """Two texts without their common beginning and end."""
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    return before[start : len(before) - end], after[start : len(after) - end]


def _alike(one: str, other: str) -> int:
    """Length of the common beginning of two texts, in characters."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
