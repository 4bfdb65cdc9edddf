"""The verdict on a run: how far one reading may be trusted. It comes before every comparison.

Pure functions: the facts of the reading, the last trusted run and the policy give a verdict with its reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from types import MappingProxyType

from opendata_spiders.crawl.completeness import (
    as_full_as_ever,
    counts_rows,
    fuller,
    less_the_gone,
    measure_of,
    proven_by_total,
)
from opendata_spiders.crawl.field_loss import Fill, shape_of
from opendata_spiders.crawl.list_reader import ListFacts
from opendata_spiders.crawl.shared_host import IGNORED
from opendata_spiders.policy import CrawlPolicy
from opendata_spiders.store.models import ENDED_EARLY, Finding, LookResult, Measure, Run, Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, the sentence behind it, and what was odd."""

    verdict: Verdict
    reason: str
    total_trusted: bool = True
    measure: Measure | None = None
    """What later readings under the same wrong total are compared with; None where the total is trusted."""
    findings: tuple[Finding, ...] = ()
    look_decides: bool = False
    """Partial for now: the pages of the missing datasets may still show that they are gone."""
    lost: tuple[str, ...] = ()
    """Fields that the last trusted run filled and this one does not, sorted; a run that is not drifted is judged
    without them."""


def judge(  # noqa: PLR0913 -- all that a reading is judged by
    facts: ListFacts,
    fill: Fill,
    trusted: Run | None,
    policy: CrawlPolicy,
    *,
    look: Mapping[str, LookResult] = MappingProxyType({}),
    later: Sequence[Run] = (),
    tz: tzinfo = UTC,
    not_its_own: str = "",
    crashed: str = "",
) -> Judgement:
    """Grade one reading.

    `trusted` is the portal's last complete run, `later` are the runs since (in the order of their commits, their nights
    told apart in `tz`), `look` what the pages of missing ids answered (empty until they were requested), `not_its_own`
    says why the list is another portal's, `crashed` names an exception in our code.
    """
    if crashed:
        return Judgement(Verdict.FAILED, f"our own fault: {crashed}")
    if not facts.passes:
        return Judgement(Verdict.FAILED, "nothing was asked for: the run was stopped before its first page")
    unread = _nothing_read(facts) or _no_rows(facts) or _mostly_refused(facts)
    if unread:
        return unread
    if not_its_own:
        return Judgement(Verdict.DRIFTED, not_its_own, findings=(Finding(IGNORED, not_its_own),))
    shape = shape_of(fill, trusted, later, policy, tz)
    if not shape.accepted:
        return Judgement(Verdict.DRIFTED, "; ".join(shape.lost.values()), lost=tuple(sorted(shape.lost)))
    judged = _of_list(facts, trusted, look, policy)
    without = tuple(Finding("field.lost", said) for said in shape.lost.values())
    return replace(judged, lost=tuple(sorted(shape.lost)), findings=(*judged.findings, *without))


def _of_list(facts: ListFacts, trusted: Run | None, look: Mapping[str, LookResult], policy: CrawlPolicy) -> Judgement:
    """Grade the list by its length, once its rows can be trusted."""
    return (
        _holes(facts)
        or _whole(facts, trusted, policy)
        or _whole_but_for_the_total(facts, trusted, policy)
        or _found_gone(facts, trusted, look, policy)
        or _short(facts)
    )


def _nothing_read(facts: ListFacts) -> Judgement | None:
    """Grade a list of which no entry was read by the pages that failed.

    A page that was read and has none, such as that which names the parts of a list, says nothing for the others.
    """
    if facts.ids or facts.without_id or (facts.pages and not facts.last.errors):
        return None
    error = next(iter(facts.last.errors.values()), None)
    if error is None:
        return Judgement(Verdict.FAILED, "no page was read before the run was stopped")
    return Judgement(error.verdict, str(error))


def _no_rows(facts: ListFacts) -> Judgement | None:
    if facts.ids or facts.errors:
        return None
    if facts.without_id:
        return Judgement(Verdict.DRIFTED, f"{facts.without_id} entries, none of them with an id")
    if facts.declared == 0:
        return Judgement(Verdict.EMPTY, "the portal says 0 datasets and shows none")
    says = "prints no total" if facts.declared is None else f"says {facts.declared:,} datasets"
    return Judgement(Verdict.DRIFTED, f"the portal {says} and shows no entry")


def _mostly_refused(facts: ListFacts) -> Judgement | None:
    refused = [error for error in facts.errors.values() if error.verdict is Verdict.BLOCKED]
    if len(refused) <= facts.last.pages:
        return None
    return Judgement(Verdict.BLOCKED, f"{len(refused)} pages refused, {facts.last.pages} read: {refused[0]}")


def _holes(facts: ListFacts) -> Judgement | None:
    if not facts.errors and not facts.last.stopped:
        return None
    parts = [_of(facts)]
    if facts.errors:
        parts.append(f"pages not read: {_pages(sorted(facts.errors))} ({next(iter(facts.errors.values()))})")
    if facts.last.stopped:
        parts.append(facts.last.stopped)
    return Judgement(Verdict.PARTIAL, "; ".join(parts))


