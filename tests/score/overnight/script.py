"""What happens to each portal over the nights: its life, the lies of its list, and the weather between it and us."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from opendata_spiders.policy import policy
from opendata_spiders.register import Portal, load
from opendata_spiders.store.models import Verdict
from tests.replica import Habit, Incident, Kind, PortalSpec, World
from tests.replica.__main__ import spec_of
from tests.replica.truth import STOPPED_AFTER

PAGE = {"guizhou_api": 12, "inspur_oportal": 10}
LIVES = (
    "removes", "quiet", "bulk", "unlists", "rekeys", "restamps", "renames", "appears", "stops", "returns", "removes",
    "flickers", "quiet", "opens", "resumes", "bulk", "removes", "appears", "rekeys", "stops",
)  # fmt: skip
"""Portal by portal, over and over."""
TOTALS = {0: "share", 2: "fixed", 7: "distance", 10: "none", 15: "small", 18: "fixed"}
"""Place among each twenty portals to the way in which its printed total is wrong from the first night on."""
_LOSSES = frozenset({"removes", "bulk", "rekeys", "renames", "appears", "opens", "quiet", "stops"})
"""Lives that a watch can tell under any total: what opens or flickers under no total looks like a short list."""
RATES: Mapping[str, float] = {
    "blocked": 0.036, "partial": 0.058, "drifted": 0.025, "unreachable": 0.015, "redesigned": 0.004, "harmless": 0.08,
}  # fmt: skip
"""Of a portal-night; a redesign lasts, and some weather cannot strike on the first night."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What is between us and a portal on one night, and what a reading must be graded."""

    name: str
    incidents: tuple[Incident, ...]
    verdicts: frozenset[Verdict]


@dataclass
class Script:
    """A world with all that happens in it."""

    world: World
    nights: int
    lives: dict[str, str] = field(default_factory=dict)
    totals: dict[str, str] = field(default_factory=dict)
    weather: dict[tuple[str, int], Weather] = field(default_factory=dict)

    def verdicts(self, slug: str, night: int) -> frozenset[Verdict]:
        """The verdicts that a reading deserves."""
        weather = self.weather.get((slug, night))
        return weather.verdicts if weather else frozenset({Verdict.COMPLETE})


def write(seed: int, portals: int, nights: int) -> Script:
    """Cast registered portals of both families and script every night."""
    rng = Random(f"overnight {seed}")
    cast = _cast(portals)
    lives = {portal.slug: LIVES[place % len(LIVES)] for place, portal in enumerate(cast)}
    world = World([_part(portal, lives[portal.slug], rng) for portal in cast], seed=seed)
    script = Script(world, nights, lives)
    for place, portal in enumerate(cast):
        _live(script, portal.slug, rng)
        _lie(script, portal.slug, TOTALS.get(place % len(LIVES), ""))
        _cloud(script, portal.slug, rng)
    return script


def _cast(count: int) -> list[Portal]:
    """Both families; without Guizhou's own portal, which lists its cities' datasets once more."""
    register = load()
    played = [portal for portal in register.crawlable() if portal.family in PAGE]
    cities = [portal for portal in played if portal.slug != "guizhou"]
    shared = [portal for portal in cities if portal.family == "guizhou_api"]
    others = [portal for portal in cities if portal.family != "guizhou_api"]
    share = max(1, round(count * len(shared) / len(cities)))
    mixed = [*others[: count - share], *shared[:share]]
    return Random("cast").sample(mixed, len(mixed))


def _part(portal: Portal, life: str, rng: Random) -> PortalSpec:
    least = {"restamps": 56, "bulk": 36}.get(life, 12)
    spec = spec_of(portal, load(), rng.randint(least, 60))
    if life == "restamps":  # real updates on the day of the stamp would leave it open whether it was one
        return replace(spec, promise="每年")
    if life not in ("stops", "resumes"):
        return spec
    newest = -STOPPED_AFTER - 40 if life == "resumes" else rng.randint(-STOPPED_AFTER + 2, -STOPPED_AFTER + 9)
    return replace(spec, habit=Habit.NEVER, promise="不定期", history=(newest - 300, newest))


# --- lives


