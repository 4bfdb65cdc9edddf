"""The look at what is missing: what proves that a dataset is gone, and what may be anything."""

import http.server
import threading

import pytest

from opendata_spiders.store.models import LookResult, Verdict
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

JINAN = PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=40)
DETAILS = ("detail",)


@pytest.fixture
def world():
    return World([JINAN], seed=11)


@pytest.fixture
def elsewhere():
    """Another server of this machine, and who asked it."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
        server.shutdown()


def second_night(desk, *incidents, how="404"):
    assert desk.crawl("jinan", 0).status == 0
    desk.replica.script("jinan", Incident(Kind.DELETES, 1, count=3, how=how), *incidents)
    crawled = desk.crawl("jinan", 1)
    assert (crawled.status, "Traceback" in crawled.log) == (0, False), crawled.log
    assert len(crawled.run.look) == 3
    return crawled.run


@pytest.mark.parametrize("how", ["404", "page"])
def test_deleted_datasets_are_gone_where_listed_ones_open(desk, how):
    assert set(second_night(desk, how=how).look.values()) == {LookResult.GONE}


def test_an_application_that_answers_404_for_every_page_has_deleted_nothing(desk):
    run = second_night(desk, Incident(Kind.REFUSES, 1, status=404, on=DETAILS))
    assert set(run.look.values()) == {LookResult.UNKNOWN}
    assert "look.no_control" in {one.code for one in run.findings}


def test_a_portal_that_fails_is_not_asked_for_every_missing_page(desk):
    assert desk.crawl("jinan", 0).status == 0
    desk.replica.script("jinan", Incident(Kind.DELETES, 1, count=20), Incident(Kind.REFUSES, 1, status=403, on=DETAILS))
    desk.replica.log.clear()
    run = desk.crawl("jinan", 1).run
    assert set(run.look.values()) == {LookResult.UNKNOWN}
    assert len(run.look) == 20
    assert desk.replica.log.count(what="detail") <= 10


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_page_that_leads_elsewhere_is_not_followed_and_proves_nothing(desk, elsewhere, status):
    target, asked = elsewhere
    run = second_night(desk, Incident(Kind.REDIRECTS, 1, on=DETAILS, status=status, value=target))
    assert set(run.look.values()) == {LookResult.UNKNOWN}
    assert asked == []


def test_a_list_that_leads_elsewhere_is_drifted_and_names_where_to(desk, elsewhere):
    target, asked = elsewhere
    assert desk.crawl("jinan", 0).status == 0
    desk.replica.script("jinan", Incident(Kind.REDIRECTS, 1, on=("list",), status=302, value=target))
    crawled = desk.crawl("jinan", 1)
    assert (crawled.run.verdict, crawled.status) == (Verdict.DRIFTED, 5)
    assert target in crawled.run.reason
    assert {one.detail for one in crawled.run.findings if one.code == "platform.redirects"} == {target}
    assert asked == []
