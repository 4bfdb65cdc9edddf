"""Datasets that lost or gained a large part of their rows: `dataset.shrunk`, `dataset.grew`.

Reported by the number of rows that the portal prints in its metadata. For datasets whose files are checked: by the
number that the portal shows with the table, else by our own count, on two different days. Not reported: small tables, a
change of the numbers of the whole catalogue, and tables of which another set of files was counted.
"""

from collections.abc import Iterable
from dataclasses import replace

from alerts.comparison.context import RunContext
from alerts.comparison.event_builder import Draft
from alerts.comparison.file_context import Looks, RoundStep, file_draft
from alerts.model.file_states import Bundle, Count
from alerts.model.policy import EventPolicy
from alerts.rules.dataset_changed import Change, dataset_draft
from opendata_spiders.store.file_checks import PREVIEW, FileOutcome

_ROWS = "rows"


def draft_printed_rows(changes: Iterable[Change], step: RunContext) -> list[Draft]:
    """One event for each dataset that shrank or grew; none if so many change that the portal counts in another way.

    Datasets whose files are counted by us are left out: for those `draft_counted_rows` decides.
    """
    rows = [(change, *change.measures[_ROWS]) for change in changes if _ROWS in change.measures]
    moved = [(*one, kind) for one in rows if (kind := size_kind(one[1], one[2], step.policy))]
    if len(moved) >= step.policy.mass_limit(step.state.size):
        return []
    counted = step.view.samples.counted([change.dataset for change, *_ in moved], *step.lately)
    return [
        dataset_draft(kind, change, {"before": before, "after": after, "runs": step.runs}, since=step.run.at)
        for change, before, after, kind in moved
        if change.dataset not in counted
    ]


def size_kind(before: int | None, after: int | None, policy: EventPolicy) -> str:
    """`dataset.shrunk`, `dataset.grew`, or empty for a change that is too small."""
    if before is None or after is None or before < policy.size_floor:
        return ""
    if after <= (1 - policy.shrunk_share) * before:
        return "dataset.shrunk"
    return "dataset.grew" if after >= policy.grown_factor * before else ""


def draft_counted_rows(bundle: Bundle, looks: Looks, step: RoundStep) -> tuple[Bundle, list[Draft]]:
    """Add the row count; an event when a check on another day finds as few or as many rows."""
    known = bundle.count
    count = _counted(known, looks, step)
    # Not comparable if a table that was counted before is still listed and was not counted this time.
    missing = set(known.files).difference(count.files) if known and count else set()
    if count is None or missing & looks.checks.keys() or (missing and not looks.listed):
        return bundle, []
    if known is None or set(known.files) != set(count.files):
        return replace(bundle, count=count, recount=None), []
    kind = size_kind(known.rows, count.rows, step.policy)
    first = bundle.recount
    if not kind:
        return replace(bundle, count=count, recount=None), []
    if first is None or size_kind(known.rows, first.rows, step.policy) != kind:
        return replace(bundle, recount=count), []
    if not step.another_day(first.at):
        return bundle, []
    evidence = {
        "before": known.rows,
        "after": count.rows,
        "counted": count.files != (PREVIEW,),
        "files": [bundle.files[name].name or name for name in count.files],
        "file_ids": list(count.files),
        "rounds": [known.round, first.round, step.round.id],
    }
    draft = file_draft(kind, bundle, evidence, episode=first.round, since=first.at)
    return replace(bundle, count=count, recount=None), [draft]


def _counted(known: Count | None, looks: Looks, step: RoundStep) -> Count | None:
    """The row count that the portal shows with the table, else that of its files; None without either.

    Files may be cut at the portal's own limit and hold the same table in several formats, so their count differs. If
    the number was shown before and is not this time, nothing is counted.
    """
    shown = known is not None and known.files == (PREVIEW,)
    tables = {PREVIEW: looks.preview} if looks.preview and (looks.preview.rows is not None or shown) else looks.files
    rows = {
        name: check.rows for name, check in tables.items() if check.outcome is FileOutcome.OK and check.rows is not None
    }
    return Count(sum(rows.values()), tuple(sorted(rows)), step.round.id, step.round.at) if rows else None
