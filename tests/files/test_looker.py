"""What is asked and what is not: budgets, order, clocks, our own line, and the class for each of it."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.http import Response

from opendata_spiders.files.fetch.host_budget import HostBudget
from opendata_spiders.files.fetch.looker import Looker, WatchedDataset
from opendata_spiders.files.fetch.size_limit import SizeCap
from opendata_spiders.files.parse.file_reading import read, read_head
from opendata_spiders.files.policy import FilePolicy, file_policy
from opendata_spiders.night import uplink
from opendata_spiders.night.file_plan import plan_rounds
from opendata_spiders.pages.contract import FilesPage, PageDriftedError, PageUnreachableError, PortalFile, TablePreview
from opendata_spiders.register import load
from opendata_spiders.store import file_checks, views
from opendata_spiders.store.errors import ClockError
from opendata_spiders.store.file_checks import PREVIEW, FileCheck, FileOutcome, FileRound
from opendata_spiders.store.schema import Mode
from opendata_spiders.store.store import Store
from opendata_spiders.store.watched import watched

AT = datetime(2026, 11, 2, 18, 15, tzinfo=UTC)
JINAN = load().get("jinan")


def limits(**changed) -> FilePolicy:
    return FilePolicy(**{**{name: getattr(file_policy(), name) for name in FilePolicy.__slots__}, **changed})


class Family:
    """A portal that lists `files`, a page at a time, and sends a small table for each."""

    file_row_cap = None
    logger = logging.getLogger("family")

    def __init__(self, *files, page=100, declared=None, without_id=0, fault=None, shown=()):
        self.shown = shown
        self.files, self.page, self.declared, self.without_id, self.fault = files, page, declared, without_id, fault
        self.asked = []

    def files_request(self, id, page):
        return Request(f"http://p/list?id={id}&page={page}")

    def parse_files(self, response, id):
        if self.fault:
            raise self.fault
        at = (int(response.url.rpartition("=")[2]) - 1) * self.page
        shown = self.files[at : at + self.page]
        files = tuple(PortalFile(id, file, f"{file}.csv", "csv") for file in shown)
        return FilesPage(files, self.declared or len(self.files), self.without_id)

    def preview_requests(self, id):
        return [Request(f"http://p/preview?id={id}&part={part}") for part in range(len(self.shown))]

    def parse_preview(self, response, id, part):
        if isinstance(self.shown[part], Exception):
            raise self.shown[part]
        return self.shown[part]

    def file_request(self, file, title):
        return Request(f"http://p/get?id={file.dataset}&title={title}&file={file.id}")


def look(family, *datasets, budget=None, first=(), broken=()):
    async def fetch(request):
        family.asked.append(request.url)
        if any(part in request.url for part in broken):
            raise OSError("refused")
        return Response(request.url, body="编号,名称\n1,甲\n".encode() if "/get" in request.url else b"[]")

    async def reading(body, declared, whole):
        return read(body, declared) if whole else read_head(body, declared)

    async def all_of_them(looker):
        return [check for one in datasets for check in await looker.look(one, first)]

    budget = budget or HostBudget(file_policy(), lambda: 0, stop_after=5)
    looker = Looker(family, fetch, reading, budget, SizeCap(file_policy()))
    return asyncio.run(all_of_them(looker))


def whys(checks):
    return [(check.file, check.outcome.value, check.why) for check in checks]


D1 = WatchedDataset("d1", "名录")


def test_every_file_of_every_page_is_looked_at_once():
    family = Family("a", "b", "a", "c", page=2)
    assert whys(look(family, D1)) == [("", "ok", ""), ("a", "ok", ""), ("b", "ok", ""), ("c", "ok", "")]
    assert sum("/list" in url for url in family.asked) == 3, "until a page is empty, for one entry stood there twice"


def test_a_list_that_never_ends_is_left_and_said_so():
    family = Family(*map(str, range(500)), page=1, declared=500)
    assert whys(look(family, D1, budget=HostBudget(limits(host_files=0), lambda: 0, stop_after=5))) == [
        ("", "unseen", "budget")
    ]
    checks = look(family, D1)
    assert whys(checks)[0] == ("", "unseen", "budget")
    assert len(checks) == 1 + file_policy().list_pages


def test_a_list_that_shows_the_same_page_again_is_not_understood():
    family = Family("a", "b", page=2, declared=4)
    family.files_request = lambda dataset, page: Request(f"http://p/list?id={dataset}&page=1")
    assert whys(look(family, D1)) == [("", "unseen", "drifted"), ("a", "ok", ""), ("b", "ok", "")]


@pytest.mark.parametrize(
    ("family", "why"),
    [
        (Family(fault=PageDriftedError("x")), "drifted"),
        (Family("a", without_id=1), "drifted"),
        (Family(fault=KeyError("ours")), "fault"),
    ],
    ids=["another shape", "an entry without id", "a parser that stumbles"],
)
def test_a_list_that_is_not_understood_is_our_gap(family, why):
    assert whys(look(family, D1))[0] == ("", "unseen", why)


def test_what_the_budget_leaves_out_is_unseen():
    budget = HostBudget(limits(host_files=2), lambda: 0, stop_after=5)
    found = look(Family("a", "b", "c"), D1, WatchedDataset("d2", ""), budget=budget)
    assert whys(found) == [
        ("", "ok", ""),
        ("a", "ok", ""),
        ("b", "ok", ""),
        ("c", "unseen", "budget"),
        ("", "unseen", "budget"),
    ]
    heavy = HostBudget(limits(night_mb=1), lambda: 1 << 20, stop_after=5)
    assert whys(look(Family("a"), D1, budget=heavy)) == [("", "unseen", "budget")]


def test_what_was_left_out_last_time_comes_first():
    budget = HostBudget(limits(host_files=1), lambda: 0, stop_after=5)
    found = look(Family("a", "b"), D1, budget=budget, first={("d1", "b")})
    assert whys(found) == [("", "ok", ""), ("b", "ok", ""), ("a", "unseen", "budget")]


def test_a_host_is_left_alone_after_some_failures_in_a_row_only():
    budget = HostBudget(file_policy(), lambda: 0, stop_after=2)
    found = look(Family("a", "b", "c", "d"), D1, budget=budget, broken=("file=a", "file=c"))
    assert [check.why for check in found] == ["", "unreachable", "", "unreachable", ""]
    budget = HostBudget(file_policy(), lambda: 0, stop_after=2)
    found = look(Family("a", "b", "c", "d"), D1, budget=budget, broken=("file=a", "file=b"))
    assert [check.why for check in found] == ["", "unreachable", "unreachable", "stopped", "stopped"]


def test_interfaces_and_links_are_no_files():
    family = Family("a")
    family.parse_files = lambda response, dataset: FilesPage(
        (PortalFile(dataset, "a", "x", "接口"), PortalFile(dataset, "b", "x", "链接"))
    )
    assert whys(look(family, D1))[1:] == [("a", "unseen", "not_a_file"), ("b", "unseen", "not_a_file")]


# --- what is shown of the table ---------------------------------------------------------------------------------------


def preview(*shown, broken=(), budget=None):
    checks = look(Family("a", shown=shown), D1, broken=broken, budget=budget)
    found = [check for check in checks if check.file == PREVIEW]
    assert [check.file for check in checks if check.file != PREVIEW] == ["", "a"], "the files are looked at as ever"
    return found


def test_what_a_portal_shows_of_a_table_is_one_look_whatever_it_asks():
    (check,) = preview(TablePreview(("名称", "地址")), TablePreview(rows=4711))
    assert (check.outcome, check.why, check.columns, check.rows) == (FileOutcome.OK, "", ("名称", "地址"), 4711)
    assert (check.content_hash, check.size, check.is_file) == ("", None, False)
    assert preview() == [], "a family without such a call makes no look"


def test_half_of_it_is_kept_when_the_other_half_fails():
    (check,) = preview(TablePreview(("名称",)), PageUnreachableError("an error code"))
    assert (check.outcome, check.why, check.columns, check.rows) == (FileOutcome.OK, "", ("名称",), None)
    (check,) = preview(PageUnreachableError("an error code"), TablePreview(rows=7))
    assert (check.outcome, check.columns, check.rows) == (FileOutcome.OK, (), 7)


@pytest.mark.parametrize(
    ("shown", "broken", "why"),
    [
        (TablePreview(), (), "no_preview"),
        (PageDriftedError("x"), (), "drifted"),
        (PageUnreachableError("an error code"), (), "unreadable"),
        (KeyError("ours"), (), "fault"),
        (TablePreview(("名称",)), ("/preview",), "unreachable"),
    ],
)
def test_what_fails_there_is_no_failure_of_a_file(shown, broken, why):
    (check,) = preview(shown, broken=broken)
    assert (check.outcome, check.why, check.columns) == (FileOutcome.UNSEEN, why, ())


def test_a_portal_that_does_not_say_which_files_there_are_is_not_asked_for_a_table():
    family = Family("a", shown=(TablePreview(("名称",)),))
    assert whys(look(family, D1, broken=("/list",))) == [("", "failed", "unreachable")]
    assert not any("/preview" in url for url in family.asked)


def test_it_counts_against_the_budget_of_its_host():
    budget = HostBudget(limits(host_files=2), lambda: 0, stop_after=5)
    found = look(Family("a", "b", shown=(TablePreview(("名称",)),)), D1, budget=budget)
    assert whys(found) == [("", "ok", ""), (PREVIEW, "ok", ""), ("a", "ok", ""), ("b", "unseen", "budget")]


def test_columns_are_kept_within_the_limits():
    many = tuple(f"{at:04}" + "列" * 200 for at in range(1000))
    (check,) = preview(TablePreview(many))
    assert len(check.columns) == file_policy().columns
    assert {len(name) for name in check.columns} == {file_policy().column_chars}


# --- the plan -------------------------------------------------------------------------------------------------------


def known(store: Store, *ids: str) -> None:
    for id_ in ids:
        view = {"_id": views.key(JINAN.id, id_), "id": id_, "title": id_, "listed": True, "open_type_raw": "无条件开放"}
        store.db.datasets.insert_one(view)


def a_round(at=AT, *checks):
    return FileRound("r", JINAN.id, "jinan", 0, at, at, at, host="h", checks=checks)


def test_watched_datasets_are_read_once_each(store: Store):
    store.db.watches.insert_many(
        [{"subscriber": who, "portal": portal, "dataset": one} for who, portal, one in
         (("s", "p2", "b"), ("s", "p1", "z"), ("t", "p1", "z"), ("t", "p1", "a"))]
    )  # fmt: skip
    assert watched(store.db) == {"p1": ("a", "z"), "p2": ("b",)}


def test_a_round_is_due_again_after_some_hours(store: Store):
    known(store, "d1")
    file_checks.insert(store.db, a_round())
    hours = file_policy().again_hours
    for since, force, due in ((hours - 1, False, 0), (hours, False, 1), (1, True, 1)):
        plan = plan_rounds(store, [JINAN], {JINAN.id: ("d1",)}, now=AT + timedelta(hours=since), force=force)
        assert (len(plan.due), len(plan.recent)) == (due, 1 - due)
    assert plan_rounds(store, [JINAN], {}, now=AT).due == []


def test_nights_only_go_forward_in_a_replayed_database(store: Store):
    known(store, "d1")
    file_checks.insert(store.db, a_round())
    replayed = Store(store.db, Mode.REPLAY)
    with pytest.raises(ClockError, match="nights only go forward"):
        plan_rounds(replayed, [JINAN], {JINAN.id: ("d1",)}, now=AT, force=True)
    assert plan_rounds(replayed, [JINAN], {JINAN.id: ("d1",)}, now=AT + timedelta(seconds=1), force=True).due


def test_over_the_nights_everything_has_its_turn(store: Store):
    """Seven datasets, three a night, always those that wait longest."""
    ids = tuple(f"d{n}" for n in range(7))
    known(store, *ids)
    seen = []
    for night in range(5):
        now = AT + timedelta(days=night)
        (due,) = plan_rounds(store, [JINAN], {JINAN.id: ids}, now=now).due
        budget = HostBudget(limits(host_files=3), lambda: 0, stop_after=5)
        checks = look(Family("f"), *due.datasets, budget=budget, first=due.left_out)
        file_checks.insert(store.db, replace(a_round(now, *checks), id=f"r{night}"))
        seen.append([check.dataset for check in checks if check.file])
    assert seen[:3] == [["d0", "d1", "d2"], ["d3", "d4", "d5"], ["d6", "d0", "d1"]]
    assert {one for night in seen for one in night} == set(ids)


def test_a_portal_that_is_not_read_is_unseen(store: Store):
    retired = SimpleNamespace(id="p9", slug="x", host_group="h", family="f", crawlable=False)
    (due,) = plan_rounds(store, [retired], {"p9": ("d1",)}, now=AT).due
    assert [dataset.why for dataset in due.datasets] == ["not_crawled"]


def test_the_fullest_round_fits_into_a_document(store: Store):
    most = file_policy()
    columns = tuple(f"{at:03}" + "列" * (most.column_chars - 3) for at in range(most.columns))
    full = FileCheck("d" * 64, "f" * 64, "名" * 300, columns=columns, url="u" * 2000)
    bare = replace(full, columns=())
    checks = (full,) * most.host_files + (bare,) * (100 * most.list_pages)
    file_checks.insert(store.db, a_round(AT, *checks))
    assert len(file_checks.last_round(store.db, JINAN.id).checks) == len(checks)


# --- our own line ---------------------------------------------------------------------------------------------------

DEAD = FileCheck("d", "", outcome=FileOutcome.FAILED, why="unreachable")
FINE = FileCheck("d", "f", outcome=FileOutcome.OK)
UNASKED = FileCheck("e", "", why="conditional")


def at_host(host, *checks):
    return FileRound(host, host, host, 1, AT, AT, AT, host=host, checks=checks)


@pytest.mark.parametrize(
    ("rounds", "ours"),
    [
        ([at_host("a", DEAD), at_host("b", DEAD), at_host("c", FINE)], True),
        ([at_host("a", DEAD), at_host("b", DEAD, FINE), at_host("c", FINE)], False),
        ([at_host("a", DEAD), at_host("b", DEAD)], False),
        ([at_host("a", DEAD), at_host("b", UNASKED), at_host("c", UNASKED)], False),
        ([at_host("a", DEAD), at_host("a", FINE), at_host("b", DEAD), at_host("c", FINE)], False),
    ],
)
def test_most_hosts_without_an_answer_are_our_own_line(rounds, ours):
    assert uplink.rounds_are_suspect(rounds) is ours


def test_a_silent_round_is_taken_back_whole():
    assert uplink.is_silent(at_host("a", DEAD, UNASKED))
    assert not uplink.is_silent(at_host("a", UNASKED))
    assert [check.why for check in uplink.unseen(at_host("a", DEAD, UNASKED)).checks] == ["uplink", "conditional"]
