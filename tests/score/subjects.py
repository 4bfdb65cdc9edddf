"""The truth about what a catalogue covers: which themes and key data became empty or were filled, by which night."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache

from opendata_spiders import normalise
from tests.score.nights import Reading
from tests.score.records import Record


@cache
def subjects(title: str, office: str) -> frozenset[str]:
    """What a title and an office are about; how words are read is not what is judged here."""
    themes = normalise.content_theme(title, office).themes
    return frozenset(
        (*(f"theme:{name}" for name in themes), *(f"key:{name}" for name in normalise.key_data(title, office, themes)))
    )


class SubjectTruth:
    """Of one portal, told by its book. Two complete readings of different nights have to agree."""

    def __init__(self, say: Callable[..., None]) -> None:
        self.say = say
        self.believed: frozenset[str] = frozenset()
        self.turned: dict[str, int] = {}
        """Subjects that the last complete reading showed otherwise than believed, and since which night."""
        self.doubtful: dict[str, int] = {}
        """Subjects that a reader may take for lost, and since which night: what had them may be told as gone."""

    def begin(self, listed: Iterable[Record]) -> None:
        """A baseline says nothing."""
        self.believed, self.turned, self.doubtful = _covered(listed), {}, {}

    def observe(self, reading: Reading, missing: Mapping[Record, int]) -> None:
        """A complete reading; `missing` are datasets not told as gone yet, with the number of readings they missed."""
        now, held = _covered((reading.listed or {}).values()), _covered(missing)
        surely_held = _covered(one for one, missed in missing.items() if missed < 2 or one.listed)
        self.turned = {name: self.turned.get(name, reading.night) for name in now ^ self.believed}
        for name in held - surely_held - now:
            self.doubtful.setdefault(name, reading.night)
        for name in self.doubtful.keys() & now:
            self.say("coverage.lost", name, self.doubtful.pop(name), due=None)
            self.say("coverage.gained", name, reading.night, due=None)
        for name, since in list(self.turned.items()):
            if since < reading.night and name not in held:
                kind = "coverage.gained" if name in now else "coverage.lost"
                self.say(kind, name, reading.night, happened=since, earliest=self.doubtful.pop(name, since + 1))
                self.believed ^= {name}
                del self.turned[name]


def _covered(many: Iterable[Record]) -> frozenset[str]:
    found: Mapping[frozenset[str], None] = dict.fromkeys(subjects(one.title, one.office) for one in many)
    return frozenset().union(*found)
