"""Every rule against two small tables: what it must find, and what it must not."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.audit.facts import identity
from alerts.audit.portal import audit
from alerts.audit.rules import rules

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("verdict", ["truepos", "falsepos"])
@pytest.mark.parametrize("code", rules())
def test_case(code: str, verdict: str, world: Any) -> None:
    told = yaml.safe_load((CASES / f"{code}.yaml").read_text("utf-8"))[verdict]
    below = {identity(*pair): slug for slug, pairs in told.get("below", {}).items() for pair in pairs}
    made = world(told["datasets"])
    found = {one.dataset: one.detail for one in audit(made.catalogue, below).findings if one.code == code}
    expected = told.get("find", {})
    assert bool(expected) is (verdict == "truepos")
    assert found.keys() == expected.keys()
    assert all(text in found[dataset] for dataset, text in expected.items()), found


def test_there_is_a_case_for_every_rule_and_a_rule_for_every_case() -> None:
    assert {path.stem for path in CASES.iterdir()} == set(rules())


def test_a_sound_dataset_has_no_finding(world: Any) -> None:
    made = world({"a": None, "b": None})
    done = audit(made.catalogue)
    assert (done.findings, done.unsound, done.unread) == ((), frozenset(), 0)


def test_what_the_portal_does_not_show_is_not_judged(world: Any) -> None:
    bare = world({"a": {"contact_phone": None, "frequency": None}}, fields=frozenset({"title", "office", "updated"}))
    done = audit(bare.catalogue)
    assert done.findings == ()
    assert [code for code, count in done.judged.items() if not count] == [
        "audit.no_contact",
        "audit.no_promise",
        "audit.open_type_unknown",
        "audit.relisted",
    ]


def test_a_field_of_the_list_is_judged_before_the_detail_is_read(world: Any) -> None:
    rows = {"a": {"frequency": None, "contact_phone": None, "detailed": False}}
    made = world(rows, in_list=frozenset({"frequency"}))
    done = audit(made.catalogue)
    assert [one.code for one in done.findings] == ["audit.no_promise"]
    assert (done.judged["audit.no_promise"], done.judged["audit.no_contact"]) == (1, 0)


def test_rules_are_whole() -> None:
    for rule in rules().values():
        assert all((rule.zh, rule.en, rule.criterion, rule.source, rule.do_zh, rule.do_en, rule.needs))


def test_every_rule_is_explained() -> None:
    page = (Path(__file__).parents[3] / "docs" / "audit.md").read_text("utf-8")
    for rule in rules().values():
        assert f"| `{rule.code}` | {rule.zh} | {rule.severity} | {rule.criterion} | {rule.source} |" in page