def _live(script: Script, slug: str, rng: Random) -> None:
    night = rng.randint(2, max(2, script.nights - 5))
    script.world.script(slug, *_ACTS[script.lives[slug]](script, slug, night, rng))


Act = Callable[[Script, str, int, Random], Sequence[Incident]]


def _removes(script: Script, slug: str, night: int, rng: Random) -> list[Incident]:
    return [Incident(Kind.DELETES, night, count=rng.randint(1, 4), how=_how(script, slug, rng))]


def _bulk(script: Script, slug: str, night: int, rng: Random) -> list[Incident]:
    return [Incident(Kind.DELETES, night, count=rng.randint(8, 15), how=_how(script, slug, rng))]


def _how(script: Script, slug: str, rng: Random) -> str:
    """What the page of a deleted dataset says; under a wrong total nothing but a page that says gone will do."""
    place = list(script.lives).index(slug) % len(LIVES)
    if script.world.portals[slug].family != "guizhou_api":
        return rng.choice(("404", "page"))
    return "404" if place in TOTALS else rng.choice(("404", "null", "page"))


def _unlists(_script: Script, _slug: str, night: int, rng: Random) -> list[Incident]:
    return [Incident(Kind.UNLISTS, night, count=rng.randint(1, 2))]


def _flickers(_script: Script, _slug: str, night: int, rng: Random) -> list[Incident]:
    """Rows that are away for a night, and the total with them."""
    nights = {night, night + 3}
    return [Incident(Kind.UNLISTS, one, one, count=rng.randint(1, 6)) for one in sorted(nights)]


def _returns(script: Script, slug: str, night: int, rng: Random) -> list[Incident]:
    return [Incident(Kind.DELETES, night, night + 4, count=rng.randint(1, 3), how=_how(script, slug, rng))]


def _rekeys(_script: Script, _slug: str, night: int, rng: Random) -> list[Incident]:
    return [Incident(Kind.REKEYS, night, count=rng.randint(1, 3))]


def _restamps(_script: Script, _slug: str, night: int, rng: Random) -> list[Incident]:
    return [Incident(Kind.RESTAMPS, night, share=rng.uniform(0.7, 1.0))]


def _renames(script: Script, slug: str, night: int, _rng: Random) -> list[Incident]:
    place = script.world.portals[slug].place
    return [Incident(Kind.EDITS, night, count=1, field="title", value=f"{place}新版办事指南目录")]


def _opens(script: Script, slug: str, night: int, rng: Random) -> list[Incident]:
    closed = [record.id for record in script.world.night(slug, 0) if record.conditional]
    return [Incident(Kind.EDITS, night, ids=tuple(closed[: rng.randint(1, 3)]), field="conditional", value="no")]


def _appears(_script: Script, _slug: str, night: int, rng: Random) -> list[Incident]:
    return [Incident(Kind.APPEARS, night, count=rng.randint(1, 4))]


def _resumes(_script: Script, _slug: str, night: int, _rng: Random) -> list[Incident]:
    return [Incident(Kind.UPDATES, night, count=6)]


def _nothing(_script: Script, _slug: str, _night: int, _rng: Random) -> list[Incident]:
    return []


_ACTS: Mapping[str, Act] = {
    "removes": _removes, "bulk": _bulk, "unlists": _unlists, "rekeys": _rekeys, "restamps": _restamps, "opens": _opens,
    "renames": _renames, "appears": _appears, "returns": _returns, "flickers": _flickers, "resumes": _resumes,
    "stops": _nothing, "quiet": _nothing,
}  # fmt: skip


# --- totals


def _lie(script: Script, slug: str, kind: str) -> None:
    """A total that is wrong from the first night on, by less than a first reading may be short of it."""
    if not kind or script.lives[slug] not in _LOSSES:
        return
    size = script.world.portals[slug].datasets
    more = size // 6
    value = {"distance": f"+{min(9, more)}", "none": "", "small": "-5", "fixed": str(size + more), "share": f"+{more}"}
    script.world.script(slug, Incident(Kind.MISCOUNTS, 0, value=value[kind]))
    script.totals[slug] = kind


# --- weather


