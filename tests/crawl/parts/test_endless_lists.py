"""A list without end is left at a limit and is partial, with what was read of it; no honest list meets one."""

import asyncio
from dataclasses import replace

import pytest

from opendata_spiders.crawl.details import DetailQueue
from opendata_spiders.crawl.list_reader import ListReader
from opendata_spiders.crawl.verdict import Fill, judge
from opendata_spiders.items import Dataset
from opendata_spiders.pages.contract import ListPage, ListRow
from opendata_spiders.policy import policy
from opendata_spiders.store.models import Verdict

SIZE = 10
SMALL = replace(policy(), list_pages=60, list_least_pages=20, list_beyond=3, list_datasets=10_000)


class Endless:
    """Full pages of new ids for ever, `hours` apart."""

    def __init__(self, declared, *, of=None, hours=0.0, body="{}"):
        self.body = body
        self.declared, self.of, self.hours, self.now, self.asked = declared, of, hours, 0.0, 0

    async def fetch(self, page):
        self.asked, self.now = self.asked + 1, self.now + self.hours * 3600
        ids = range((page - 1) * SIZE, page * SIZE)
        rows = tuple(ListRow(f"d{n}", {}, self.body) for n in ids if self.of is None or n < self.of)
        declared = self.declared(page) if callable(self.declared) else self.declared
        return ListPage(rows, declared)


def read(portal, rules):
    reader = ListReader(portal.fetch, first_page=1, page_size=SIZE, window=4, policy=rules, trusted=None, trusted_ids=set(),
                        clock=lambda: portal.now)  # fmt: skip

    async def run():
        return sum([len(rows) async for rows in reader.rows()])

    return asyncio.run(run()), judge(reader.facts, Fill(), None, rules)


@pytest.mark.parametrize(
    ("declared", "pages"),
    [(30, 20), (0, 20), (150, 45), (None, 60), (100_000, 60), (lambda page: page * SIZE + 100, 33)],
    ids=["small", "none", "larger", "not printed", "huge", "running ahead"],
)
def test_it_ends_at_a_limit(declared, pages):
    portal = Endless(declared)
    kept, judged = read(portal, SMALL)
    assert pages <= portal.asked <= pages + 4
    assert kept == portal.asked * SIZE
    assert judged.verdict is Verdict.PARTIAL
    assert "the list has no end" in judged.reason


def test_so_much_text_is_enough():
    kept, judged = read(Endless(None, body="x" * 50_000), replace(SMALL, list_mb=2))
    assert 40 <= kept <= 80
    assert (judged.verdict, "million characters" in judged.reason) == (Verdict.PARTIAL, True)


def test_large_entries_do_not_wait_for_their_details():
    queue = DetailQueue(budget=100, policy=replace(policy(), queue_mb=1), day=0)
    large = [Dataset(portal="p", slug="s", id=f"d{n}", raw={}, list_body="x" * 600_000) for n in range(3)]
    assert [queue.offer(one, None) for one in large] == [True, True, False]
    assert queue.findings()[0].code == "detail.left_out"


def test_so_many_datasets_are_enough():
    kept, judged = read(Endless(None), replace(SMALL, list_datasets=100))
    assert 100 <= kept <= 140
    assert (judged.verdict, "datasets were read" in judged.reason) == (Verdict.PARTIAL, True)


def test_a_list_that_takes_the_whole_night_is_left():
    portal = Endless(1000, of=1000, hours=policy().list_hours / 20)
    _, judged = read(portal, policy())
    assert 20 <= portal.asked < 30
    assert (judged.verdict, "6 hours" in judged.reason) == (Verdict.PARTIAL, True)


def test_the_largest_known_catalogue_is_far_from_every_limit():
    kept, judged = read(Endless(97_528, of=97_528), policy())
    assert (kept, judged.verdict) == (97_528, Verdict.COMPLETE)


def test_a_total_ten_times_too_small_stops_nobody():
    _, judged = read(Endless(400, of=4000), policy())
    assert judged.verdict is Verdict.COMPLETE


def test_no_detail_is_asked_for_after_the_night():
    now = [0.0]
    queue = DetailQueue(budget=10, policy=policy(), day=0, clock=lambda: now[0])
    assert queue.may_ask()
    now[0] = policy().run_hours * 3600
    assert not queue.may_ask()
    assert queue.findings()[0].code == "detail.left_out"
