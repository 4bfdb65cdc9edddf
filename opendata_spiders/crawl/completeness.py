"""Whether a list is complete where its printed total is wrong: judged by the fullest trusted reading under that total.

Pure functions. If each list were compared with the previous one only, a list shrinking a little each night would always
count as complete.
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

    If the total used to be below the list, a list that lost rows while paging may equal it by chance.
    """
    declared, seen = facts.declared, len(facts.ids)
    if declared is None or policy.complete_share * max(declared, seen) > min(declared, seen):
        return False
    if trusted is None or trusted.total_trusted or measure is None or measure.declared is None:
        return True
    return measure.declared >= measure.seen or seen >= policy.complete_share * measure.seen


def as_full_as_ever(facts: ListFacts, trusted: Run, measure: Measure, policy: CrawlPolicy) -> bool:
    """Whether the list is as long as the measure lets expect, where the total is missing or as wrong as before."""
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
    """Datasets expected under this total: by the measure's ratio to its total or by its difference, the smaller number.

    If the excess is proportional (interfaces counted), the ratio holds; if it is fixed (150 dead entries), the
    difference. Under a total below the list no more is expected than the measure has.
    """
    if not declared or not measure.declared or not _same_way(measure, seen, declared):
        return measure.seen
    due = min(declared * measure.seen / measure.declared, declared - (measure.declared - measure.seen))
    return min(due, measure.seen) if declared < seen else due


def _same_way(measure: Measure, seen: int, declared: int) -> bool:
    """False if the total is below the list now and was not in the measure: it is then wrong in another way."""
    return declared >= seen or (measure.declared or 0) < measure.seen


def fuller(facts: ListFacts, trusted: Run | None) -> Measure:
    """The measure after this reading: this reading or the earlier measure, whichever is fuller.

    If the total is missing, or wrong in another way than before, the measure only grows by the datasets added.
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
    """The measure without the datasets removed since the trusted run, for a run in which every probed dataset is gone.

    Of many missing datasets only a sample is probed; the difference of the two list lengths then counts them.
    """
    lost = max(_newly_gone(look, trusted), trusted.seen - len(facts.ids))
    return _less(measure_of(trusted), lost)


def measure_after(measure: Measure | None, look: Mapping[str, LookResult], trusted: Run | None) -> Measure | None:
    """The measure to be stored, without the datasets found gone: a list that is shorter by them is still complete."""
    if measure is None or trusted is None or measure != measure_of(trusted):
        return measure
    return _less(measure, _newly_gone(look, trusted))


def _newly_gone(look: Mapping[str, LookResult], trusted: Run) -> int:
    """Count datasets found gone in the first run that misses them; each is probed again in the next run."""
    return sum(result is LookResult.GONE and id_ not in trusted.look for id_, result in look.items())


def _less(measure: Measure, lost: int) -> Measure:
    return Measure(max(0, measure.seen - lost), measure.declared)
