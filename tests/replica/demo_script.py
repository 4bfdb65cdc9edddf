"""The demo's script: six cities, ten nights over two months, the incidents of each, and the events expected."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from opendata_spiders.register import load
from opendata_spiders.store.models import Verdict
from tests.replica.__main__ import spec_of
from tests.replica.habits import Habit
from tests.replica.incidents import Incident, Kind
from tests.replica.records import Record
from tests.replica.sheets import PortalSpec
from tests.replica.world import World

NIGHTS = (0, 4, 9, 14, 19, 25, 31, 37, 42, 54)
"""Days after the first night; a real watch reads every night."""
SILENT_SINCE = {"jinan": -205, "zunyi": -290}
"""Day of the last update before the first night; the other cities are alive."""
QUIET = ("dataset.updated", "dataset.changed")
CITIES = ("guiyang", "zunyi", "jinan", "qingdao", "dazhou", "shenyang")


@dataclass(frozen=True, slots=True, order=True)
class Expected:
    """One event that must be stated: night of the run that states it, portal, kind, and dataset (or none)."""

    night: int
    slug: str
    kind: str
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """A world with its script, the nights to be read, and the expected results."""

    world: World
    nights: tuple[int, ...]
    verdicts: dict[tuple[str, int], Verdict] = field(default_factory=dict)
    """Expected verdicts of the runs that are not complete."""
    remarks: dict[str, str] = field(default_factory=dict)
    """What happens to each city, in a few words."""
    expected: tuple[Expected, ...] = ()
    """Exactly the events that must be stated, except those of severity quiet (QUIET), which are only counted."""
    quiet: Counter[tuple[str, int, str]] = field(default_factory=Counter)
    """Expected number of events of severity quiet, by city, night and kind."""

    def verdict(self, slug: str, night: int) -> Verdict:
        return self.verdicts.get((slug, night), Verdict.COMPLETE)


def the_play(*, datasets: int = 44, seed: int = 7, nights: Sequence[int] = NIGHTS) -> Play:
    """Build the script; with fewer `nights` it ends earlier."""
    world = World(_cast(datasets), seed=seed)
    for slug, day in SILENT_SINCE.items():
        world.script(slug, Incident(Kind.UPDATES, day + 1, count=1))
    _updates(world)
    expected = [event for act in _ACTS for event in act(world)]
    kept = tuple(sorted(event for event in expected if event.night in nights))
    verdicts = {key: verdict for key, verdict in VERDICTS.items() if key[1] in nights}
    return Play(world, tuple(nights), verdicts, REMARKS, kept, _quiet_events(world, nights, verdicts))


def _cast(datasets: int) -> list[PortalSpec]:
    register = load()
    return [_part(spec_of(register.portals[slug], register, datasets)) for slug in CITIES]


def _part(spec: PortalSpec) -> PortalSpec:
    """Nothing happens in these cities but what the script says: no updates by habit, no promises."""
    newest = SILENT_SINCE.get(spec.slug, -9) - 1
    return PortalSpec(
        slug=spec.slug, family=spec.family, short_zh=spec.short_zh, adcode=spec.adcode, context_path=spec.context_path,
        division=spec.division, datasets=spec.datasets, with_time=spec.slug == "dazhou", habit=Habit.NEVER,
        promise="不定期", history=(newest - 300, newest),
    )  # fmt: skip


VERDICTS = {
    ("zunyi", 9): Verdict.UNREACHABLE,
    ("shenyang", 25): Verdict.PARTIAL,
    ("dazhou", 25): Verdict.BLOCKED,
    ("dazhou", 31): Verdict.BLOCKED,
    ("guiyang", 31): Verdict.DRIFTED,
}
REMARKS = {
    "guiyang": "alive; two new datasets, one closed to conditional, one late on its promise; redesigned for a night",
    "zunyi": "had stopped long before we came; unreachable for a night; resumes",
    "jinan": "was updated until 205 days before the first night, and never again",
    "qingdao": "takes one department's datasets offline",
    "dazhou": "alive, but a wall keeps us out for two nights",
    "shenyang": "alive; half-read one night; then hides one dataset whose page still opens",
}
RESUMES = 19


def special(world: World, slug: str, place: int) -> str:
    """Return the id of a dataset that is left out of the ordinary updates because the script uses it otherwise."""
    return sorted(record.id for record in world.night(slug, 0))[place]


def _updates(world: World) -> None:
    """Have the active cities update three datasets the day before each night, none of the `special` ones."""
    for slug in CITIES:
        everything = sorted(record.id for record in world.night(slug, 0))
        ordinary = everything[6:]
        for number, night in enumerate(NIGHTS):
            if slug == "jinan" or (slug == "zunyi" and night < RESUMES):
                continue
            ids = tuple(ordinary[(number * 3 + step) % len(ordinary)] for step in range(3))
            world.script(slug, Incident(Kind.UPDATES, night, ids=ids))


def _guiyang(world: World) -> Sequence[Expected]:
    late, closed = special(world, "guiyang", 0), special(world, "guiyang", 1)
    world.script(
        "guiyang",
        Incident(Kind.EDITS, 0, ids=(late,), field="frequency", value="每月"),
        Incident(Kind.UPDATES, -19, ids=(late,)),
        Incident(Kind.EDITS, 0, 8, ids=(closed,), field="conditional", value="no"),
        Incident(Kind.EDITS, 9, ids=(closed,), field="conditional", value="yes"),
        Incident(Kind.APPEARS, 19, count=2),
        Incident(Kind.REDESIGN, 31, 31),
    )
    fresh = {record.id for record in world.night("guiyang", 19)} - {record.id for record in world.night("guiyang", 14)}
    return [
        Expected(9, "guiyang", "dataset.due", late),  # promised monthly, updated on 10 February: due on 10 March …
        Expected(25, "guiyang", "dataset.overdue", late),  # … overdue a fortnight later …
        Expected(42, "guiyang", "dataset.delinquent", late),  # … and long overdue after thirty days
        Expected(9, "guiyang", "dataset.open_type_changed", closed),
        *(Expected(19, "guiyang", "dataset.new", name) for name in fresh),
        Expected(25, "guiyang", "coverage.gained"),  # one of the two is the city's first on culture: seen twice by then
        Expected(31, "guiyang", "ops.drifted"),
    ]


def _zunyi(world: World) -> Sequence[Expected]:
    world.script("zunyi", Incident(Kind.REFUSES, 9, 9, status=503))
    return [Expected(RESUMES, "zunyi", "city.resumed")]


def _jinan(_world: World) -> Sequence[Expected]:
    return [
        Expected(9, "jinan", "city.stopping"),  # 30 days before it counts as stopped
        Expected(25, "jinan", "city.stopping"),  # 14
        Expected(42, "jinan", "city.stopped"),  # 244 days were reached on night 39: this is the first reading after it
        Expected(37, "jinan", "city.stopping"),  # 3
    ]


def _qingdao(world: World) -> Sequence[Expected]:
    office = departing_office(world)
    world.script("qingdao", Incident(Kind.DELETES, 14, office=office))
    return [
        Expected(25, "qingdao", "bulk.deletion"),  # absent on 14, confirmed on 19, held for a third reading
        Expected(25, "qingdao", "coverage.lost"),  # nobody else in Qingdao shares business registration
    ]


def departing_office(world: World) -> str:
    """Return a department of Qingdao with more than five datasets (fewer would not be one bulk event)."""
    return min((count, office) for office, count in world.offices("qingdao").items() if count > 5)[1]


def _dazhou(world: World) -> Sequence[Expected]:
    world.script("dazhou", Incident(Kind.REFUSES, 25, 31, status=412))
    return [Expected(25, "dazhou", "platform.blocked")]


def _shenyang(world: World) -> Sequence[Expected]:
    hidden = special(world, "shenyang", 0)
    world.script("shenyang", Incident(Kind.ENDS_EARLY, 25, 25, count=2), Incident(Kind.UNLISTS, 37, ids=(hidden,)))
    return [Expected(42, "shenyang", "dataset.unlisted", hidden)]


_ACTS = (_guiyang, _zunyi, _jinan, _qingdao, _dazhou, _shenyang)


def _quiet_events(
    world: World, nights: Sequence[int], verdicts: Mapping[tuple[str, int], Verdict]
) -> Counter[tuple[str, int, str]]:
    """Count the differences between each run and the one before; of a half-read list the newest rows are seen."""
    quiet: Counter[tuple[str, int, str]] = Counter()
    for slug in CITIES:
        read = [night for night in nights if verdicts.get((slug, night)) in (None, Verdict.PARTIAL)]
        for before, night in pairwise(read):
            for old, new in _pairs(world, slug, before, night):
                quiet.update((slug, night, kind) for kind in _quiet_kinds(old, new))
    return quiet


def _pairs(world: World, slug: str, before: int, night: int) -> list[tuple[Record, Record]]:
    old = {record.id: record for record in world.listed(slug, before)}
    return [(old[record.id], record) for record in world.listed(slug, night) if record.id in old]


def _quiet_kinds(old: Record, new: Record) -> Iterator[str]:
    """An update counts once, though an Inspur page also prints its date beside each file."""
    if (old.true_day, old.conditional) != (new.true_day, new.conditional):
        yield "dataset.updated"
