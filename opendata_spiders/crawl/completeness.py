"""Whether a list is complete where its printed total is wrong: judged by the fullest trusted reading under that total.

Pure. Held against the last reading instead, a list could dwindle by a little every night and be believed to the end.
"""

from collections.abc import Mapping

from opendata_spiders.crawl.list_reader import ListFacts
from opendata_spiders.policy import CrawlPolicy
from opendata_spiders.store.models import LookResult, Measure, Run


def measure_of(run: Run) -> Measure:
    """The measure by which readings after this trusted run are judged."""
    return run.measure or Measure(run.seen, run.declared)


def proven_by_total(facts: ListFacts, trusted: Run | None, measure: Measure | None, policy: CrawlPolicy) -> bool:
    """Whether the printed total is the number of datasets read, within `complete_share`.

    A total that was below the list may be met by a shorter list by chance: paging has lost as many rows.
    """
    declared, seen = facts.declared, len(facts.ids)
    if declared is None or policy.complete_share * max(declared, seen) > min(declared, seen):
        return False
    if trusted is None or trusted.total_trusted or measure is None or measure.declared is None:
        return True
    return measure.declared >= measure.seen or seen >= policy.complete_share * measure.seen


def as_full_as_ever(facts: ListFacts, trusted: Run, measure: Measure, policy: CrawlPolicy) -> bool:
    """Whether the list shows what a total that is wrong in the same way, or no total, allows for."""
    seen = len(facts.ids)
    if facts.declared is None or (not facts.declared and not measure.declared):
        return seen >= policy.complete_share * measure.seen
    if not facts.declared:
        return False
    if counts_rows(facts) and trusted.rows == (trusted.declared or 0) * trusted.passes:
        return True
    return seen >= _due(measure, seen, facts.declared) - policy.same_wrong_share * facts.declared


def counts_rows(facts: ListFacts) -> bool:
    """Whether the total counts repeated rows too: as many rows were read, so none is missing from the list."""
    return facts.declared == facts.last.rows


def _due(measure: Measure, seen: int, declared: int | None) -> float:
    """Datasets that the total allows for: the same share of it as in the measure, or as many short of it.

    A portal that counts interfaces too keeps its share, one that counts 150 dead entries keeps its distance. A total
    below the list proves no more than what was seen before.
    """
    if not declared or not measure.declared or not _same_way(measure, seen, declared):
        return measure.seen
    due = min(declared * measure.seen / measure.declared, declared - (measure.declared - measure.seen))
    return min(due, measure.seen) if declared < seen else due


def _same_way(measure: Measure, seen: int, declared: int) -> bool:
    """A total above the list one night and below it another is wrong in two ways."""
    return declared >= seen or (measure.declared or 0) < measure.seen


def fuller(facts: ListFacts, trusted: Run | None) -> Measure:
    """The measure after this reading: this reading or the earlier measure, whichever is fuller.

    A total that is wrong in another way, or missing, for a night leaves the measure as it is, but for what was added.
    """
    seen, declared = len(facts.ids), facts.declared
    if trusted is None or counts_rows(facts):
        return Measure(seen, declared)
    before = measure_of(trusted)
    if before.declared and not (declared and _same_way(before, seen, declared)):
        added = max(0, seen - before.seen)
        return Measure(before.seen + added, before.declared + added)
    return Measure(seen, declared) if seen >= _due(before, seen, declared) else before


def less_the_gone(facts: ListFacts, trusted: Run, look: Mapping[str, LookResult]) -> Measure:
    """The measure without the datasets lost since the trusted run, where every dataset looked for is gone.

    Of many missing datasets only a sample is looked for; then the two lengths tell how many are missing.
    """
    lost = max(_newly_gone(look, trusted), trusted.seen - len(facts.ids))
    return _less(measure_of(trusted), lost)


def measure_after(measure: Measure | None, look: Mapping[str, LookResult], trusted: Run | None) -> Measure | None:
    """The measure to be stored, without the datasets found gone: a list that is shorter by them is still complete."""
    if measure is None or trusted is None or measure != measure_of(trusted):
        return measure
    return _less(measure, _newly_gone(look, trusted))


def _newly_gone(look: Mapping[str, LookResult], trusted: Run) -> int:
    """A dataset is looked at in the first run that misses it and in the next one: it is counted in the first."""
    return sum(result is LookResult.GONE and id_ not in trusted.look for id_, result in look.items())


def _less(measure: Measure, lost: int) -> Measure:
    return Measure(max(0, measure.seen - lost), measure.declared)
