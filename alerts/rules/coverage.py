"""Which of the 14 themes and four kinds of key data a catalogue covers by content, and when that changes.

Reported: `coverage.lost` and `coverage.gained`, when two complete runs on different days find the subject empty, or
filled. Not reported: what one night shows; a subject whose only dataset is missing but not stated as gone; what another
version of the normaliser, other fields or a detail page read for the first time change. Counted from the chunks in
which two complete runs differ.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from alerts.comparison.context import RunContext
from alerts.comparison.delta import WAITING
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import Entries
from alerts.model.states import Coverage, DatasetState, Turn
from opendata_spiders import normalise
from opendata_spiders.store.models import Entry

THEME, KEY = "theme:", "key:"
SUBJECTS = (*(THEME + name for name in normalise.THEMES), *(KEY + name for name in sorted(normalise.KINDS)))
_READ = frozenset({"title", "office"})


def subjects(title: object, office: object) -> tuple[str, ...]:
    """What a dataset covers, by its title and office alone: a portal's own labels are not asked."""
    themes = normalise.content_theme(title, office).themes
    keys = normalise.key_data(title, office, themes)
    return (*(THEME + theme for theme in themes), *(KEY + key for key in sorted(keys)))


@dataclass(frozen=True, slots=True)
class _Shift:
    """How two complete runs differ, in datasets by subject."""

    counts: Counter[str]
    ours: frozenset[str]
    """Subjects that moved because a detail page was read for the first time: our reading, not the portal's doing."""


def baseline(step: RunContext) -> Coverage:
    """What the run covers, believed without a word: the first run, another epoch, another way of reading."""
    reader, manifest = step.view.reader, step.run.manifest
    counts = _counted(reader.entries(manifest).values(), step)
    lacking = tuple(name for name in SUBJECTS if not counts[name])
    return Coverage(manifest, normalise.NORMALISER_VERSION, _some(counts), lacking)


def _some(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in SUBJECTS if counts[name] > 0}


def _counted(entries: Iterable[Entry], step: RunContext) -> Counter[str]:
    listed = list(entries)
    versions = step.view.reader.versions({entry.version for entry in listed}, evidence=False)
    known = (version.content for entry in listed if (version := versions.get(entry.version)))
    return Counter(name for content in known for name in subjects(content.get("title"), content.get("office")))


def tell_coverage(step: RunContext, missing: Mapping[str, DatasetState]) -> tuple[Coverage, list[Draft]]:
    """What a complete run says of the coverage; `missing` are the exceptional datasets after it.

    A subject whose only dataset is absent but not stated as gone is not empty yet.
    """
    known = step.state.coverage
    same_fields = _READ.intersection(step.state.read_fields) == _READ.intersection(step.run.fields)
    if known.manifest is None or known.reading != normalise.NORMALISER_VERSION or not same_fields:
        return baseline(step), []
    shift = _shift(known, step)
    counts = Counter(known.counts)
    counts.update(shift.counts)
    now = replace(known, manifest=step.run.manifest, counts=_some(counts))
    held = {name for one in missing.values() if one.status in WAITING for name in subjects(one.title, one.office)}
    return _judged(_silently(now, shift.ours), frozenset(held), step)


def _shift(known: Coverage, step: RunContext) -> _Shift:
    reader = step.view.reader
    before, after = reader.changed_entries(known.manifest, step.run.manifest)
    same = {name for name in before.keys() & after.keys() if before[name].version == after[name].version}
    sides = [{name: entry for name, entry in side.items() if name not in same} for side in (before, after)]
    counts = _counted(sides[1].values(), step)
    counts.subtract(_counted(sides[0].values(), step))
    return _Shift(counts, _arrived(sides[0], sides[1], step))


def _arrived(before: Entries, after: Entries, step: RunContext) -> frozenset[str]:
    both = [name for name in before.keys() & after.keys() if before[name].detailed != after[name].detailed]
    counts = _counted((after[name] for name in both), step)
    counts.subtract(_counted((before[name] for name in both), step))
    return frozenset(name for name, count in counts.items() if count)


def _silently(now: Coverage, ours: frozenset[str]) -> Coverage:
    """Believe at once what our own reading has changed."""
    lacking = [name for name in SUBJECTS if (name not in now.counts if name in ours else name in now.lacking)]
    return replace(now, lacking=tuple(lacking))


def _judged(now: Coverage, held: frozenset[str], step: RunContext) -> tuple[Coverage, list[Draft]]:
    """Subjects that are otherwise than believed for the second time on another day are stated."""
    earlier, today = {turn.subject: turn for turn in now.turning}, step.lens.day(step.run.at)
    turned = [name for name in SUBJECTS if (name not in now.counts) != (name in now.lacking)]
    turns = {name: earlier.get(name, Turn(name, step.run.id, step.run.at)) for name in turned}
    sure = [one for one in turns.values() if one.subject not in held and step.lens.day(one.at) != today]
    drafts = [_draft(turn, now, step) for turn in sure]
    flipped = set(now.lacking) ^ {turn.subject for turn in sure}
    lacking = tuple(name for name in SUBJECTS if name in flipped)
    turning = tuple(turn for turn in turns.values() if turn not in sure)
    return replace(now, lacking=lacking, turning=turning), drafts


def _draft(turn: Turn, now: Coverage, step: RunContext) -> Draft:
    scheme, _, name = turn.subject.partition(":")
    lost = turn.subject not in now.counts
    evidence = {
        scheme: name,
        "count": now.counts.get(turn.subject, 0),
        "catalogue": step.run.seen,
        "runs": [turn.run, step.run.id],
    }
    kind = "coverage.lost" if lost else "coverage.gained"
    return Draft(kind, subject=turn.subject, episode=turn.run, since=turn.at, evidence=evidence)
