"""Dates counted from what differs are those of the whole catalogue, and are asked what walking through it would say."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import bson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.comparison.context import RunContext
from alerts.comparison.dating import count_standings, dates_listed, newest_on, turned_between
from alerts.comparison.run_view import Lens, RunView
from alerts.model.catalogue_dates import CatalogueDates, dates_document, dates_of, ticks
from alerts.model.memory import Memory
from alerts.model.policy import policy
from alerts.model.states import PortalState
from opendata_spiders.normalise import JUDGED
from opendata_spiders.store.models import Entry, Run, Verdict

IDS = [f"d{number}" for number in range(1, 16)]
DATES = ["D", "D+1", "D+2", "D+40", "D-29", "2025-12-01 23:30:00", "D-44", "D-60", "D-730", "D-731", "2025-10-31 08:00:00",
         "2025-10-30 21:00:00", "2099-01-01", "1999-01-01", "待定", "3天前", ""]  # fmt: skip
WORDS = ["每月", "每周", "每季度", "每年", "实时", "不定期", "无", "", None]
rows = st.dictionaries(
    st.sampled_from(IDS),
    st.fixed_dictionaries(
        {},
        optional={
            "updated": st.sampled_from(DATES),
            "data_updated": st.sampled_from(DATES),
            "published": st.sampled_from(DATES),
            "frequency": st.sampled_from(WORDS),
            "detailed": st.booleans(),
        },
    ),
    max_size=8,
)
some = st.lists(st.sampled_from(IDS), max_size=5, unique=True)
night = st.fixed_dictionaries(
    {"verdict": st.sampled_from(["complete"] * 4 + ["partial", "drifted", "blocked", "empty"])},
    optional={
        "set": rows,
        "hide": some,
        "show": some,
        "skip": some,
        "times": st.sampled_from([1, 2, 31]),
        "epoch": st.just("e2"),
        "lost": st.just(["updated"]),
    },
)
bounded = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def counted(story: Any, run: Run) -> tuple[CatalogueDates, RunContext]:
    """The dates of all that a run lists, and how they are read."""
    view = RunView(run, story.shelf)
    step = RunContext(Memory(PortalState(run.portal, "")), view, view.lens, policy())
    return dates_listed(step), step


@bounded
@given(rows, st.lists(night, min_size=1, max_size=8))
def test_what_is_counted_night_by_night_is_the_whole_catalogue(tell: Any, first: dict[str, Any], nights: Any) -> None:
    story = tell({"start": {"d1..d5": {}, **first}, "nights": nights})
    memory = Memory(PortalState(story.runs[0].portal, ""))
    for run in story.runs:
        memory = story.fold_one(memory, run).memory
        known = story.shelf.entries(memory.state.known)
        assert not memory.datasets.keys() & known.keys(), "a dataset is known as listed and as missing at once"
        assert dates_of(bson.decode(bson.encode(dates_document("p", memory.dates)))) == memory.dates
        if run.verdict is Verdict.COMPLETE and run.manifest:
            assert memory.dates == counted(story, run)[0]
            assert memory.dates.datasets == len(known)


@given(
    st.lists(st.tuples(st.sampled_from(DATES), st.sampled_from(WORDS)), max_size=40),
    st.integers(0, 800),
    st.integers(0, 40),
)
def test_it_is_asked_what_walking_through_it_would_say(tell: Any, listed: Any, day: int, days: int) -> None:
    start = {f"d{number}": {"updated": at, "frequency": word} for number, (at, word) in enumerate(listed)} or {"d0": {}}
    story = tell({"start": start, "nights": [{"day": day}]})
    run = story.runs[-1]
    entries, since, (dates, step) = (
        story.shelf.entries(run.manifest),
        run.at - timedelta(days=days),
        counted(story, run),
    )
    lens = step.lens
    for at in (since, run.at):
        assert +count_standings(dates, at, step) == Counter(lens.standing(one, at) for one in entries.values())
    turned = turned_between(dates, since, run.at, step)
    assert turned == {name: entries[name] for name in later(entries, lens, since, run.at)}
    claimed = {name: at for name, one in entries.items() if (at := lens.claimed(one.clocks))}
    assert dates.days == {lens.day(at).isoformat() for at in claimed.values()}
    for day in dates.days:
        latest = max((ticks(at), name) for name, at in claimed.items() if lens.day(at).isoformat() == day)
        assert newest_on(day, dates, step) == newest_on(day, replace(dates, newest=None), step) == latest


def later(entries: dict[str, Entry], lens: Lens, since: datetime, until: datetime) -> set[str]:
    stands = {name: (lens.standing(one, since), lens.standing(one, until)) for name, one in entries.items()}
    return {name for name, pair in stands.items() if pair[0] != pair[1] and pair[1] in JUDGED}


def test_a_month_from_the_last_days_of_january_ends_on_one_day(tell: Any) -> None:
    """The limits of one day do not lie in the order of the dates before it."""
    days = {"a": "2025-01-30 22:00:00", "b": "2025-01-31 01:00:00"}
    story = tell({"start": {name: {"updated": at, "frequency": "每月"} for name, at in days.items()}, "nights": []})
    dates, step = counted(story, story.runs[0])
    lens = step.lens
    noon = lens.start_of(date(2025, 2, 28)) + timedelta(hours=12)
    assert turned_between(dates, noon - timedelta(days=1), noon, step).keys() == {"b"}
    assert turned_between(dates, noon, noon + timedelta(days=1), step).keys() == {"a"}
    assert {one: many for one, many in count_standings(dates, noon, step).items() if many} == {
        JUDGED[0]: 1,
        JUDGED[1]: 1,
    }
