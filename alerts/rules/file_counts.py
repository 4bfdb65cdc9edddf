"""Datasets whose tables lost or gained a large part of their rows, by our own count."""

from dataclasses import replace

from alerts.comparison.event_builder import Draft
from alerts.comparison.file_context import Looks, RoundStep, file_draft
from alerts.model.file_states import Bundle, Count
from alerts.rules.printed_counts import size_kind
from opendata_spiders.store.file_checks import FileOutcome


def tell_counts(bundle: Bundle, looks: Looks, step: RoundStep) -> tuple[Bundle, list[Draft]]:
    """Take in the rows; told when a look on another day counts as few or as many."""
    count, known = _counted(looks, step), bundle.count
    if count is None or (known and not _comparable(known, looks)):
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
    return replace(bundle, count=count, recount=None), [_draft(kind, bundle, known, first, count, step)]


def _counted(looks: Looks, step: RoundStep) -> Count | None:
    rows = {
        name: check.rows
        for name, check in looks.files.items()
        if check.outcome is FileOutcome.OK and check.rows is not None
    }
    return Count(sum(rows.values()), tuple(sorted(rows)), step.round.id, step.round.at) if rows else None


def _comparable(known: Count, looks: Looks) -> bool:
    """Whether no table that was counted is listed and was not counted this time."""
    listed = [looks.files[name] for name in known.files if name in looks.files]
    missing = [name for name in known.files if name not in looks.files]
    counted = all(one.outcome is FileOutcome.OK and one.rows is not None for one in listed)
    return counted and (not missing or looks.listed)


def _draft(  # noqa: PLR0913, PLR0917 -- three counts and what they are of
    kind: str, bundle: Bundle, known: Count, first: Count, count: Count, step: RoundStep
) -> Draft:
    evidence = {
        "before": known.rows,
        "after": count.rows,
        "counted": True,
        "files": [bundle.files[name].name or name for name in count.files],
        "file_ids": list(count.files),
        "rounds": [known.round, first.round, step.round.id],
    }
    return file_draft(kind, bundle, evidence, episode=first.round, since=first.at)
