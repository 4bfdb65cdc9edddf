"""Every rule against two kinds of small stories: what it must state, and what it must not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.health.rules import KINDS
from alerts.model.events import Event
from alerts.model.kinds import kinds
from alerts.records.queries import RETRACTED

CASES = Path(__file__).parents[2] / "diffs"
FOLDERS = sorted(folder for folder in CASES.iterdir() if folder.is_dir())


def rule_of(folder: Path) -> tuple[str, str]:
    """`truepos-dataset.removed-gone` is about dataset.removed."""
    verdict, kind, *_ = folder.name.split("-")
    return verdict, kind


BESIDE = KINDS | {RETRACTED}
"""Stated by the watch's own health and by corrections, whose tests have pairs of their own."""


@pytest.mark.parametrize("kind", [kind.name for kind in kinds().values() if kind.is_stated and kind.name not in BESIDE])
@pytest.mark.parametrize("verdict", ["truepos", "falsepos"])
def test_every_stated_rule_has_a_case(kind: str, verdict: str) -> None:
    assert any(rule_of(folder) == (verdict, kind) for folder in FOLDERS), f"tests/diffs/{verdict}-{kind}-… is missing"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_case(folder: Path, tell: Any) -> None:
    verdict, kind = rule_of(folder)
    told = yaml.safe_load((folder / "case.yaml").read_text("utf-8"))
    story = tell(told)
    memory, events = story.fold()
    events = sorted([*events, *story.fold_files()[1], *story.fold_terms()], key=lambda event: event.at)
    beside = set(told.get("beside", ()))
    shown = [event for event in events if event.kind not in beside]
    expected = [wanted(line) for line in told.get("expect", ())]
    assert [brief(event, story) for event in shown] == [one["brief"] for one in expected]
    for event, one in zip(shown, expected, strict=True):
        assert_fits(event, one)
    assert (kind in {event.kind for event in shown}) == (verdict == "truepos"), "the folder's name and its case differ"
    if "state" in told:
        assert str(story.shown(memory).state) == told["state"]


def test_cases_are_about_known_kinds() -> None:
    assert all(rule_of(folder)[1] in kinds() for folder in FOLDERS)
    assert all(rule_of(folder)[0] in ("truepos", "falsepos") for folder in FOLDERS)


def wanted(line: str | Mapping[str, Any]) -> dict[str, Any]:
    """`3 dataset.removed b`, or a mapping with the same text under `event` and more to check."""
    more = {} if isinstance(line, str) else dict(line)
    return {"brief": line if isinstance(line, str) else more.pop("event"), **more}


def brief(event: Event, story: Any) -> str:
    return " ".join(filter(None, (str(story.day(event)), event.kind, event.dataset)))


def assert_fits(event: Event, one: Mapping[str, Any]) -> None:
    for name in ("confidence", "severity", "title", "office"):
        if name in one:
            assert getattr(event, name) == one[name]
    for name, value in one.get("evidence", {}).items():
        assert event.evidence[name] == value, name
    assert set(event.evidence) <= set(kinds()[event.kind].evidence), "evidence that kinds.csv does not list"
    assert event.rule == kinds()[event.kind].rule
