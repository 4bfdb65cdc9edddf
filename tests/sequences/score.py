"""What the watch claimed of a recording, held against what later versions show."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from alerts.model.events import Event
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Verdict
from tests.sequences.replay import Replayed
from tests.sequences.translate import content
from tests.sequences.versions import Recording, Version

CHANGED_GOAL = 0.005
"""Largest share of pairs (two neighbouring versions, one dataset that both list) that may be read as changed."""
FALSE_GOAL = 0.01
"""Largest share of the removals that may come back where the portal's total follows its list."""
GONE_KINDS = frozenset({"dataset.removed", "dataset.unlisted", "dataset.rekeyed"})
CHANGE_KINDS = frozenset({
    "dataset.changed", "dataset.renamed", "dataset.promise_weakened", "dataset.open_type_changed",
})  # fmt: skip


@dataclass(frozen=True)
class Removal:
    """One dataset that was claimed to be gone."""

    dataset: str
    kind: str
    version: str
    """The version whose run stated it."""
    title: str
    back_in: str | None
    """The last later version that lists it after all."""


@dataclass(frozen=True)
class Line:
    """One version and its run."""

    version: str
    at: str
    """ISO 8601, UTC."""
    rows: int
    distinct: int
    printed: int
    short: bool
    """Lists fewer datasets than a complete run may."""
    verdict: str
    reason: str


@dataclass(frozen=True)
class Score:
    """The whole judgement."""

    portal: str
    lines: Sequence[Line]
    events: Mapping[str, int]
    removals: Sequence[Removal]
    pairs: int
    changed: int
    """Pairs read as changed: a change of content was stated."""
    stored: int
    """Pairs whose stored content differs, whether or not it was worth an event."""
    differing: int
    """Pairs that do differ in the recording, dates, counters and the order of lists left aside."""
    false_changes: int
    """Datasets read as changed that do not differ from when they were last listed."""
    unstated_changes: int
    """Datasets that differ from when they were last listed, and no change was stated."""
    naive: int
    """What a plain set difference of neighbouring versions would call removed …"""
    naive_false: int
    """… and how much of that comes back."""
    missed_removals: Sequence[str] = ()
    untrue_removals: Sequence[str] = ()
    """Ids; both are known only where the recording tells the truth."""
    seconds: float = 0.0
    goals: Mapping[str, bool] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return all(self.goals.values())


def judge(recording: Recording, replayed: Replayed, portal: str, seconds: float, *, honest: bool = False) -> Score:
    """Score a replay; `honest`: the total followed the list, so that a list that fell short could not be told by it."""
    lines = _lines(recording, replayed, honest=honest)
    places = {run.id: place for place, run in enumerate(replayed.runs)}
    removals = list(_removals(recording, replayed.events, places))
    changed = _changed(replayed.events, places)
    differing = _differing(recording.versions)
    pairs = sum(len(a.objects.keys() & b.objects.keys()) for a, b in _neighbours(recording.versions))
    claimed = {one.dataset for one in removals}
    true = recording.removed
    naive, naive_false = _naive(recording)
    score = Score(
        portal=portal,
        lines=lines,
        events=dict(sorted(Counter(event.kind for event in replayed.events).items())),
        removals=removals,
        pairs=pairs,
        changed=len(changed),
        stored=_stored(replayed.versions),
        differing=len(differing & _both_list(recording.versions)),
        false_changes=len(changed - differing),
        unstated_changes=len(differing - changed),
        naive=naive,
        naive_false=naive_false,
        missed_removals=sorted(true.keys() - claimed) if true is not None else (),
        untrue_removals=sorted(claimed - true.keys()) if true is not None else (),
        seconds=round(seconds, 1),
    )
    return replace(score, goals=_goals(score, known=true is not None, honest=honest))


def _goals(score: Score, *, known: bool, honest: bool) -> dict[str, bool]:
    share = score.changed / score.pairs if score.pairs else 0.0
    goals = {
        **(_followed(score) if honest else _stood_still(score)),
        "short versions are graded partial": all(_is_told_short(one) for one in score.lines if one.short),
        f"at most {CHANGED_GOAL:.1%} of pairs read as changed": share <= CHANGED_GOAL,
    }
    truth = {"exactly the true removals": not score.missed_removals and not score.untrue_removals}
    return goals | (truth if known else {})


