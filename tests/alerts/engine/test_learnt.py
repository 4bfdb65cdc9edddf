"""What is counted and learnt night by night is what counting everything at once would say."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.model.policy import policy
from alerts.rules.coverage import SUBJECTS, subjects
from alerts.rules.dataset_changed import dropped_formats
from opendata_spiders.store.models import Verdict

IDS = [f"d{number}" for number in range(1, 13)]
TITLES = ["公交线路", "医院名录", "企业登记信息", "气温", "学校名录", "名单", ""]
rows = st.dictionaries(
    st.sampled_from(IDS),
    st.fixed_dictionaries(
        {"title": st.sampled_from(TITLES)},
        optional={
            "office": st.sampled_from(["交通局", "卫健委", None]),
            "detailed": st.booleans(),
            "updated": st.just("D"),
            "rows": st.sampled_from(["100", "500"]),
        },
    ),
    max_size=5,
)
night = st.fixed_dictionaries(
    {"verdict": st.sampled_from(["complete"] * 5 + ["partial", "drifted", "empty", "unreachable"])},
    optional={
        "set": rows,
        "hide": st.lists(st.sampled_from(IDS), max_size=4),
        "show": st.lists(st.sampled_from(IDS), max_size=4),
        "skip": st.lists(st.sampled_from(IDS), max_size=3),
        "epoch": st.just("e2"),
        "times": st.sampled_from([1, 2]),
    },
)
bounded = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@bounded
@given(rows, st.lists(night, max_size=10))
def test_the_coverage_of_a_year_is_that_of_its_last_run(tell: Any, first: dict[str, Any], nights: list[Any]) -> None:
    story = tell({"start": {"d1": {}, **first}, "nights": nights})
    memory, events = story.fold()
    last = [run for run in story.runs if run.verdict is Verdict.COMPLETE and run.manifest is not None][-1]
    entries = story.shelf.entries(last.manifest).values()
    contents = [story.shelf.known_versions[entry.version].content for entry in entries]
    counts = Counter(name for one in contents for name in subjects(one.get("title"), one.get("office")))
    assert memory.state.coverage.counts == dict(counts)
    assert set(memory.state.coverage.lacking) <= set(SUBJECTS)
    verdicts = {run.id: run.verdict for run in story.runs}
    assert all(verdicts[one.run] is Verdict.COMPLETE for one in events if one.kind.startswith("coverage."))


@bounded
@given(rows, st.lists(night, max_size=10))
def test_habits_are_of_days_that_were_watched(tell: Any, first: dict[str, Any], nights: list[Any]) -> None:
    story = tell({"start": {"d1": {}, **first}, "nights": nights})
    memory, events = story.fold()
    fakes = [one for one in events if one.kind == "dataset.fake_update"]
    assert len({one.id for one in fakes}) == len(fakes)
    for habit in memory.habits.values():
        assert list(habit.days) == sorted(set(habit.days))
        assert len(habit.days) <= policy().dataset_days_kept
        assert bool(habit.bare) is bool(habit.bare_since)
    if memory.habits:
        assert memory.state.learnt in {run.id for run in story.runs}


@given(st.lists(st.sampled_from(["CSV", "xlsx", "PDF", "doc", "JPG", "zip", "其他", "接口", ""])), st.text(max_size=9))
def test_what_is_dropped_was_there_and_is_gone(before: list[str], after: str) -> None:
    assert dropped_formats(before, before, "test") == []
    gone = dropped_formats(before, ["PDF"], "test")
    assert set(gone) <= {"csv", "xlsx", "api"}
    assert dropped_formats(before, ["PDF", "CSV"], "test") == []
    assert isinstance(dropped_formats(before, after, "test"), list)
