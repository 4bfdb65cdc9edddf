"""`scrapy checkfiles` as a user runs it: against the replica, into a real mongod; what lies in file_rounds afterwards."""

import csv
import json
import socket
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from opendata_spiders import register
from opendata_spiders.files.failures import classes
from opendata_spiders.files.policy import file_policy
from opendata_spiders.store import file_checks, leases, views
from opendata_spiders.store.file_checks import PREVIEW, FileOutcome
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

JINAN = PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=60)
GUIYANG = PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=12)
IDS = {"jinan": "370100.1", "guiyang": "520100.1"}
HEADER = ("编号", "名称", "地址", "登记日期")
ROWS = 40
PACKAGED = Path(register.__file__ or "").parent / "portals.csv"


@pytest.fixture
def world():
    return World([JINAN, GUIYANG], seed=11)


class Watcher:
    """Watched datasets of Jinan, open and with files, as a crawl has left them in today's view."""

    def __init__(self, desk, count, formats=("csv",), rows=ROWS):
        self.desk, self.replica, self.formats = desk, desk.replica, formats
        open_ones = [record.id for record in self.replica.world.listed("jinan", 0) if not record.conditional]
        self.ids = sorted(open_ones)[:count]
        self.edit(-1, self.ids, formats=",".join(formats), rows=str(rows))
        for id_ in self.ids:
            self.known("jinan", id_)
            self.watch("jinan", id_)

    def edit(self, night, ids, **values):
        for field, value in values.items():
            self.replica.script("jinan", Incident(Kind.EDITS, night, ids=tuple(ids), field=field, value=value))

    def known(self, slug, id_, terms="无条件开放", **more):
        view = {
            "id": id_,
            "portal": IDS[slug],
            "title": f"数据{id_[:4]}",
            "listed": True,
            "open_type_raw": terms,
            **more,
        }
        with self.desk.store() as store:
            store.db.datasets.replace_one({"_id": views.key(IDS[slug], id_)}, view, upsert=True)

    def watch(self, slug, id_):
        with self.desk.store() as store:
            store.db.watches.insert_one({"subscriber": "s", "portal": IDS.get(slug, slug), "dataset": id_})

    def file(self, id_, format_="csv"):
        return f"{self.formats.index(format_)}{id_[:4]}"

    def script(self, kind, id_, night=0, *, listing=False, **more):
        key = f"{id_}/" if listing else f"{id_}/{self.file(id_)}"
        self.replica.script("jinan", Incident(kind, night, files=(key,), **more))

    def look(self, night=0, *args):
        self.replica.night = night
        at = "--base-url", self.replica.url("jinan")
        return self.desk.command("scrapy", "checkfiles", "jinan", *at, *args, night=night)

    def rounds(self, slug="jinan"):
        with self.desk.store() as store:
            return list(file_checks.rounds(store.db, IDS[slug]))

    def checks(self, night=0):
        """The looks of one night at lists and files; those at previews are left out."""
        done = self.look(night)
        assert done.returncode == 0, done.stdout + done.stderr
        return {(check.dataset, check.file): check for check in self.rounds()[-1].checks if check.file != PREVIEW}


def test_after_a_crawl_a_round_says_what_lies_in_every_file(desk):
    formats = ("xls", "csv", "json", "xml", "rdf")
    watcher = Watcher(desk, 1, formats)
    (id_,) = watcher.ids
    with desk.store() as store:
        store.db.datasets.drop()
    assert desk.crawl("jinan", 0).status == 0
    checks = watcher.checks()
    (looked,) = watcher.rounds()
    assert looked.at == watcher.replica.world.moment(0)
    assert looked.started <= looked.finished
    assert looked.host == watcher.replica.url("jinan").removeprefix("http://")
    listing = checks.pop((id_, ""))
    assert (listing.outcome, listing.status) == (FileOutcome.OK, 200)
    for format_ in formats:
        check = checks[id_, watcher.file(id_, format_)]
        assert (check.outcome, check.why, check.status, check.declared) == (FileOutcome.OK, "", 200, format_)
        assert (check.columns, check.rows) == (HEADER, ROWS)
        assert check.size > 1000
        assert check.kind == {"xls": "xlsx", "rdf": "xml"}.get(format_, format_)
        assert f"/jinan/catalog/download?cataId={id_}" in check.url
        assert f"idInRc={check.file}" in check.url
    assert len({check.content_hash for check in checks.values()}) == 1, "the same table in every format"
    assert len(checks) == len(formats)


WRONG = {
    "not_found": (Kind.REFUSES, {"status": 404}),
    "server_error": (Kind.REFUSES, {"status": 500}),
    "blocked": (Kind.REFUSES, {"status": 403}),
    "html": (Kind.HTML, {}),
    "login": (Kind.LOGIN, {}),
    "empty": (Kind.EMPTIES, {}),
    "truncated": (Kind.BREAKS_OFF, {}),
    "unreachable": (Kind.RESETS, {}),
    "": (Kind.SLOW, {"seconds": 0.1}),
}