def _stood_still(score: Score) -> dict[str, bool]:
    return {"no removal of a dataset that comes back": not any(one.back_in for one in score.removals)}


def _followed(score: Score) -> dict[str, bool]:
    """A list that falls short and prints the shorter total looks whole: only the portal's record tells it apart."""
    false = [one for one in score.removals if one.back_in]
    return {
        f"at most {FALSE_GOAL:.0%} of the removals come back": len(false) <= FALSE_GOAL * len(score.removals),
        "no bulk deletion of what comes back": not any(one.kind == "bulk.deletion" for one in false),
    }


def _is_told_short(line: Line) -> bool:
    """A list that shows nothing at all is no part of one: any verdict but complete will do for it."""
    return line.verdict == "partial" or (line.distinct == 0 and line.verdict != "complete")


def _lines(recording: Recording, replayed: Replayed, *, honest: bool) -> list[Line]:
    largest, lines = 0, []
    for version, run, printed in zip(recording.versions, replayed.runs, replayed.totals, strict=True):
        distinct = len(version.objects)
        largest = max(largest, distinct)
        told = printed if honest else largest
        due = next(count for count in (version.size, version.total, told) if count is not None)
        short = distinct < policy().complete_share * due
        at = version.at.isoformat(timespec="minutes")
        verdict = Verdict(run.verdict).value
        lines.append(Line(version.name, at, len(version.rows), distinct, printed, short, verdict, run.reason))
    return lines


def _removals(recording: Recording, events: Iterable[Event], places: Mapping[str, int]) -> Iterator[Removal]:
    versions = recording.versions
    for event in events:
        stated = places[event.run]
        for id_, title in _gone(event):
            last = recording.last_listed.get(id_, -1)
            back = versions[last].name if last > stated else None
            yield Removal(id_, event.kind, versions[stated].name, title, back)


def _gone(event: Event) -> list[tuple[str, str]]:
    """Ids and titles of what an event says is gone."""
    if event.kind == "bulk.deletion":
        return [(one["id"], one["title"]) for one in event.evidence["datasets"]]
    if event.kind == "dataset.rekeyed":
        return [(event.evidence["old_id"], event.evidence["old_title"])]
    return [(event.dataset or "", event.title)] if event.kind in GONE_KINDS else []


def _changed(events: Iterable[Event], places: Mapping[str, int]) -> set[tuple[int, str]]:
    return {(places[event.run], event.dataset or "") for event in events if _is_change(event)}


def _is_change(event: Event) -> bool:
    """A new date alone is an update; a new content is a change, under whatever name."""
    return event.kind in CHANGE_KINDS or (event.kind == "dataset.updated" and bool(event.evidence["content_changed"]))


def _differing(versions: Sequence[Version]) -> set[tuple[int, str]]:
    """Place and id of every dataset that is not as it was when it was last listed."""
    found: set[tuple[int, str]] = set()
    before: dict[str, dict[str, Any]] = {}
    for place, version in enumerate(versions):
        now = {id_: content(row) for id_, row in version.objects.items()}
        found |= {(place, id_) for id_, told in now.items() if before.get(id_, told) != told}
        before |= now
    return found


def _naive(recording: Recording) -> tuple[int, int]:
    """Removals by set difference, and those of datasets that a later version lists."""
    pairs = enumerate(_neighbours(recording.versions), start=1)
    gone = [(place, id_) for place, (a, b) in pairs for id_ in a.objects.keys() - b.objects.keys()]
    return len(gone), sum(recording.last_listed[id_] > place for place, id_ in gone)


def _both_list(versions: Sequence[Version]) -> set[tuple[int, str]]:
    pairs = enumerate(_neighbours(versions), start=1)
    return {(place, id_) for place, (a, b) in pairs for id_ in a.objects.keys() & b.objects.keys()}


def _neighbours(versions: Sequence[Version]) -> Iterator[tuple[Version, Version]]:
    return itertools.pairwise(versions)


def _stored(contents: Sequence[Mapping[str, str]]) -> int:
    pairs = itertools.pairwise(contents)
    return sum(before[id_] != after[id_] for before, after in pairs for id_ in before.keys() & after.keys())
