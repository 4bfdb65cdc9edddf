"""The verdict, case by case: what was read and what was known before, and how far that may be believed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from opendata_spiders.crawl.field_loss import Fill
from opendata_spiders.crawl.list_reader import ListFacts, Pass
from opendata_spiders.crawl.verdict import judge
from opendata_spiders.pages.contract import (
    PageBlockedError,
    PageDriftedError,
    PageError,
    PageMissingError,
    PageUnreachableError,
)
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Run, Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRUSTED = Run("r1", "520100.1", "guiyang", "guizhou_api", "e", 1, NOW, NOW, NOW, Verdict.COMPLETE, "", declared=100,
              seen=100, fill={"title": 1.0, "office": 1.0, "theme": 0.9, "frequency": 1.0})  # fmt: skip
FULL = Fill(rows=100, filled={"title": 100, "office": 100, "theme": 90})


def facts(seen, declared, *, passes=1, ended=True, errors=None, stopped="", pages=None, without_id=0, ids=None):
    seen_ids = ids if ids is not None else {f"d{n}" for n in range(seen)}
    one = Pass(ids=set(seen_ids), errors=errors or {}, pages=-(-seen // 10) if pages is None else pages, rows=seen,
               ended=ended, stopped=stopped)  # fmt: skip
    return ListFacts(
        ids=set(seen_ids), declared=declared, declared_first=declared, passes=[one] * passes, without_id=without_id
    )


def verdict(found, *, trusted=TRUSTED, fill=FULL, crashed=""):
    return judge(found, fill, trusted, policy(), crashed=crashed)


@pytest.mark.parametrize(
    ("found", "trusted", "expected", "why"),
    [
        (facts(100, 100), TRUSTED, Verdict.COMPLETE, "100 of 100 declared"),
        (facts(98, 100), TRUSTED, Verdict.COMPLETE, "98 of 100"),
        (facts(97, 100, passes=2), TRUSTED, Verdict.PARTIAL, "ended early twice"),
        (facts(60, 100, passes=2), TRUSTED, Verdict.PARTIAL, "ended early twice"),
        (facts(80, 100, passes=2), None, Verdict.COMPLETE, "two identical readings"),
        (facts(79, 100, passes=2), None, Verdict.PARTIAL, "no earlier reading"),
        (facts(30, 60, passes=2), None, Verdict.PARTIAL, "ended early twice"),
        (facts(90, 100, passes=2, without_id=20), None, Verdict.PARTIAL, "10 entries carry no id"),
        (facts(90, 100, passes=2, without_id=2), None, Verdict.COMPLETE, "two identical readings"),
        (facts(50, None, passes=2, without_id=20), None, Verdict.PARTIAL, "10 entries carry no id"),
        (facts(99, 100, without_id=1), None, Verdict.COMPLETE, "every page read"),
        (facts(60, 100, passes=2), replace(TRUSTED, seen=61, total_trusted=False), Verdict.COMPLETE, "the total is wrong"),
        (facts(40, 100, passes=2), replace(TRUSTED, seen=61, total_trusted=False), Verdict.PARTIAL, "ended early twice"),
        (facts(100, None, passes=2), None, Verdict.COMPLETE, "undeclared"),
        (facts(100, None, passes=2), TRUSTED, Verdict.COMPLETE, "undeclared"),
        (facts(50, None, passes=2), TRUSTED, Verdict.PARTIAL, "ended early"),
        (facts(33, 0, passes=2), None, Verdict.COMPLETE, "33 of 0 declared"),
        (facts(0, 0, pages=1), TRUSTED, Verdict.EMPTY, "says 0"),
        (facts(0, None, pages=1, errors={2: PageDriftedError("no list here")}), TRUSTED, Verdict.DRIFTED, "no list here"),
        (facts(0, None, pages=1, errors={2: PageUnreachableError("HTTP 502")}), TRUSTED, Verdict.UNREACHABLE, "HTTP 502"),
        (facts(9, None, pages=2, errors={2: PageDriftedError("no list here")}), TRUSTED, Verdict.PARTIAL, "no list here"),
        (facts(0, 100, pages=1), TRUSTED, Verdict.DRIFTED, "shows no entry"),
        (facts(0, None, pages=1), TRUSTED, Verdict.DRIFTED, "prints no total"),
        (facts(0, 100, pages=1, without_id=10), TRUSTED, Verdict.DRIFTED, "none of them with an id"),
        (facts(100, 100, ended=False, stopped="stopped by the operator"), TRUSTED, Verdict.PARTIAL, "operator"),
        (facts(90, 100, errors={4: PageMissingError("HTTP 404")}), TRUSTED, Verdict.PARTIAL, "pages not read: 4"),
        (facts(99, 100, errors={4: PageMissingError("HTTP 404")}), TRUSTED, Verdict.PARTIAL, "pages not read: 4"),
        (facts(0, None, pages=0, errors={1: PageBlockedError("HTTP 412")}), TRUSTED, Verdict.BLOCKED, "HTTP 412"),
        (facts(0, None, pages=0, errors={1: PageUnreachableError("refused")}), TRUSTED, Verdict.UNREACHABLE, "refused"),
        (facts(0, None, pages=0, errors={1: PageDriftedError("no data")}), TRUSTED, Verdict.DRIFTED, "no data"),
        (facts(0, None, pages=0, errors={1: PageError("stumbled")}), TRUSTED, Verdict.FAILED, "stumbled"),
        (facts(10, 100, pages=1, errors={n: PageBlockedError("HTTP 403") for n in range(2, 7)}), TRUSTED, Verdict.BLOCKED, "5 pages refused"),
    ],
)  # fmt: skip
def test_case(found, trusted, expected, why):
    judged = verdict(found, trusted=trusted)
    assert judged.verdict is expected
    assert why in judged.reason


def test_a_list_that_is_short_once_and_does_not_hold_still_is_partial():
    found = facts(90, 100)
    found.passes = [Pass(ids={f"d{n}" for n in range(k)}, pages=9, rows=90, ended=True) for k in (88, 89, 90)]
    assert verdict(found, trusted=None).verdict is Verdict.PARTIAL


def test_a_total_below_a_list_that_does_not_hold_still_says_nothing():
    found = facts(99, 90)
    found.passes = [Pass(ids={f"d{n}" for n in range(k, 99)}, pages=9, rows=99, ended=True) for k in (3, 1)]
    assert verdict(found).verdict is Verdict.PARTIAL
    assert verdict(facts(99, 90, passes=2)).verdict is Verdict.COMPLETE


def test_our_own_fault_is_failed_whatever_was_read():
    assert verdict(facts(100, 100), crashed="KeyError").verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        ({"title": 100, "office": 79, "theme": 90}, Verdict.DRIFTED),
        ({"title": 100, "office": 81, "theme": 90}, Verdict.COMPLETE),
        ({"title": 100, "office": 100, "theme": 0}, Verdict.DRIFTED),
        ({"title": 100, "office": 100, "theme": 1}, Verdict.COMPLETE),
        ({"title": 10, "office": 100, "theme": 90}, Verdict.DRIFTED),
    ],
)
def test_a_field_that_is_suddenly_empty_has_drifted(filled, expected):
    assert verdict(facts(100, 100), fill=Fill(rows=100, filled=filled)).verdict is expected


@pytest.mark.parametrize(("details", "expected"), [(2, Verdict.COMPLETE), (3, Verdict.DRIFTED)])
def test_a_field_that_no_detail_shows_any_more_has_drifted(details, expected):
    fill = Fill(rows=100, details=details, filled={**FULL.filled, "frequency": 0}, detail_only=frozenset({"frequency"}))
    assert verdict(facts(100, 100), fill=fill).verdict is expected


def test_a_wrong_total_is_a_finding():
    assert [one.code for one in verdict(facts(107, 100)).findings] == ["claim.mismatch"]
    assert verdict(facts(104, 100)).findings == ()
