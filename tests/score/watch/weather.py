"""What happens to everybody's nights: our own line, the watch switched off, whole families failing, readings by hand."""

from dataclasses import dataclass, field
from random import Random

from tests.score.watch.cast import FAMILIES, STEADY, Cast, Member, Role


@dataclass(slots=True)
class Weather:
    """By night, for the whole country."""

    off: set[int] = field(default_factory=set)
    """Nights on which the watch does not run at all."""
    line: dict[int, set[str]] = field(default_factory=dict)
    """Host groups that our own line does not reach: most of them."""
    crowd: dict[int, set[str]] = field(default_factory=dict)
    """Host groups that fail together, and are not most."""
    failing: dict[int, set[str]] = field(default_factory=dict)
    """Host groups of a family that fails, or of which two hosts do."""
    again: set[int] = field(default_factory=set)
    """Nights that are followed by a reading of a few portals by hand."""
    unlooked: set[int] = field(default_factory=set)
    """Nights after which nobody looks at the watch's health."""


def weather(rng: Random, cast: Cast, nights: int) -> Weather:
    """Draw a year; every sort of night comes at least once in two months."""
    made, hosts = Weather(), sorted({one.host for one in cast.members if one.role is not Role.NEVER})
    for _ in range(max(1, nights // 150)):
        first = rng.randrange(5, nights - 6)
        made.off |= set(range(first, first + rng.randint(2, 5)))
    for night in _drawn(rng, nights, max(2, nights // 28)):
        made.line[night] = set(rng.sample(hosts, round(rng.uniform(0.7, 1.0) * len(hosts))))
        if rng.random() < 0.3:
            made.line[night + 1] = set(hosts)
    for night in _drawn(rng, nights, max(1, nights // 70)):
        made.crowd[night] = set(rng.sample(hosts, round(0.25 * len(hosts))))
    _families(rng, made, nights, cast)
    made.again = set(_drawn(rng, nights, max(3, nights // 12))) | {night + 1 for night in made.line}
    made.unlooked = set(_drawn(rng, nights, nights // 30)) - made.again
    return made


def _drawn(rng: Random, nights: int, count: int) -> list[int]:
    return sorted(rng.sample(range(3, nights - 2), count))


def _families(rng: Random, made: Weather, nights: int, cast: Cast) -> None:
    """Episodes one after the other, with some nights between them; two hosts of a family are no family."""
    there = cast.of(Role.PLAIN, Role.PROVINCE, Role.NEWCOMER)
    night = rng.randrange(4, 9)
    while night < nights - 4:
        family = rng.choices(sorted(FAMILIES), [FAMILIES[name] for name in sorted(FAMILIES)])[0]
        hosts = sorted({one.host for one in there if one.portal.family == family})
        few = rng.random() < 0.25 or len(hosts) < 3
        count = min(2, len(hosts)) if few else rng.randint(max(3, (2 * len(hosts) + 2) // 3), len(hosts))
        length = rng.choice((1, 2, 2, 3, 6))
        chosen = set(rng.sample(hosts, count))
        made.failing |= dict.fromkeys(range(night, night + length), chosen)
        night += length + rng.randrange(4, 11)


def alone(member: Member) -> bool:
    """Whether a portal's year is told one by one, so that nothing but our own line befalls it."""
    return member.portal.family == STEADY
