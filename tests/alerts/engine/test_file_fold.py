"""Properties of the fold of rounds: at once, one by one or from what the database keeps, it says the same."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.model.events import Event
from alerts.model.file_states import FileMemory, memory_document, memory_of
from opendata_spiders.store.file_checks import FileOutcome

FILES = ["a/1", "a/2", "a/3", "b/1", "b/", "c/1"]
HEADERS = [
    [],
    ["名称", "地址"],
    ["地址", "名称"],
    ["名称", "地址", "电话"],
    ["名称", "网址"],
    ["1", "贵阳"],
    ["名称", "名称"],
]
shown = st.one_of(
    st.sampled_from(["ok", "gone"]),
    st.fixed_dictionaries({"why": st.sampled_from(["not_found", "server_error"])}),
    st.fixed_dictionaries(
        {},
        optional={
            "columns": st.sampled_from(HEADERS),
            "rows": st.sampled_from([None, 0, 120, 60, 900]),
            "name": st.sampled_from(["名录20260101.csv", "名录20260201.csv", "说明.docx"]),
            "content": st.sampled_from([1, 2]),
        },
    ),
)
night = st.fixed_dictionaries(
    {},
    optional={
        "files": st.dictionaries(st.sampled_from(FILES), shown, max_size=4),
        "unseen": st.dictionaries(st.sampled_from(FILES), st.sampled_from(["budget", "stopped"]), max_size=2),
        "set": st.dictionaries(st.sampled_from(["a", "b"]), st.just({"updated": "D-1"}), max_size=2),
        "times": st.sampled_from([1, 2, 3]),
        "hour": st.just(20),
        "look_at_files": st.booleans(),
        "verdict": st.sampled_from(["complete", "unreachable"]),
    },
)
nights = st.lists(night, min_size=1, max_size=14)
bounded = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def told(nights: list[dict[str, Any]]) -> dict[str, Any]:
    files = {name: {"rows": 200, "columns": ["名称", "地址"]} for name in FILES if name != "b/"}
    return {"start": {"a": {}, "b": {}, "c": {}}, "files": files, "nights": nights}


def kept(memory: FileMemory) -> FileMemory:
    """What is left of a memory after the database."""
    return memory_of(memory.portal, memory_document(memory))


@bounded
@given(nights)
def test_one_by_one_through_the_database_is_as_all_at_once(tell: Any, nights: list[dict[str, Any]]) -> None:
    story = tell(told(nights))
    memory, events = story.fold_files()
    stepwise, again = FileMemory(memory.portal), list[Event]()
    for looked in story.rounds:
        folded = story.fold_round(stepwise, looked)
        stepwise, again = kept(folded.memory), [*again, *folded.events]
    assert (stepwise, again) == (memory, events)
    assert story.fold_files(memory) == (memory, [])
    assert len({event.id for event in events}) == len(events)


@bounded
@given(nights)
def test_nothing_is_said_without_a_look_that_says_it(tell: Any, nights: list[dict[str, Any]]) -> None:
    story = tell(told(nights))
    looks = {looked.id: looked for looked in story.rounds}
    for event in story.fold_files()[1]:
        mine = [one for one in looks[event.run].checks if event.dataset in (None, one.dataset)]
        assert any(one.outcome is not FileOutcome.UNSEEN for one in mine)
        assert event.run == event.evidence["rounds"][-1]
        assert set(event.evidence["rounds"]) <= looks.keys()


@bounded
@given(nights)
def test_broken_and_whole_alternate(tell: Any, nights: list[dict[str, Any]]) -> None:
    """No file is whole again that was not broken, and none is broken twice without having been whole."""
    stands: Counter[str] = Counter()
    for event in tell(told(nights)).fold_files()[1]:
        if event.kind in ("platform.files_down", "platform.files_up"):
            stands["host"] += 1 if event.kind == "platform.files_down" else -1
        if event.kind in ("resource.broken", "resource.fixed"):
            stands[str(event.dataset)] += 1 if event.kind == "resource.broken" else -1
        assert stands["host"] in (0, 1)
        assert all(count >= 0 for count in stands.values())


@bounded
@given(nights, st.integers(0, 40))
def test_rounds_in_which_nothing_was_looked_at_change_nothing(
    tell: Any, nights: list[dict[str, Any]], place: int
) -> None:
    """What falls between two looks is not observed: the same events, whatever was not looked at."""
    nights = [{key: value for key, value in one.items() if key not in ("verdict", "hour")} for one in nights]
    blind = {"look_at_files": True, "unseen": dict.fromkeys(FILES, "budget"), "hour": 22}
    disturbed = [*nights[:place], blind, *nights[place:]]
    plain, other = tell(told(nights)), tell(told(disturbed))
    assert said(plain.fold_files()[1]) == said(other.fold_files()[1])


def said(events: list[Event]) -> list[tuple[Any, ...]]:
    return [(one.kind, one.dataset, one.evidence.get("file"), one.at) for one in events]
