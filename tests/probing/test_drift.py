"""What is said of a page that is not the declared one: missing keys, what came instead, the nearest family."""

import json
from typing import Any

import pytest

from opendata_spiders.declared import DeclaredFamily, HtmlList
from opendata_spiders.probing import drift as comparing
from opendata_spiders.probing.drift import drift
from tests.families.goldens import FIXTURES, Case, cases

PLAIN = [case for case in cases() if case.path.name == "list_plain" and isinstance(case.spider, DeclaredFamily)]


@pytest.fixture(autouse=True)
def _no_stumble(monkeypatch: pytest.MonkeyPatch):
    """A comparison that stumbles is a fault here, though it costs a trial no more than its differences."""

    def fail(*_arguments: object) -> None:
        raise AssertionError("the comparison stumbled")

    monkeypatch.setattr(comparing.logger, "exception", fail)


def golden(family: str, name: str = "list_plain") -> Case:
    return Case(FIXTURES / family / name)


def renamed(body: Any, old: str, new: str) -> Any:
    if isinstance(body, dict):
        return {new if key == old else key: renamed(value, old, new) for key, value in body.items()}
    return [renamed(one, old, new) for one in body] if isinstance(body, list) else body


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.family)
def test_a_page_as_declared_lacks_nothing_that_its_family_needs(case: Case):
    found = drift(case.response, case.spider)
    assert case.spider.list_page.id not in found.missing
    assert found.nearest == case.family or not case.spider.knows_lists


@pytest.mark.parametrize("family", ["gddata", "zj_jdop", "shenzhen_dataset", "inspur_odweb_html"])
def test_a_page_of_any_other_kind_is_compared_without_a_stumble(family: str):
    spider = golden(family).spider
    for case in cases()[::7]:
        of_detail = case.meta["kind"] == "detail" and spider.has_details
        drift(case.response, spider, of_detail=of_detail)


def test_a_renamed_key_is_told_with_what_came_instead(answer):
    case = golden("gddata")
    body = renamed(renamed(json.loads(case.body), "resTitle", "resCaption"), "resId", "key")
    found = drift(answer(json.dumps(body)), case.spider)
    assert (found.missing, found.instead, found.nearest) == (("resId", "resTitle"), ("key", "resCaption"), "gddata")


def test_rows_that_lie_elsewhere_are_told_with_the_keys_that_stand_there(answer):
    case = golden("gddata")
    found = drift(answer(json.dumps(renamed(json.loads(case.body), "list", "records"))), case.spider)
    assert (found.missing, found.instead) == (("data.page.list",), ("pages", "records"))


def test_an_answer_of_another_family_is_told_as_that_family_s(answer):
    found = drift(golden("jx_opendata").response, golden("gddata").spider)
    assert found.nearest == "jx_opendata"
    changed = renamed(json.loads(golden("jx_opendata").body), "dataName", "dataTitle")
    assert drift(answer(json.dumps(changed)), golden("gddata").spider).nearest in {"jx_opendata", ""}


def test_a_redesigned_page_tells_selectors_and_what_repeats(answer):
    case = next(one for one in PLAIN if isinstance(one.spider.list_page, HtmlList) and not one.spider.list_page.inside)
    entries = "".join(f'<div class="card big"><a href="/x/{n}">公园</a><p>更新方式：每年</p></div>' for n in range(5))
    found = drift(answer(f"<html><body>{entries}</body></html>"), case.spider)
    assert case.spider.list_page.frame in found.missing
    assert found.instead[0] == "div.card ×5"
    assert "更新方式" in found.instead
    assert found.nearest == ""


def test_what_a_portal_wrote_holds_no_control_characters_and_is_cut(answer):
    case = golden("gddata")
    keys = {f"k\x1b[31m\u202e{n}" + "x" * 90: 1 for n in range(30)}
    found = drift(answer(json.dumps({"code": 200, "data": {"page": keys}})), case.spider)
    assert len(found.instead) == 12
    assert all(one.isprintable() and len(one) <= 40 for one in found.instead)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 5000, b'{"a":' * 3000, b"<html>", b"null", b'"{"'])
def test_bodies_that_are_none_are_compared_too(answer, body: bytes):
    for case in (golden("gddata"), golden("zj_jdop"), golden("shenzhen_dataset")):
        drift(answer(body), case.spider)
