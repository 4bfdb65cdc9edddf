"""The list reader against scripted lists: every page it asks for is answered from plain data."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.crawl.list_reader import ListReader
from opendata_spiders.pages.contract import (
    ListPage,
    ListRow,
    PageBlockedError,
    PageError,
    PageMissingError,
    PageUnreachableError,
)
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Run, Verdict

SIZE = 10


def row(n):
    return ListRow(id=f"d{n:04}", values={"title": f"数据集{n}"}, body="{}")


def pages_of(ids, declared, size=SIZE):
    rows = [row(n) for n in ids]
    return [ListPage(tuple(rows[i : i + size]), declared) for i in range(0, len(rows), size)] or [
        ListPage((), declared)
    ]


def trusted_run(seen, declared, *, total_trusted=True):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Run("r", "520100.1", "guiyang", "guizhou_api", "e", 1, now, now, now, Verdict.COMPLETE, "", declared=declared,
               seen=seen, total_trusted=total_trusted)  # fmt: skip


class Script:
    """Answers page numbers from a list of pages per pass; remembers what it was asked."""

    def __init__(self, *passes, past_end=None, overrides=None, declared=None):
        self.passes, self.asked, self.past_end, self.overrides = passes, [], past_end, overrides or {}
        self.declared = declared

    async def fetch(self, page):
        self.asked.append(page)
        number_of_pass = min(self.asked.count(1), len(self.passes)) - 1
        answer = self.overrides.get(page)
        if answer is None:
            pages = self.passes[max(0, number_of_pass)]
            answer = pages[page - 1] if page <= len(pages) else self.past_end or ListPage((), pages[0].declared)
        if isinstance(answer, PageError):
            raise answer
        return answer


def read(script, *, trusted=None, trusted_ids=(), window=4):
    reader = ListReader(script.fetch, first_page=1, page_size=SIZE, window=window, policy=policy(), trusted=trusted,
                        trusted_ids=set(trusted_ids))  # fmt: skip

    async def run():
        return [one async for rows in reader.rows() for one in rows]

    return [one.id for one in asyncio.run(run())], reader.facts


def test_a_plain_list_is_read_once_and_past_the_end_only_if_the_last_page_is_full():
    script = Script(pages_of(range(25), 25))
    ids, facts = read(script)
    assert ids == [f"d{n:04}" for n in range(25)]
    assert (script.asked, facts.last.ended, len(facts.passes)) == ([1, 2, 3], True, 1)
    script = Script(pages_of(range(20), 20))
    _, facts = read(script)
    assert (script.asked, facts.last.ended) == ([1, 2, 3], True)


def test_a_total_that_is_too_low_hides_nothing():
    _, facts = read(Script(pages_of(range(57), 20)))
    assert len(facts.ids) == 57


def test_a_total_of_zero_above_rows_hides_nothing():
    ids, facts = read(Script(pages_of(range(33), 0)))
    assert len(ids) == 33
    assert facts.identical


def test_a_list_without_total_is_read_to_its_end_twice():
    script = Script(pages_of(range(33), None))
    _, facts = read(script)
    assert (len(facts.ids), len(facts.passes), facts.identical, facts.last.ended) == (33, 2, True, True)


def numbered(ids, pages, size):
    """Pages of a list that says how many it has, and no total."""
    return [replace(one, pages=pages) for one in pages_of(ids, None, size)]


def test_a_list_that_numbers_its_pages_is_read_to_the_last_of_them_however_short_they_are():
    script = Script(numbered(range(33), 6, size=6), past_end=ListPage((), None, pages=6))
    _, facts = read(script)
    assert (len(facts.ids), facts.last.ended, facts.identical) == (33, True, True)
    assert max(script.asked) == 6, "its last page is short: nothing lies behind it"


def test_a_list_that_ends_before_the_last_page_it_numbers_is_not_whole():
    script = Script(numbered(range(20), 9, size=10), past_end=ListPage((), None, pages=9))
    _, facts = read(script)
    assert not facts.last.ended
    assert facts.last.stopped == "nothing new on page 4 of 9 that the list says it has"


@pytest.mark.parametrize(("said", "whole"), [(2, True), (3, True), (4, False), (5, False)])
def test_the_last_page_of_those_a_list_says_it_has_may_be_empty_and_no_other(said, whole):
    script = Script(numbered(range(20), said, size=10), past_end=ListPage((), None, pages=said))
    _, facts = read(script)
    assert (len(facts.ids), facts.last.ended) == (20, whole)
    assert bool(facts.last.stopped) is not whole


@pytest.mark.parametrize(("listed", "ended"), [(20, True), (18, False)])
def test_a_number_of_pages_that_was_wrong_when_the_list_was_trusted_ends_it_only_as_full_as_then(listed, ended):
    script = Script(numbered(range(listed), 9, size=10), past_end=ListPage((), None, pages=9))
    ids = {f"d{n:04}" for n in range(20)}
    _, facts = read(script, trusted=trusted_run(20, None, total_trusted=False), trusted_ids=ids)
    assert (facts.last.ended, bool(facts.last.stopped)) == (ended, not ended)


def test_paging_drift_is_read_again_until_nothing_new_comes():
    first = pages_of([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18], 20)
    second = pages_of(range(20), 20)
    ids, facts = read(Script(first, second))
    assert sorted(ids) == [f"d{n:04}" for n in range(20)]
    assert (len(facts.passes), facts.duplicates) == (2, 1)


def test_a_list_that_ends_early_is_read_twice_and_stays_short():
    _, facts = read(Script(pages_of(range(60), 100)))
    assert (len(facts.ids), len(facts.passes), facts.identical) == (60, 2, True)


def test_a_list_short_as_last_time_is_not_read_again():
    ids = {f"d{n:04}" for n in range(60)}
    script = Script(pages_of(range(60), 100))
    _, facts = read(script, trusted=trusted_run(60, 100, total_trusted=False), trusted_ids=ids)
    assert len(facts.passes) == 1
    _, facts = read(
        Script(pages_of(range(59), 100)), trusted=trusted_run(60, 100, total_trusted=False), trusted_ids=ids
    )
    assert len(facts.passes) == 2


def test_a_wrong_total_that_is_met_while_something_is_missing_proves_nothing():
    ids = {f"d{n:04}" for n in range(60)}
    _, facts = read(Script(pages_of(range(54), 54)), trusted=trusted_run(60, 54, total_trusted=False), trusted_ids=ids)
    assert len(facts.passes) == 2
    _, facts = read(Script(pages_of(range(60), 60)), trusted=trusted_run(60, 54, total_trusted=False), trusted_ids=ids)
    assert len(facts.passes) == 1


def test_a_hole_in_the_middle_is_walked_over_and_remembered():
    holes = {page: PageMissingError("HTTP 404") for page in range(5, 40)}
    _, facts = read(Script(pages_of(range(500), 500), overrides=holes))
    assert sorted(facts.errors) == list(range(5, 40))
    assert len(facts.ids) == 150
    assert facts.last.ended


@pytest.mark.parametrize("error", [PageBlockedError("HTTP 412"), PageUnreachableError("timeout")])
def test_a_portal_that_says_no_is_not_hammered(error):
    script = Script(pages_of(range(5000), 5000), overrides=dict.fromkeys(range(3, 600), error))
    _, facts = read(script, window=1)
    assert facts.last.stopped
    assert len(script.asked) == 2 + policy().same_failure_stop


def test_an_error_past_the_end_of_a_whole_list_is_its_end():
    _, facts = read(Script(pages_of(range(20), 20), overrides={3: PageUnreachableError("HTTP 500")}))
    assert facts.last.ended
    assert not facts.errors


def test_a_portal_that_repeats_its_last_page_for_ever_is_left():
    pages = pages_of(range(30), 100_000)
    script = Script(pages, past_end=pages[-1])
    _, facts = read(script)
    assert len(facts.ids) == 30
    assert len(script.asked) < 60


def test_a_portal_that_gives_fewer_a_page_than_asked_for():
    _, facts = read(Script(pages_of(range(23), 23, size=5)))
    assert (len(facts.ids), facts.last.ended) == (23, True)


def test_nothing_read_keeps_the_reason():
    _, facts = read(Script(pages_of(range(5), 5), overrides={1: PageBlockedError("HTTP 403")}))
    assert facts.pages == 0
    assert "HTTP 403" in facts.last.stopped


@given(
    n=st.integers(0, 80), size=st.integers(1, 12), window=st.integers(1, 6), lie=st.sampled_from([None, 0, -7, 13, 0])
)
def test_no_row_is_lost_or_doubled_whatever_the_total_says(n, size, window, lie):
    declared = None if lie is None else max(0, n + lie)
    ids, facts = read(Script(pages_of(range(n), declared, size=size)), window=window)
    if size == SIZE or (declared or 0) > size:
        assert ids == [f"d{k:04}" for k in range(n)]
    assert len(set(ids)) == len(ids)
    assert set(ids) == facts.ids
