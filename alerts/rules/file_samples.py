"""Dates that move while the content of every file stays: seen with our own eyes, so no inference."""

from dataclasses import replace
from datetime import datetime

from alerts.comparison.event_builder import Draft
from alerts.comparison.file_context import Looks, RoundStep, file_draft
from alerts.model.file_states import Bundle, Stretch
from alerts.rules.fake_updates import is_quick


def tell_faked(bundle: Bundle, looks: Looks, step: RoundStep) -> tuple[Bundle, list[Draft]]:
    """Take in a sample of all files, if it is one; told when the date moved often enough beside the same content."""
    hashes = hashes_of(looks)
    if hashes is None:
        return bundle, []
    known = bundle.stretch
    if known is None or known.hashes != hashes:
        begun = Stretch(hashes, step.round.id, step.round.at, before=_claimed(bundle, step))
        return replace(bundle, stretch=begun), []
    after = _lengthened(known, bundle, step)
    told = len(known.advances) < step.policy.fake_advances <= len(after.advances)
    return replace(bundle, stretch=after), [_draft(bundle, after, step)] if told else []


def hashes_of(looks: Looks) -> dict[str, str] | None:
    """The content of all files by hash; None unless all of them were read whole."""
    if not looks.whole or not all(check.content_hash for check in looks.files.values()):
        return None
    return {name: check.content_hash for name, check in looks.files.items()}


def _claimed(bundle: Bundle, step: RoundStep) -> datetime | None:
    entry = step.view.entries.get(bundle.dataset)
    return step.view.lens.claimed(entry.clocks) if entry else None


def _lengthened(known: Stretch, bundle: Bundle, step: RoundStep) -> Stretch:
    claimed = _claimed(bundle, step)
    longer = replace(known, samples=known.samples + 1)
    if claimed is None or not _is_between(claimed, known, step) or _is_quick(bundle, step):
        return longer
    return replace(longer, advances=(*known.advances, claimed))


def _is_between(claimed: datetime, known: Stretch, step: RoundStep) -> bool:
    """Whether the claimed day lies after the first sample's and before this one's, and after those that were claimed.

    So the content was the same before and after that day, however late we have read the date.
    """
    day = step.view.lens.day
    earlier = max(map(day, (known.at, *known.advances)))
    return earlier < day(claimed) < day(step.round.at)


def _is_quick(bundle: Bundle, step: RoundStep) -> bool:
    return is_quick(step.view.entries[bundle.dataset], step.view.lens, step.policy)


def _draft(bundle: Bundle, stretch: Stretch, step: RoundStep) -> Draft:
    evidence = {
        "advances": len(stretch.advances),
        "claimed_before": stretch.before,
        "claimed_after": stretch.advances[-1],
        "samples": stretch.samples,
        "hashes": [f"{name} {one}" for name, one in sorted(stretch.hashes.items())],
        "rounds": [stretch.round, step.round.id],
    }
    return file_draft("dataset.fake_update", bundle, evidence, episode=stretch.round, since=stretch.advances[-1])
