"""Events against cases: how many of either have their counterpart, and how late."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.score.book import Case

EXAMPLES = 40
"""Wrong or missing statements that are kept a kind, to be looked into."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One event, as far as it is judged."""

    kind: str
    subject: str
    night: int
    confidence: str


@dataclass(slots=True)
class Tally:
    """How one kind has done."""

    stated: int = 0
    right: int = 0
    probable: int = 0
    probable_right: int = 0
    cases: int = 0
    found: int = 0
    late: int = 0
    delays: Counter[int] = field(default_factory=Counter)
    """Nights from what happened to the statement."""

    def add(self, other: "Tally") -> None:
        for name in ("stated", "right", "probable", "probable_right", "cases", "found", "late"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.delays.update(other.delays)

    @property
    def precision(self) -> float | None:
        return self.right / self.stated if self.stated else None

    @property
    def sure_precision(self) -> float | None:
        """Of what was not marked as probable."""
        stated = self.stated - self.probable
        return (self.right - self.probable_right) / stated if stated else None

    @property
    def probable_precision(self) -> float | None:
        return self.probable_right / self.probable if self.probable else None

    @property
    def recall(self) -> float | None:
        return (self.found - self.late) / self.cases if self.cases else None

    @property
    def median_delay(self) -> int | None:
        nights = sorted(self.delays.elements())
        return nights[len(nights) // 2] if nights else None


@dataclass(slots=True)
class Score:
    """All kinds, of the diff and of the naive comparison, with examples of what went wrong."""

    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    naive: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    false: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: "Score") -> None:
        for mine, its in ((self.kinds, other.kinds), (self.naive, other.naive)):
            for kind, tally in its.items():
                mine[kind].add(tally)
        for notes, more in ((self.false, other.false), (self.missed, other.missed)):
            for kind, lines in more.items():
                notes[kind] = (notes[kind] + lines)[:EXAMPLES]

    def plain(self) -> "Score":
        """The same without default factories, to be sent between processes."""
        return Score(dict(self.kinds), dict(self.naive), dict(self.false), dict(self.missed))


def score(cases: Iterable["Case"], stated: Iterable[Stated], naive: Iterable[Stated], where: str) -> Score:
    """Judge one portal's year."""
    cases, result = list(cases), Score()
    _match(cases, stated, result.kinds, result, where)
    open_cases = [_from_the_first(case) for case in cases]
    _match(open_cases, naive, result.naive, Score(), where)
    return result


def _from_the_first(case: "Case") -> "Case":
    """For the naive everything may be said as soon as it has happened, and at any time afterwards."""
    from tests.score.book import Case  # noqa: PLC0415

    return Case(case.kind, case.subject, case.happened, case.happened, None if case.due is None else 10**6)


def _match(cases: list["Case"], stated: Iterable[Stated], kinds: dict[str, Tally], result: Score, where: str) -> None:
    waiting: Mapping[tuple[str, str], list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda one: one.earliest):
        waiting[case.kind, case.subject].append(case)
        kinds[case.kind].cases += case.due is not None
    for one in sorted(stated, key=lambda one: one.night):
        meant = _taken(waiting[one.kind, one.subject], one)
        _count(kinds[one.kind], one, meant)
        if meant is None:
            result.false[one.kind].append(f"{where} night {one.night} {one.subject} {one.confidence}")
        elif meant.due is not None and one.night > meant.due:
            result.missed[one.kind].append(f"{where} due {meant.due} stated {one.night} {one.subject}")
    for left in (case for cases_left in waiting.values() for case in cases_left if case.due is not None):
        result.missed[left.kind].append(f"{where} due {left.due} {left.subject} (since {left.happened}) never stated")


def _taken(waiting: list["Case"], one: Stated) -> "Case | None":
    """The first case that the event can be about; each is stated once."""
    fitting = [case for case in waiting if case.earliest <= one.night]
    on_time = [case for case in fitting if case.due is not None and one.night <= case.due]
    late = [case for case in fitting if case.due is not None and one.night > case.due]
    optional = [case for case in fitting if case.due is None]
    chosen = next(iter((*on_time, *optional, *late)), None)
    if chosen is not None:
        waiting.remove(chosen)
    return chosen


def _count(tally: Tally, one: Stated, case: "Case | None") -> None:
    probable = one.confidence == "probable"
    tally.stated += 1
    tally.probable += probable
    if case is None:
        return
    tally.right += 1
    tally.probable_right += probable
    if case.due is None:
        return
    tally.found += 1
    tally.late += one.night > case.due
    tally.delays[one.night - case.happened] += 1
