"""Datasets that are still listed and have changed.

Reported: `dataset.renamed` (title), `dataset.promise_weakened`, `dataset.open_type_changed`, `dataset.format_degraded`
(only web pages and pictures are left), `dataset.changed` (any other content field) and `dataset.updated` (a newer date,
or new content). Not reported: values that mean the same (`field_meaning`), fields that only one of the two runs read,
differences caused by another version of the parser or by a detail page read for the first time, dates set in bulk, and
files whose only change is the new date of their dataset.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from alerts.comparison.context import RunContext
from alerts.comparison.delta import Delta
from alerts.comparison.event_builder import Draft
from alerts.comparison.reused_ids import likeness
from alerts.comparison.run_view import Lens, shared_fields
from alerts.model.events import Confidence, Severity
from alerts.rules.field_meaning import FieldChange, field_changes, file_dates
from opendata_spiders import normalise
from opendata_spiders.normalise import BROKEN, standing
from opendata_spiders.store.fields import Role
from opendata_spiders.store.models import Entry, Version
from opendata_spiders.tables import Tables

_OPENNESS = ("closed", "conditional", "open")


@dataclass(frozen=True, slots=True)
class Change:
    """One dataset before and after."""

    dataset: str
    before: Entry
    after: Entry
    fields: Mapping[str, FieldChange] = field(default_factory=dict)
    measures: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    claimed_before: datetime | None = None
    claimed_after: datetime | None = None
    advanced: bool = False
    """Whether the portal's own date became later; a first date is no advance."""
    doubtful: bool = False
    """Whether little but the id shows that it is the same dataset."""
    mass: frozenset[str] = frozenset()
    """Fields that were rewritten on a large part of the catalogue at once: no change of this dataset itself."""

    @property
    def content_changed(self) -> bool:
        return bool(self.measures) or not self.mass.issuperset(self.fields)

    @property
    def data_changed(self) -> bool:
        """Whether the data changed: a size, the files, or its date together with other content."""
        files = "resources" in self.fields.keys() - self.mass
        return bool(self.measures) or files or (self.advanced and self.content_changed)


def find_changes(delta: Delta, step: RunContext) -> list[Change]:
    """The changes of listed datasets in fields that both runs read, by native id; versions are loaded if they differ.

    Empty when another version of the parser read the list: the differences are then attributed to the parser.
    """
    if step.reparsed:
        return []
    other = [pair for pair in delta.differing.values() if pair[0].version != pair[1].version]
    versions = step.view.reader.versions({entry.version for pair in other for entry in pair}, evidence=False)
    names = {role: shared_fields(step.state.read_fields, step.run.fields, role) for role in Role}
    found = (_change(name, pair, versions, names, step) for name, pair in sorted(delta.differing.items()))
    return [change for change in found if change.content_changed or change.advanced]


def since_trusted(delta: Delta, step: RunContext) -> Delta:
    """The delta with all differences since the last complete run, including those shown by partial runs after it."""
    trusted, known = step.state.trusted, step.state.known
    if trusted == known:
        return delta
    before, partly = step.view.reader.changed_entries(trusted, known)
    moved = {name: (one, partly[name]) for name, one in before.items() if name in partly and one != partly[name]}
    pairs = {name: (before, delta.listed.get(name, after)) for name, (before, after) in moved.items()}
    return replace(delta, differing={**delta.differing, **pairs})


def _change(
    dataset: str,
    pair: tuple[Entry, Entry],
    versions: Mapping[str, Version],
    names: Mapping[Role, frozenset[str]],
    step: RunContext,
) -> Change:
    (before, after), lens = pair, step.lens
    arrived = before.detailed != after.detailed
    clocks = names[Role.CLOCK]
    if arrived:
        clocks = clocks.intersection(before.clocks, after.clocks)
    dates = [lens.claimed({name: raw for name, raw in one.clocks.items() if name in clocks}) for one in pair]
    numbers = {
        name: (normalise.number(before.measures[name]), normalise.number(after.measures[name]))
        for name in sorted(names[Role.MEASURE].intersection(before.measures, after.measures))
        if before.measures[name] != after.measures[name]
    }
    fields = _fields(pair, versions, names[Role.CONTENT], lens, arrived=arrived)
    return Change(
        dataset,
        before,
        after,
        fields=fields,
        doubtful="title" in fields
        and likeness(pair, (versions[before.version], versions[after.version]), lens, step.policy).is_doubtful,
        measures={name: both for name, both in numbers.items() if None not in both and both[0] != both[1]},
        claimed_before=dates[0],
        claimed_after=dates[1],
        advanced=lens.advanced(*dates),
    )


def _fields(
    pair: tuple[Entry, Entry], versions: Mapping[str, Version], names: frozenset[str], lens: Lens, *, arrived: bool
) -> dict[str, FieldChange]:
    before, after = (versions.get(entry.version) for entry in pair)
    if before is None or after is None or before.id == after.id:
        return {}
    if arrived:
        names = names.intersection(before.content, after.content)
    changes = field_changes(before.content, after.content, names, lens)
    if "resources" in changes and _repeats(changes["resources"], lens.claimed(pair[1].clocks), lens):
        del changes["resources"]
    return changes


def _repeats(files: FieldChange, claimed: datetime | None, lens: Lens) -> bool:
    """Whether the only change of the files is a new date that equals the dataset's own, within one day.

    That repeats the dataset's date and is no content; another date of a file is a change of its own.
    """
    dates = file_dates(files)
    if dates is None or claimed is None:
        return False
    days = (lens.claimed({"updated": raw}) for raw in dates)
    return all(one and abs(lens.day(one) - lens.day(claimed)) <= timedelta(days=1) for one in days)