def test_what_is_wrong_with_one_file_is_said_of_it_alone(desk):
    watcher = Watcher(desk, len(WRONG) + 1)
    for id_, (kind, more) in zip(watcher.ids, WRONG.values(), strict=False):
        watcher.script(kind, id_, **more)
    watcher.script(Kind.CHALLENGES, watcher.ids[-1])
    checks = watcher.checks()
    found = [checks[id_, watcher.file(id_)] for id_ in watcher.ids]
    assert [check.why for check in found] == [*WRONG, "blocked"]
    for check in found:
        if check.why:
            assert check.outcome is classes()[check.why].outcome
            assert (check.rows, check.content_hash, check.columns) == (None, "", ())
        else:
            assert (check.outcome, check.rows) == (FileOutcome.OK, ROWS)
    assert {checks[id_, ""].outcome for id_ in watcher.ids} == {FileOutcome.OK}


def test_files_that_end_in_the_middle_are_damaged_where_that_shows(desk):
    watcher = Watcher(desk, 1, ("xls", "csv", "json", "xml"))
    watcher.replica.script("jinan", Incident(Kind.CUTS, 0, on=("file",)))
    found = {check.declared: check.why for check in watcher.checks().values() if check.file}
    assert found == {"xls": "unreadable", "json": "unreadable", "xml": "unreadable", "csv": ""}


def test_the_next_night_shows_what_changed_and_lists_that_fail(desk):
    watcher = Watcher(desk, 6)
    same, changed, errs, gone, cut, walled = watcher.ids
    before = watcher.checks(0)
    watcher.script(Kind.GBK, same, 1)
    watcher.edit(1, [changed], columns="编号,名称,联系地址", rows="7")
    watcher.script(Kind.ERRS, errs, 1, listing=True)
    watcher.script(Kind.REFUSES, gone, 1, listing=True, status=404)
    watcher.script(Kind.CUTS, cut, 1, listing=True)
    watcher.script(Kind.REFUSES, walled, 1, listing=True, status=412)
    after = watcher.checks(1)
    key = same, watcher.file(same)
    assert after[key].size != before[key].size
    assert (after[key].columns, after[key].rows) == (HEADER, ROWS)
    assert after[key].content_hash == before[key].content_hash, "another charset is no change"
    key = changed, watcher.file(changed)
    assert (after[key].columns, after[key].rows) == (("编号", "名称", "联系地址"), 7)
    assert after[key].content_hash != before[key].content_hash
    lists = {id_: after[id_, ""].why for id_ in (errs, gone, cut, walled)}
    assert lists == {errs: "error_answer", gone: "not_found", cut: "unreadable", walled: "blocked"}
    assert after[walled, ""].outcome is FileOutcome.UNSEEN, "a wall is never the city's failure"
    assert sum(bool(file) for _, file in after) == 2, "nothing is said of files whose list was not read"
    first, second = watcher.rounds()
    assert (first.seq, second.seq, second.at - first.at) == (1, 2, timedelta(days=1))


def test_what_is_not_whole_is_neither_counted_nor_hashed(desk):
    """Files beyond our limit, with and without an announced length, and a table at the portal's own limit."""
    watcher = Watcher(desk, 3, rows=5000)
    announced, unannounced, capped = watcher.ids
    size = file_policy().max_bytes + 100_000
    watcher.script(Kind.SWELLS, announced, count=size, how="announced")
    watcher.script(Kind.SWELLS, unannounced, count=size)
    checks = watcher.checks()
    sizes = {id_: checks[id_, watcher.file(id_)].size for id_ in watcher.ids}
    assert (sizes[announced], sizes[unannounced]) == (size, None)
    assert 10_000 < sizes[capped] < 1_000_000
    for id_ in watcher.ids:
        check = checks[id_, watcher.file(id_)]
        assert (check.outcome, check.kind, check.status, check.columns) == (FileOutcome.OK, "csv", 200, HEADER)
        assert (check.rows, check.content_hash) == (None, "")


def test_only_what_is_open_to_everybody_is_asked_for(desk):
    watcher = Watcher(desk, 1)
    desk.stand_at({slug: watcher.replica.url(slug) for slug in ("jinan", "guiyang")})
    terms = {"c": "有条件开放", "d": "登录开放", "e": "无", "f": "不开放"}
    for letter, word in terms.items():
        watcher.known("jinan", letter * 32, word)
        watcher.watch("jinan", letter * 32)
    watcher.known("jinan", "1" * 32, listed=False)
    watcher.known("guiyang", "g1")
    for slug, id_ in (("jinan", "0" * 32), ("jinan", "1" * 32), ("guiyang", "g1"), ("x.somewhere", "d1")):
        watcher.watch(slug, id_)
    done = desk.command("scrapy", "checkfiles", night=0)
    assert done.returncode == 0, done.stderr
    assert "x.somewhere: watched, but not in the register" in done.stdout
    whys = {check.dataset[:2]: check.why for check in watcher.rounds()[0].checks if not check.file}
    expected = {"cc": "conditional", "dd": "login", "ee": "terms_unknown", "ff": "closed", "00": "not_read"}
    assert whys == {**expected, "11": "not_listed", watcher.ids[0][:2]: ""}
    (guiyang,) = watcher.rounds("guiyang")
    assert [(check.dataset, check.file, check.outcome, check.why) for check in guiyang.checks] == [
        ("g1", "", FileOutcome.UNSEEN, "no_file_list")
    ]
    asked = Counter(one.what for one in watcher.replica.log.requests if one.slug == "jinan" and one.what)
    assert asked == {"files": 1, "preview": 1, "file": 1}
    assert watcher.replica.log.count("guiyang") == 0


