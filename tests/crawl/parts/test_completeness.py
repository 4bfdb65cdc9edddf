"""Lists under a wrong total, night after night: what dwindles is told, what is really gone is forgiven."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.crawl.completeness import measure_after
from opendata_spiders.crawl.field_loss import Fill
from opendata_spiders.crawl.verdict import judge
from opendata_spiders.policy import policy
from opendata_spiders.store.models import LookResult, Measure, Verdict
from tests.crawl.parts.test_verdict import TRUSTED, facts

COMPLETE, PARTIAL = Verdict.COMPLETE, Verdict.PARTIAL
SLACK = policy().same_wrong_share


def read(found, trusted, look=None):
    """The run that comes of a reading, as the recorder keeps it."""
    judged = judge(found, Fill(), trusted, policy(), look=look or {})
    return replace(
        TRUSTED, id="r2", verdict=judged.verdict, reason=judged.reason, declared=found.declared, seen=len(found.ids),
        rows=found.rows, passes=len(found.passes), total_trusted=judged.total_trusted, look=look or {}, fill={},
        measure=measure_after(judged.measure, look or {}, trusted),
    )  # fmt: skip


def first(seen, declared):
    """The first run, graded complete by a person where it shows too little of its total to be believed."""
    run = read(facts(seen, declared, passes=2), None)
    if run.verdict is PARTIAL:
        run = replace(run, verdict=COMPLETE, total_trusted=False, measure=Measure(seen, declared))
    return run


def nights(*readings):
    """Runs of readings (seen, declared) on nights one after the other, and the last one trusted."""
    trusted, runs = None, []
    for seen, declared in readings:
        run = first(seen, declared) if trusted is None else read(facts(seen, declared, passes=2), trusted)
        runs.append(run)
        trusted = run if run.verdict is COMPLETE else trusted
    return runs


def verdicts(*readings):
    return [run.verdict for run in nights(*readings)]


@pytest.mark.parametrize(
    ("readings", "last"),
    [
        ([(600, 1000), (590, 1000), (581, 1000)], COMPLETE),
        ([(600, 1000), (590, 1000), (579, 1000)], PARTIAL),
        ([(600, 1000), (591, 1000), (582, 1000), (573, 1000), (600, 1000)], COMPLETE),
        ([(600, 1000), (650, 1000), (640, 1000)], COMPLETE),
        ([(600, 1000), (650, 1000), (620, 1000)], PARTIAL),
        ([(1000, 1150), (800, 950)], COMPLETE),
        ([(1000, 1150), (2000, 2300)], COMPLETE),
        ([(1000, 1150), (1000, 1250)], PARTIAL),
        ([(1000, None), (985, None), (981, None)], COMPLETE),
        ([(1000, None), (985, None), (975, None)], PARTIAL),
        ([(1000, 1000), (985, None), (975, None)], PARTIAL),
        ([(600, 1000), (985, 1000), (970, 1000)], PARTIAL),
        ([(33, 0), (33, 0)], COMPLETE),
        ([(600, 1000), (600, 500), (600, 1000)], COMPLETE),
        ([(600, 1000), (620, 500), (620, 1020)], COMPLETE),
        ([(600, 1000), (570, 500)], PARTIAL),
        ([(600, 1000), (600, None), (600, 1000)], COMPLETE),
        ([(600, 1000), (600, None), (570, 1000)], PARTIAL),
        ([(600, None), (600, 500), (600, None)], COMPLETE),
        ([(600, None), (600, 900)], PARTIAL),
        ([(600, 500), (600, 900)], PARTIAL),
        ([(600, 600), (600, 500), (600, 600)], COMPLETE),
        ([(600, 600), (600, 500), (550, 500)], PARTIAL),
        ([(600, 500), (540, 450)], COMPLETE),
        ([(600, 500), (500, 500)], PARTIAL),
        ([(600, 500), (600, 600), (500, 500)], COMPLETE),
        ([(600, 500), (610, 610)], COMPLETE),
        ([(600, 500), (600, 520), (600, 500)], COMPLETE),
        ([(600, 500), (540, 500)], PARTIAL),
        ([(100, 102), (97, 99)], COMPLETE),
        ([(100, 102), (97, 100)], PARTIAL),
    ],
    ids=str,
)
def test_a_wrong_total_is_held_against_the_fullest_trusted_reading(readings, last):
    assert verdicts(*readings)[-1] is last


def test_the_measure_moves_up_and_never_down():
    runs = nights((600, 1000), (590, 1000), (640, 1000), (630, 1000))
    assert [run.measure for run in runs] == [Measure(600, 1000)] * 2 + [Measure(640, 1000)] * 2
    assert nights((600, 1000), (1000, 1000))[-1].measure is None


def test_an_older_run_without_a_measure_is_its_own():
    older = replace(TRUSTED, seen=60, total_trusted=False, fill={})
    assert read(facts(59, 100, passes=2), older).measure == Measure(60, 100)
    assert read(facts(57, 100, passes=2), older).verdict is PARTIAL


@given(
    st.integers(50, 900), st.integers(1000, 3000), st.lists(st.floats(0.0, 0.0199), min_size=1, max_size=60),
    st.booleans(),
)  # fmt: skip
def test_however_slowly_a_list_dwindles_no_trusted_reading_is_far_below_the_fullest(size, total, losses, printed):
    declared, seen, readings = total if printed else None, size, [size]
    for loss in losses:
        seen = int(seen * (1 - loss))
        readings.append(seen)
    runs = nights(*((seen, declared) for seen in readings if seen))
    floor = size - SLACK * total if printed else policy().complete_share * size
    assert all(run.seen >= floor for run in runs if run.verdict is COMPLETE)
    assert all(run.verdict is COMPLETE for run in runs if run.seen >= floor)


@given(st.lists(st.tuples(st.integers(1, 900), st.integers(1000, 1100)), min_size=2, max_size=12))
def test_a_list_that_shows_as_much_as_ever_is_never_called_short(readings):
    fullest = max(seen for seen, _ in readings)
    least = min(declared for _, declared in readings)
    assert verdicts(*readings, (fullest, least))[-1] is COMPLETE


@given(st.integers(100, 900), st.integers(1, 200), st.lists(st.integers(-20, 40), max_size=20))
def test_a_total_that_stays_as_far_off_while_the_catalogue_lives_is_believed(size, distance, steps):
    sizes = [size]
    for step in steps:
        sizes.append(max(60, sizes[-1] + step))
    assert set(verdicts(*((seen, seen + distance) for seen in sizes))) == {COMPLETE}


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.integers(300, 600))
def test_a_total_that_counts_doubled_rows_is_right_when_so_many_rows_were_read(doubled, size):
    trusted = None
    for extra in doubled:
        found = facts(size, size + extra * 3, passes=2)
        for one in found.passes:
            one.rows = size + extra * 3
        trusted = read(found, trusted if trusted and not trusted.total_trusted else None)
        assert trusted.verdict is COMPLETE


def gone(*places):
    return {f"d{place}": LookResult.GONE for place in places}


def test_what_is_found_gone_lowers_the_measure_once():
    runs = [first(600, 1000)]
    for seen, look in ((590, gone(*range(590, 600))), (590, gone(*range(590, 600))), (590, {})):
        runs.append(read(facts(seen, 1000, passes=2), runs[-1], look))
    assert [run.measure.seen for run in runs] == [600, 590, 590, 590]
    assert read(facts(571, 1000, passes=2), runs[-1]).verdict is COMPLETE


@pytest.mark.parametrize("found", [LookResult.OPEN, LookResult.UNKNOWN])
def test_what_opens_or_cannot_be_looked_at_is_not_gone(found):
    run = read(facts(590, 1000, passes=2), first(600, 1000), {f"d{place}": found for place in range(590, 600)})
    assert run.measure == Measure(600, 1000)


@pytest.mark.parametrize(
    ("total_before", "seen", "declared", "looks", "expected"),
    [
        (1000, 560, 1000, [LookResult.GONE] * 40, COMPLETE),
        (1000, 560, 1000, [LookResult.GONE] * 39 + [LookResult.UNKNOWN], PARTIAL),
        (1000, 560, 1000, [LookResult.OPEN] * 40, PARTIAL),
        (1000, 200, 1000, [LookResult.GONE] * 30, COMPLETE),
        (None, 300, None, [LookResult.GONE] * 30, COMPLETE),
        (None, 300, None, [LookResult.UNKNOWN] * 30, PARTIAL),
        (600, 560, 600, [LookResult.GONE] * 40, PARTIAL),
        (500, 560, 500, [LookResult.GONE] * 40, COMPLETE),
        (500, 560, 500, [LookResult.OPEN] * 40, PARTIAL),
        (500, 595, 590, [], COMPLETE),
        (500, 560, 560, [LookResult.GONE] * 40, COMPLETE),
        (500, 560, 560, [LookResult.GONE] * 39 + [LookResult.OPEN], PARTIAL),
        (500, 540, 450, [], COMPLETE),
    ],
)  # fmt: skip
def test_where_no_total_can_tell_the_look_decides(total_before, seen, declared, looks, expected):
    trusted = first(600, total_before)
    look = {f"d{599 - place}": result for place, result in enumerate(looks)}
    found = facts(seen, declared, passes=2)
    judged = judge(found, Fill(), trusted, policy())
    assert judged.look_decides is (judged.verdict is PARTIAL and seen < 600 and trusted.declared != 600)
    run = read(found, trusted, look)
    assert run.verdict is expected
    assert run.measure is None or run.verdict is COMPLETE


def test_a_few_that_are_gone_do_not_excuse_many_that_dwindled():
    trusted = first(600, 1000)
    dwindled = read(facts(581, 1000, passes=2), trusted, {f"d{place}": LookResult.OPEN for place in range(581, 600)})
    assert dwindled.verdict is COMPLETE
    assert read(facts(570, 1000, passes=2), dwindled, gone(579, 580)).verdict is COMPLETE
    short = replace(dwindled, seen=575)
    assert read(facts(570, 1000, passes=2), short, gone(571, 572)).verdict is PARTIAL


@given(st.integers(2, 12), st.integers(1, 40))
def test_a_city_that_takes_down_some_every_night_stays_readable_where_somebody_can_look(nights_, a_night):
    """The total is wrong and never moves; every page that leaves the list answers that it is gone."""
    seen, missing, run = 600, (), first(600, 1000)
    for _ in range(nights_):
        left = tuple(range(seen - a_night, seen))
        seen -= a_night
        run = read(facts(seen, 1000, passes=2), run, gone(*missing, *left))
        missing = left
        assert run.verdict is COMPLETE
        assert run.measure.seen == seen