def draft_changes(changes: Iterable[Change], step: RunContext, restamped: frozenset[str]) -> list[Draft]:
    """The events of a run's changes; an advance to a `restamped` day (ISO), on which dates were set in bulk, is not."""
    return [draft for change in changes for draft in _drafts(change, step, restamped)]


def _drafts(change: Change, step: RunContext, restamped: frozenset[str]) -> Iterable[Draft]:
    runs, lens = step.runs, step.lens
    rest = dict(change.fields)
    if renamed := rest.pop("title", None):
        evidence = {"before": renamed.before_raw, "after": renamed.after_raw, "runs": runs}
        confidence = Confidence.PROBABLE if change.doubtful else Confidence.CONFIRMED
        yield dataset_draft("dataset.renamed", change, evidence, confidence=confidence)
    if "frequency" in rest and (weaker := _promise_weakened(change, rest["frequency"], runs, lens)):
        yield weaker
        del rest["frequency"]
    if "open_type" in rest and (opened := _open_type_changed(change, rest["open_type"], runs, lens)):
        yield opened
        del rest["open_type"]
    if "formats" in rest and (degraded := _format_degraded(change, rest["formats"], runs, lens)):
        yield degraded
        del rest["formats"]
    if rest:
        yield dataset_draft("dataset.changed", change, {"fields": rest, "runs": runs})
    if updated := _updated(change, runs, lens, restamped):
        yield updated


def dataset_draft(kind: str, change: Change, evidence: Mapping[str, Any], **more: Any) -> Draft:
    """An event about the dataset as it is listed now."""
    return Draft(kind, change.dataset, change.after.version, evidence=evidence, **more)


def _promise_weakened(change: Change, values: FieldChange, runs: list[str], lens: Lens) -> Draft | None:
    before, after = lens.promise(change.before.frequency), lens.promise(change.after.frequency)
    if change.after.frequency is None or before.due is None:
        return None
    # A promise is weaker if its period is longer, or if the portal states that there is none.
    if after.due is None:
        weaker = after.code != "UNKNOWN" or not after.word
    else:
        weaker = not after.realtime and (before.realtime or after.due > before.due)
    if not weaker:
        return None
    status = standing(before, change.claimed_before, lens.now, lens.tz)
    late = status in BROKEN
    evidence = {"before": values.as_evidence() | {"iso": before.iso}, "after": {"iso": after.iso, "code": after.code}}
    return dataset_draft(
        "dataset.promise_weakened",
        change,
        evidence | {"status_before": status, "runs": runs},
        severity=Severity.SEVERE if late else None,
    )


def _open_type_changed(change: Change, values: FieldChange, runs: list[str], lens: Lens) -> Draft | None:
    before, after = (normalise.open_type(raw, family=lens.family) for raw in (values.before_raw, values.after_raw))
    if "unknown" in (before.value, after.value):
        return None
    downgraded = (_OPENNESS.index(after.value), not after.login_required) < (
        _OPENNESS.index(before.value),
        not before.login_required,
    )
    evidence = {"before": values, "after": values.after, "downgraded": downgraded, "runs": runs}
    return dataset_draft(
        "dataset.open_type_changed", change, evidence, severity=Severity.SEVERE if downgraded else None
    )


def _format_degraded(change: Change, values: FieldChange, runs: list[str], lens: Lens) -> Draft | None:
    gone = dropped_formats(values.before_raw, values.after_raw, lens.family)
    if not gone:
        return None
    evidence = {"before": values.before_raw, "after": values.after_raw, "dropped": gone, "runs": runs}
    return dataset_draft("dataset.format_degraded", change, evidence, since=lens.now)


def _updated(change: Change, runs: list[str], lens: Lens, restamped: frozenset[str]) -> Draft | None:
    moved = change.advanced and not is_restamped(change, lens, restamped)
    if not moved and not change.content_changed:
        return None
    evidence = {
        "claimed_before": change.claimed_before,
        "claimed_after": change.claimed_after,
        "content_changed": change.content_changed,
        "measures": {name: list(pair) for name, pair in change.measures.items()},
        "runs": runs,
    }
    confidence = Confidence.CONFIRMED if change.content_changed else Confidence.CLAIMED
    return dataset_draft("dataset.updated", change, evidence, confidence=confidence, since=change.claimed_after)


def is_restamped(change: Change, lens: Lens, restamped: frozenset[str]) -> bool:
    """Whether the new date is on a `restamped` day (ISO), on which the portal set dates in bulk."""
    return change.claimed_after is not None and lens.day(change.claimed_after).isoformat() in restamped


_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]+")


def dropped_formats(before: Any, after: Any, family: str) -> list[str]:
    """The machine-readable formats in the raw `before`, if the raw `after` names only pages or pictures; else none.

    None either if `after` holds a word that formats.csv does not list.
    """
    many = after if isinstance(after, list | tuple) else [after]
    left = [word for one in many if one is not None for word in _WORD.findall(str(one).casefold())]
    if not left or any(_readable().get(word, True) for word in left):
        return []
    return [name for name in normalise.formats(before, family=family) if _readable().get(name, False)]


@cache
def _readable() -> Mapping[str, bool]:
    return {row["word"]: row["readable"] == "yes" for row in Tables("alerts.rules").rows("formats", "word", "readable")}
