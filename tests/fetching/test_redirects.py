"""Redirects inside the host group are followed, whatever asked; nothing leaves it."""

import pytest
from scrapy import Request, Spider
from scrapy.http import HtmlResponse, Response
from scrapy.settings import Settings
from scrapy.utils.test import get_crawler

from opendata_spiders.fetching.addresses import host_group
from opendata_spiders.fetching.proxies import ProxiesError, proxies
from opendata_spiders.fetching.redirects import HostGroupMiddleware, within
from opendata_spiders.pages.contract import PageDriftedError, PageMovedError

GROUP = host_group("city", "http://data.example-city.gov.cn", ["http://kf.example-city.gov.cn"])
URL = "http://data.example-city.gov.cn/api/list"


@pytest.fixture
def middleware():
    crawler = get_crawler(
        Spider, {"PROXIES": '{"city": "http://proxy:3128"}', "METAREFRESH_MAXDELAY": 10, "REDIRECT_MAX_TIMES": 3}
    )
    crawler.spider = Spider("none")
    return HostGroupMiddleware.from_crawler(crawler)


def asked(url=URL, **more):
    return within(Request(url, **more), GROUP)


def redirect(location, status=302, **headers):
    return Response(URL, status=status, headers={"Location": location, **headers})


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize(
    "location",
    [
        "https://data.example-city.gov.cn/api/list",
        "/elsewhere",
        "//www.data.example-city.gov.cn/x",
        "http://kf.example-city.gov.cn/",
    ],
)
def test_a_post_stays_a_post_inside_the_group(middleware, status, location):
    followed = middleware.process_response(
        asked(method="POST", body=b'{"page": 1}', headers={"Content-Type": "application/json"}),
        redirect(location, status),
    )
    assert (followed.method, followed.body, followed.headers["Content-Type"]) == (
        "POST",
        b'{"page": 1}',
        b"application/json",
    )
    assert GROUP.holds(followed.url)
    assert followed.meta["redirect_urls"] == [URL]
    middleware.process_request(followed)


def test_a_303_is_fetched(middleware):
    followed = middleware.process_response(asked(method="POST", body=b"{}"), redirect("/x", 303))
    assert (followed.method, followed.body) == ("GET", b"")


@pytest.mark.parametrize("location", [
    "http://evil.cn/", "//evil.cn/x", "http://127.0.0.1/", "http://127.0.0.1:27017/", "http://2130706433/", "http://[::1]/", "http://10.0.0.1/", "ftp://data.example-city.gov.cn/",
    "http://data.example-city.gov.cn@127.0.0.1/", "http://[half", "http://data.example-city.gov.cn:8080/", "http://169.254.169.254/latest",
])  # fmt: skip
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_outside_nobody_is_asked_and_the_target_is_named(middleware, location, status):
    with pytest.raises(PageMovedError, match="nothing was asked there") as caught:
        middleware.process_response(asked(), redirect(location, status))
    assert location.split("/")[2][:8] in str(caught.value)


def test_the_target_of_a_message_holds_nothing_a_terminal_obeys(middleware):
    with pytest.raises(PageMovedError) as caught:
        middleware.process_response(asked(), redirect("http://evil.cn/\x1b[2J\u202e" + "x" * 5000))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


def test_a_request_that_leaves_the_group_by_itself_is_refused_before_anybody_is_asked(middleware):
    with pytest.raises(PageMovedError):
        middleware.process_request(asked("http://evil.cn/"))


def test_a_redirect_without_end_is_named(middleware):
    request, again = asked(), redirect("/api/list", **{"Set-Cookie": "a=b"})
    for _ in range(3):
        request = middleware.process_response(request, again)
    with pytest.raises(PageDriftedError, match="more than 3 times in a row and sets a cookie"):
        middleware.process_response(request, again)


def refreshing(content, status=200):
    return HtmlResponse(
        URL, status=status, body=f'<html><head><meta http-equiv="refresh" content="{content}"></head></html>'.encode()
    )


def test_a_page_that_sends_its_reader_on(middleware):
    assert middleware.process_response(asked(), refreshing("0;url=/next")).url == "http://data.example-city.gov.cn/next"
    with pytest.raises(PageMovedError):
        middleware.process_response(asked(), refreshing("3;url=http://evil.cn/"))


@pytest.mark.parametrize("answer", [refreshing("60;url=http://evil.cn/"), refreshing("0;url=/api/list"), refreshing("5"), refreshing("0;url=/x", 404),
                                    refreshing("0;url=http://[half")])  # fmt: skip
def test_a_page_that_stays(middleware, answer):
    assert middleware.process_response(asked(), answer) is answer


def test_a_request_of_no_portal_stays_where_it_began(middleware):
    request = Request("http://127.0.0.1:1/a")
    middleware.process_request(request)
    assert (
        middleware.process_response(request, Response(request.url, status=302, headers={"Location": "/b"})).url
        == "http://127.0.0.1:1/b"
    )
    with pytest.raises(PageMovedError):
        middleware.process_response(
            request, Response(request.url, status=302, headers={"Location": "http://127.0.0.1:2/b"})
        )


def test_the_proxy_of_the_group_serves_every_request(middleware):
    request = asked("http://data.example-city.gov.cn/robots.txt")
    middleware.process_request(request)
    assert request.meta["proxy"] == "http://proxy:3128"


@pytest.mark.parametrize("value", ["{", "[]", "null", '"http://proxy"', '{"a": 1}', '{"a": "proxy:3128"}', '{"a": "socks5://p:1"}', '{"a": "http://"}', '{"a": null}',
                                   "[" * 100_000])  # fmt: skip
def test_proxies_that_make_no_sense(value):
    with pytest.raises(ProxiesError, match=r"^PROXIES"):
        proxies(Settings({"PROXIES": value}))


def test_no_password_is_shown():
    with pytest.raises(ProxiesError) as caught:
        proxies(Settings({"PROXIES": '{"city": "socks5://user:secret@proxy:1"}'}))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "{}", '{"a": "https://u:p@h:1"}'])
def test_proxies(value):
    assert isinstance(proxies(Settings({"PROXIES": value})), dict)
