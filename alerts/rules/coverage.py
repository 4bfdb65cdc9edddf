"""Which of the 14 themes and four kinds of key data a catalogue covers by content, and when that changes.

Reported: `coverage.lost` and `coverage.gained`, when two complete runs on different days find a subject without, or
with, datasets. Not reported: a change seen in one night only; a subject whose only dataset is missing but not stated as
gone; changes caused by another version of the normaliser, by other fields, or by a detail page read for the first time.
Counted from the chunks in which two complete runs differ.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from alerts.comparison.context import VERSIONS_AT_ONCE, RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.run_view import Entries
from alerts.model.states import WAITING, Coverage, DatasetState, Turn
from opendata_spiders import normalise
from opendata_spiders.store.content import batches
from opendata_spiders.store.models import Entry

THEME, KEY = "theme:", "key:"
SUBJECTS = (*(THEME + name for name in normalise.THEMES), *(KEY + name for name in sorted(normalise.KINDS)))
_READ = frozenset({"title", "office"})


def subjects(title: object, office: object) -> tuple[str, ...]:
    """The subjects of a dataset, by its title and office alone, not by the portal's own labels."""
    themes = normalise.content_theme(title, office).themes
    keys = normalise.key_data(title, office, themes)
    return (*(THEME + theme for theme in themes), *(KEY + key for key in sorted(keys)))


def baseline(step: RunContext) -> Coverage:
    """The coverage of the run, taken over without an event: first run, another epoch, other fields or normaliser."""
    reader, manifest = step.view.reader, step.run.manifest
    counts = _counted(reader.entries(manifest).values(), step)
    lacking = tuple(name for name in SUBJECTS if not counts[name])
    return Coverage(manifest, normalise.NORMALISER_VERSION, _some(counts), lacking)


def _some(counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in SUBJECTS if counts[name] > 0}


def _counted(entries: Iterable[Entry], step: RunContext) -> Counter[str]:
    contents = (version.content for version in step.versions_of(entries))
    return Counter(name for one in contents for name in subjects(one.get("title"), one.get("office")))


def _named_alike(names: Iterable[str], before: Entries, after: Entries, step: RunContext) -> set[str]:
    """Those of the datasets that have the same title and office in both lists, and so the same subjects."""
    alike = set[str]()
    for some in batches(names, VERSIONS_AT_ONCE):
        pairs = {name: (before[name].version, after[name].version) for name in some}
        versions = step.view.reader.versions({one for pair in pairs.values() for one in pair}, evidence=False)
        stored = {name: pair for name, pair in pairs.items() if versions.keys() >= {*pair}}
        contents = {name: [versions[one].content for one in pair] for name, pair in stored.items()}
        alike |= {name for name, (old, new) in contents.items() if all(old.get(one) == new.get(one) for one in _READ)}
    return alike


def draft_coverage(step: RunContext, missing: Mapping[str, DatasetState]) -> tuple[Coverage, list[Draft]]:
    """The coverage after a complete run, with its events; `missing` are the datasets that have a state after it.

    A subject whose only dataset is absent but not stated as gone is not empty yet.
    """
    known = step.state.coverage
    same_fields = _READ.intersection(step.state.read_fields) == _READ.intersection(step.run.fields)
    if known.manifest is None or known.reading != normalise.NORMALISER_VERSION or not same_fields:
        return baseline(step), []
    before, after = step.view.reader.changed_entries(known.manifest, step.run.manifest)
    both = before.keys() & after.keys()
    same = {name for name in both if before[name].version == after[name].version}
    same |= _named_alike(both - same, before, after, step)
    counts = Counter(known.counts)
    counts.update(_counted((entry for name, entry in after.items() if name not in same), step))
    counts.subtract(_counted((entry for name, entry in before.items() if name not in same), step))
    counted = _some(counts)
    # A change caused by a detail page read for the first time is not the portal's: it is taken over at once.
    first_read = [name for name in both - same if before[name].detailed != after[name].detailed]
    ours = _counted((after[name] for name in first_read), step)
    ours.subtract(_counted((before[name] for name in first_read), step))
    lacking = [name for name in SUBJECTS if (name not in counted if ours[name] else name in known.lacking)]
    now = replace(known, manifest=step.run.manifest, counts=counted, lacking=tuple(lacking))
    held = {name for one in missing.values() if one.status in WAITING for name in subjects(one.title, one.office)}
    return _judged(now, frozenset(held), step)


def _judged(now: Coverage, held: frozenset[str], step: RunContext) -> tuple[Coverage, list[Draft]]:
    """State the subjects that contradict `lacking` for the second time, on another day; `held` ones wait."""
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