def _cloud(script: Script, slug: str, rng: Random) -> None:
    for night in range(script.nights):
        name = _drawn(rng)
        if night and name == "redesigned":
            _redesign(script, slug, night)
            return
        if name in _WEATHER and (night or name in ("blocked", "unreachable")):
            weather = _WEATHER[name](script, slug, night, rng)
            script.weather[slug, night] = weather
            script.world.script(slug, *weather.incidents)


def _drawn(rng: Random) -> str:
    roll = rng.random()
    for name, rate in RATES.items():
        if roll < rate:
            return name
        roll -= rate
    return ""


def _redesign(script: Script, slug: str, night: int) -> None:
    script.world.script(slug, Incident(Kind.REDESIGN, night))
    drifted = Weather("redesigned", (), frozenset({Verdict.DRIFTED}))
    script.weather |= {(slug, later): drifted for later in range(night, script.nights)}


def _blocked(script: Script, slug: str, night: int, rng: Random) -> Weather:
    walls = [Incident(Kind.REFUSES, night, night, status=status) for status in (403, 412, 521)]
    walls.append(Incident(Kind.CHALLENGES, night, night))
    return _weather("blocked", rng.choice(walls), Verdict.BLOCKED)


def _unreachable(script: Script, slug: str, night: int, rng: Random) -> Weather:
    faults = (
        Incident(Kind.RESETS, night, night), Incident(Kind.REFUSES, night, night, status=503),
        Incident(Kind.REFUSES, night, night, status=500), Incident(Kind.HANGS, night, night, seconds=9.0),
    )  # fmt: skip
    return _weather("unreachable", rng.choice(faults), Verdict.UNREACHABLE)


def _drifts(script: Script, slug: str, night: int, rng: Random) -> Weather:
    faults = (Incident(Kind.REFUSES, night, night, status=404), Incident(Kind.REDESIGN, night, night))
    return _weather("drifted", rng.choice(faults), Verdict.DRIFTED)


def _partial(script: Script, slug: str, night: int, rng: Random) -> Weather:
    """A list cut short (by a row in fifty, it is complete), with a hole, or never still (three readings may see it all)."""
    listed = len(script.world.listed(slug, night))
    pages = -(-listed // PAGE[script.world.portals[slug].family])
    if pages < 2 or ((name := rng.choice(("cut", "cut", "hole", "paging"))) == "paging" and pages < 3):
        name = "cut"
    if pages < 2:
        return _weather("total", Incident(Kind.MISCOUNTS, night, night, value=f"+{listed + 40}"), Verdict.PARTIAL)
    if name == "cut":
        short = Incident(Kind.ENDS_EARLY, night, night, count=rng.randint(1, pages - 1))
        shown = short.count * PAGE[script.world.portals[slug].family]
        whole = (Verdict.COMPLETE,) if shown >= policy().complete_share * listed else ()
        return _weather("cut short", short, Verdict.PARTIAL, *whole)
    if name == "hole":
        page = rng.randint(2, pages)
        return _weather("hole", Incident(Kind.HOLE, night, night, first_page=page, last_page=page), Verdict.PARTIAL)
    return _weather("paging", Incident(Kind.DRIFTS, night, night), Verdict.PARTIAL, Verdict.COMPLETE)


def _harmless(script: Script, slug: str, night: int, rng: Random) -> Weather:
    odd = (
        Incident(Kind.DRIFTS, night, night, passes=2), Incident(Kind.DOUBLES, night, night, count=14),
        Incident(Kind.DOUBLES, night, night, count=3), Incident(Kind.GBK, night, night),
        Incident(Kind.MISCOUNTS, night, night, value="-3"), Incident(Kind.SLOW, night, night, seconds=0.02),
    )  # fmt: skip
    return _weather("harmless", rng.choice(odd), Verdict.COMPLETE)


def _weather(name: str, incident: Incident, *verdicts: Verdict) -> Weather:
    return Weather(name, (incident,), frozenset(verdicts))


_WEATHER: Mapping[str, Callable[[Script, str, int, Random], Weather]] = {
    "blocked": _blocked, "partial": _partial, "drifted": _drifts, "unreachable": _unreachable, "harmless": _harmless,
}  # fmt: skip