def test_the_rows_of_the_table_are_json_where_that_is_wanted(desk):
    watcher = Watcher(desk, 2)
    watcher.known("jinan", watcher.ids[1], title="a\u202eb\x9b31m")
    watcher.script(Kind.REFUSES, watcher.ids[0], status=404)
    done = watcher.look(0, "--json")
    rows = {row["dataset"]: row for row in json.loads(done.stdout)}
    failed = [one["why"] for one in rows[watcher.ids[0]]["outcomes"] if one["outcome"] == "failed"]
    assert failed == ["not_found"]
    assert (rows[watcher.ids[1]]["slug"], rows[watcher.ids[1]]["files"]) == ("jinan", 1)
    assert "\u202e" not in done.stdout
    assert "\x9b" not in done.stdout
    assert "the files of watched datasets" in done.stderr
    assert json.loads(watcher.look(0, "--json").stdout) == [], "looked at a moment ago"


def test_a_portal_is_looked_at_once_a_night(desk):
    watcher = Watcher(desk, 1)
    watcher.known("jinan", watcher.ids[0], title="[red]\x1b[31m红[/red]")
    done = watcher.look()
    assert done.returncode == 0, done.stderr
    assert "[red]" in done.stdout
    assert "\x1b" not in done.stdout, "titles of portals cannot colour a terminal"
    again = watcher.look(0)
    assert again.returncode == 0
    assert "--force" in again.stdout
    assert len(watcher.rounds()) == 1
    forced = watcher.look(0, "--force")
    assert forced.returncode == 1
    assert "nights only go forward" in forced.stderr, "this database is replayed"


def test_a_host_that_another_process_asks_is_left_alone(desk):
    watcher = Watcher(desk, 1)
    with (
        desk.store(0) as store,
        leases.hold_host(store.db, desk.replica.url("jinan").removeprefix("http://"), "x", "read"),
    ):
        done = watcher.look(0, "--until", "0.001h")
    assert done.returncode == 0, done.stderr
    assert "waits for its turn: x is being read by process" in done.stderr
    assert "1 rounds were not begun" in done.stdout
    assert (desk.replica.log.count(), watcher.rounds()) == (0, [])


def test_wrong_words_are_refused_before_anything_is_asked(desk):
    assert desk.command("scrapy", "checkfiles", "jinann", night=0).returncode == 2
    assert desk.command("scrapy", "checkfiles", "--base-url", "http://127.0.0.1:1", night=0).returncode == 2


def test_files_elsewhere_are_not_looked_at_for_a_portal_of_today(desk):
    watcher = Watcher(desk, 1)  # no night yet: the database lives in real time
    done = desk.command("scrapy", "checkfiles", "jinan", "--base-url", watcher.replica.url("jinan"))
    assert (done.returncode, "files looked at elsewhere" in done.stderr) == (2, True), done.stderr
    assert watcher.rounds() == []


def test_a_host_that_fails_again_and_again_is_left_alone(desk):
    watcher = Watcher(desk, 2, ("xls", "csv", "json", "xml", "rdf"))
    watcher.replica.script("jinan", Incident(Kind.RESETS, 0, on=("file",)))
    checks = watcher.checks()
    assert Counter(check.why for check in checks.values() if check.file) == {"unreachable": 5}
    assert checks[watcher.ids[1], ""].why == "stopped"


def test_when_no_host_answers_it_is_our_own_line(desk):
    watcher = Watcher(desk, 0)
    slugs = ("jinan", "qingdao", "dazhou")
    desk.stand_at({slug: f"http://127.0.0.1:{number}" for number, slug in enumerate(slugs, 1)})
    with PACKAGED.open(encoding="utf-8-sig", newline="") as stream:
        IDS.update({row["slug"]: row["id"] for row in csv.DictReader(stream) if row["slug"] in slugs})
    for slug in slugs:
        watcher.known(slug, "a" * 32)
        watcher.watch(slug, "a" * 32)
    done = desk.command("scrapy", "checkfiles", night=0)
    assert done.returncode == 8, done.stdout + done.stderr
    for slug in slugs:
        (looked,) = watcher.rounds(slug)
        assert [(check.outcome, check.why) for check in looked.checks] == [(FileOutcome.UNSEEN, "uplink")]


def test_a_file_that_leads_to_another_server_is_unseen_and_nobody_is_asked_there(desk):
    watcher = Watcher(desk, 1)
    (id_,) = watcher.ids
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0)
        target = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/file.csv"
        watcher.script(Kind.REDIRECTS, id_, status=302, value=target)
        check = watcher.checks()[id_, watcher.file(id_)]
        assert (check.outcome, check.why) == (FileOutcome.UNSEEN, "elsewhere")
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