def _whole(facts: ListFacts, trusted: Run | None, policy: CrawlPolicy) -> Judgement | None:
    if not facts.last.ended or not facts.declared or len(facts.ids) < policy.complete_share * facts.declared:
        return None
    if proven_by_total(facts, trusted, measure_of(trusted) if trusted else None, policy):
        return Judgement(Verdict.COMPLETE, f"{_of(facts)}, every page read", findings=_mismatch(facts, policy))
    if not (facts.identical or _stable(facts, trusted)):
        return None  # a total below the list does not show what the list lost tonight …
    if trusted is not None and not as_full_as_ever(facts, trusted, measure_of(trusted), policy):
        return None  # … or since the trusted run
    return _under_wrong_total(facts, fuller(facts, trusted), "every page read", policy)


def _whole_but_for_the_total(facts: ListFacts, trusted: Run | None, policy: CrawlPolicy) -> Judgement | None:
    """The printed total is wrong: two identical passes replace it, if it was wrong in the same way before."""
    if not facts.last.ended or not (facts.identical or _stable(facts, trusted)):
        return None
    if trusted is not None and not (
        _no_measure(facts, trusted) and as_full_as_ever(facts, trusted, measure_of(trusted), policy)
    ):
        return None
    if trusted is None and (short := _first_is_short(facts, policy)):
        return short
    why = "the total is wrong, two identical readings stand in for it"
    return _under_wrong_total(facts, fuller(facts, trusted), why, policy)


def _first_is_short(facts: ListFacts, policy: CrawlPolicy) -> Judgement | None:
    """Partial for a short first reading: two readings cut off alike look complete, and no earlier one contradicts."""
    seen, declared = len(facts.ids), facts.declared
    without = facts.without_id // len(facts.passes)
    if without > (1 - policy.complete_share) * (seen + without) and seen + without >= (declared or 0):
        return _unproven(f"{_of(facts)}; {without:,} entries carry no id, and nothing can be said of them", facts)
    if declared and seen < policy.first_share * declared and not counts_rows(facts):
        return _unproven(f"{_of(facts)}; the list ended early twice, and no earlier reading says that it may", facts)
    return None


def _unproven(reason: str, facts: ListFacts) -> Judgement:
    """Partial until a person regrades it: a portal that really lists no more would stay partial every night."""
    return Judgement(Verdict.PARTIAL, reason, findings=(Finding(ENDED_EARLY, _of(facts)),))


def _found_gone(
    facts: ListFacts, trusted: Run | None, look: Mapping[str, LookResult], policy: CrawlPolicy
) -> Judgement | None:
    """The list is short and no total explains it: complete if the pages of all probed missing datasets are gone."""
    if trusted is None or not facts.identical or not facts.last.ended or not _no_measure(facts, trusted):
        return None
    if look and all(result is LookResult.GONE for result in look.values()):
        measure = less_the_gone(facts, trusted, look)
        if any(holds(facts, trusted, measure, policy) for holds in (as_full_as_ever, proven_by_total)):
            why = f"shorter than it was, and all {len(look)} that were looked for are gone"
            return _under_wrong_total(facts, measure, why, policy)
    short = replace(_short(facts), look_decides=not look)
    return replace(short, reason=f"{short.reason}, {measure_of(trusted).seen:,} at its fullest")


def _under_wrong_total(facts: ListFacts, measure: Measure, why: str, policy: CrawlPolicy) -> Judgement:
    return Judgement(
        Verdict.COMPLETE,
        f"{_of(facts)}; {why}",
        total_trusted=False,
        measure=measure,
        findings=_mismatch(facts, policy),
    )


def _no_measure(facts: ListFacts, trusted: Run) -> bool:
    """Whether the total cannot decide: missing, below the list, wrong in the last trusted run, or no farther off."""
    declared, seen, before = facts.declared, len(facts.ids), measure_of(trusted).declared
    if not declared or not before or declared < seen:
        return not declared or declared < seen
    return not trusted.total_trusted or declared - seen <= before - trusted.seen


def _stable(facts: ListFacts, trusted: Run | None) -> bool:
    """Whether one pass was enough: the reader stopped because the list is as it was in the last trusted run."""
    return trusted is not None and len(facts.passes) == 1 and len(facts.ids) >= trusted.seen


def _mismatch(facts: ListFacts, policy: CrawlPolicy) -> tuple[Finding, ...]:
    if facts.declared is None:
        return (Finding("list.no_total", "the portal prints no total"),)
    if abs(len(facts.ids) - facts.declared) <= policy.mismatch_share * facts.declared:
        return ()
    return (Finding("claim.mismatch", _of(facts)),)


def _short(facts: ListFacts) -> Judgement:
    if facts.last.ended and facts.identical:
        return _unproven(f"{_of(facts)}; the list ended early twice", facts)
    return Judgement(Verdict.PARTIAL, f"{_of(facts)}; the list did not hold still in {len(facts.passes)} readings")


def _of(facts: ListFacts) -> str:
    declared = "an undeclared number" if facts.declared is None else f"{facts.declared:,} declared"
    return f"{len(facts.ids):,} of {declared}"


def _pages(numbers: list[int]) -> str:
    """Page numbers as ranges: 3, 67–122."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in spans)
