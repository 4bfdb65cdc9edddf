"""A wall is told from a page; ordinary pages that merely mention a vendor pass."""

import pytest
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import HtmlResponse, TextResponse

from opendata_spiders.pages import walls
from opendata_spiders.pages.contract import (
    DatasetGoneError,
    PageBlockedError,
    PageDriftedError,
    PageMissingError,
    PageUnreachableError,
)

URL = "http://127.0.0.1/list"


def page(body=b'{"total": 1}', status=200, cls=TextResponse, **headers):
    return cls(URL, status=status, body=body, headers=headers)


@pytest.mark.parametrize("status", sorted(walls.BLOCKED_STATUSES))
def test_refusals_are_blocked(status):
    with pytest.raises(PageBlockedError, match=str(status)):
        walls.check_list(page(status=status), "json")


@pytest.mark.parametrize(("status", "error"), [(500, PageUnreachableError), (503, PageUnreachableError),
                                               (404, PageMissingError), (410, PageMissingError),
                                               (302, PageDriftedError), (405, PageDriftedError)])  # fmt: skip
def test_other_statuses_of_a_list_page(status, error):
    with pytest.raises(error):
        walls.check_list(page(status=status), "json")


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_detail_is_a_dataset_that_is_gone(status):
    with pytest.raises(DatasetGoneError):
        walls.check_detail(page(status=status), "json")


@pytest.mark.parametrize("body", [b"<!DOCTYPE html><html>", b"\xef\xbb\xbf \n<html>", b"<Result/>"])
def test_html_where_json_is_due_is_blocked(body):
    with pytest.raises(PageBlockedError):
        walls.check_list(page(body), "json")


@pytest.mark.parametrize(("text", "vendor"), walls.markers().items(), ids=str)
def test_every_marker_is_recognised_in_a_small_page(text, vendor):
    body = b"<html><body><script>var x = '" + text + b"'</script></body></html>"
    with pytest.raises(PageBlockedError, match=vendor):
        walls.check_list(page(body, cls=HtmlResponse), "html")


@pytest.mark.parametrize(
    "response",
    [
        page("<html><body>关于加速乐与瑞数防护产品采购的公告</body></html>".encode(), cls=HtmlResponse),
        page(b"<html><ul><li>ok</li></ul></html>", cls=HtmlResponse, **{"Set-Cookie": "__jsluid_s=abc; path=/"}),
        page(b"<html>" + b" " * 70_000 + b"acw_sc__v2</html>", cls=HtmlResponse),
    ],
    ids=["mentions vendors", "sets the wall's cookie", "a large page that loads a vendor's script"],
)
def test_ordinary_pages_pass(response):
    walls.check_list(response, "html")


def test_a_page_that_shows_nothing_and_sets_a_cookie_by_script_is_a_challenge():
    body = b"<html><head><title>x</title></head><body><script>document.cookie='a'+'b';location.reload()</script></body></html>"
    with pytest.raises(PageBlockedError, match="cookie"):
        walls.check_list(page(body, cls=HtmlResponse), "html")
    shown = body.replace(b"</body>", "<p>数据目录</p></body>".encode())
    walls.check_list(page(shown, cls=HtmlResponse), "html")


def test_an_empty_body_is_no_answer():
    with pytest.raises(PageUnreachableError):
        walls.check_list(page(b"  \n"), "html")


def test_what_the_network_does_is_a_fact_about_the_page():
    assert isinstance(walls.as_page_error(TimeoutError("25 s")), PageUnreachableError)
    unresolved = walls.as_page_error(CannotResolveHostError("DNS lookup failed: x"))
    assert str(unresolved).startswith("DNS lookup failed")


@pytest.mark.parametrize(
    ("body", "status", "wall"),
    [
        (
            b"<script>document.cookie=('_')+('_')+('j')+'=1';location.href=location.pathname</script>",
            521,
            "加速乐".encode(),
        ),
        (b"<script>go({'tn': '__jsl_clearance_s'})</script>", 521, "加速乐".encode()),
        (b"<script>document.cookie='a=b';location.reload()</script>", 412, "瑞数".encode()),
        (b"<script>var WZWS_CONFIRM_PREFIX_LABEL='a'</script>", 200, b"wzws"),
    ],
)
def test_a_wall_that_chromium_may_pass_is_named_with_the_way_to_allow_it(body, status, wall):
    with pytest.raises(PageBlockedError, match=wall.decode() + ".*passed_walls.csv"):
        walls.check_list(page(body, cls=HtmlResponse, status=status), "html")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html><body>web server is down</body></html>", 521),
        (b"<script>document.cookie='a=b'</script>", 403),
        (b"", 521),
        ("<html><body>本站由加速乐、瑞数防护, wzws</body></html>".encode(), 200),
    ],
    ids=["another firewall's 521", "an unknown script", "empty", "mentions them"],
)
def test_nothing_else_counts_as_such_a_wall(body, status):
    assert walls.passable(page(body, cls=HtmlResponse, status=status)) is None


def test_every_passable_wall_has_its_markers_and_knows_its_cookie():
    assert set(walls.passable_walls()) <= set(walls.markers().values())
    names = {
        "__jsl_clearance_s": "加速乐",
        "__jsl_clearance": "加速乐",
        "wzws_cid": "wzws",
        "FSSBBIl1UgzbN7N443T": "瑞数",
    }
    for name, wall in names.items():
        assert walls.passable_walls()[wall].sets(name)
    for name in ("__jsluid_s", "JSESSIONID", "FSSBBIl1UgzbN7N443S", ""):
        assert not any(wall.sets(name) for wall in walls.passable_walls().values())
