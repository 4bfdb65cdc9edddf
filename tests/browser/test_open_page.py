"""Pages opened in Chromium by a crawl: what is read of them, and what becomes of one that misbehaves."""

import socket
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Thread, Timer

import pytest

from opendata_spiders.store.embedded.locks import FileLock
from tests.browser.opening import Visit, chromium_processes, open_all
from tests.browser.servers import Pages, PageServer, download, hang, inflating, redirect, reply, serving
from tests.replica.certificates import server_tls

pytestmark = pytest.mark.slow

SHOWS = """<p id=x>no</p><script>
fetch('/api').then(answer => answer.text()).then(text => { document.getElementById('x').textContent = text })
</script>"""


def test_a_page_is_read_and_so_is_what_it_asks_for(tmp_path: Path) -> None:
    with serving({"/": SHOWS, "/api": '{"a": 1}'}) as server:
        (seen,) = open_all([Visit(server.url, step="wait")], tmp_path)
    assert (seen.error, seen.texts) == ("", ['{"a": 1}'])
    assert "<p id=" in seen.html
    for headers in server.headers:
        assert "opendata-nightwatch" in headers["user-agent"]
        assert "headless" not in str(headers).lower()
    assert not chromium_processes(str(tmp_path))
    assert not list((tmp_path / "browser").glob("[0-9]"))


def test_after_a_crash_or_a_kill_the_next_page_opens_in_a_new_browser(tmp_path: Path) -> None:
    with serving({"/": SHOWS, "/api": "{}"}) as server:
        steps = ("crash", "wait", "kill", "wait")
        crashed, fine, killed, fine_too = open_all([Visit(server.url, step=step) for step in steps], tmp_path)
    for lost in (crashed, killed):
        assert lost.error == "PageUnreachableError"
        assert lost.browsers == 0, "something of the browser is left, perhaps defunct"
    assert (fine.error, fine_too.error) == ("", "")


def test_the_browser_ends_when_no_page_was_open_for_a_while(tmp_path: Path) -> None:
    with serving({"/": "<p>page"}) as server:
        rested, again = open_all([Visit(server.url, rest=12), Visit(server.url)], tmp_path, {"browser_idle_seconds": 1})
    assert (rested.error, rested.browsers) == ("", 0)
    assert (again.error, again.browsers > 0) == ("", True)


def test_one_crawl_at_a_time_has_a_browser(tmp_path: Path) -> None:
    (tmp_path / "browser").mkdir()
    with serving({"/": "<p>page"}) as server, FileLock(tmp_path / "browser" / "0.lock") as lock:
        assert lock.exclusive()
        (refused,) = open_all([Visit(server.url)], tmp_path, {"browser_wait_minutes": 0})
        freed = Timer(2, lock.release)
        freed.start()
        (waited,) = open_all([Visit(server.url)], tmp_path)
        freed.join()
    assert (refused.error, refused.browsers) == ("PageUnreachableError", 0)
    assert "other crawls" in refused.said
    assert waited.error == ""


def test_a_wall_that_stands_before_the_page_alone_is_not_passed_either(tmp_path: Path) -> None:
    def walled(handler: BaseHTTPRequestHandler) -> None:
        if "through" in (handler.headers["Cookie"] or ""):
            reply(handler, "<p>behind")
        else:
            reply(handler, "<script>document.cookie = 'through=1'; location.reload()</script>", 412)

    with serving({"/": walled}) as server:
        (seen,) = open_all([Visit(server.url)], tmp_path)
    assert (seen.error, seen.html) == ("PageBlockedError", "")
    assert "HTTP 412" in seen.said


HANGS: dict[str, tuple[Pages, str, str]] = {
    "endless script": ({"/": "<script>for (;;) {}</script>"}, "", "PageUnreachableError"),
    "endless script when used": (
        {"/": "<script>function work() { for (;;) {} }</script>"},
        "run",
        "PageUnreachableError",
    ),
    "endless body": ({"/": hang}, "", "PageUnreachableError"),
    "navigates for ever": (
        {"/": "<script>location.href = '/?' + Math.random()</script>"},
        "wait",
        "PageUnreachableError",
    ),
    "much in memory": (
        {"/": "<script>let all = []; function work() { for (;;) all.push(new Uint8Array(1 << 24).fill(7)) }</script>"},
        "run",
        "PageTooLargeError",
    ),
    "dialogs": ({"/": "<script>for (let i = 0; i < 5; i++) alert(confirm(prompt(i)))</script><p>fine"}, "wait", ""),
    "asks before it closes": ({"/": "<script>onbeforeunload = event => event.preventDefault()</script>"}, "wait", ""),
    "popups": ({"/": "<script>for (let i = 0; i < 50; i++) window.open('/?' + i)</script>"}, "wait", ""),
    "long": ({"/": "<script>document.write('x'.repeat(5 << 20))</script>"}, "", "PageTooLargeError"),
    "a file": ({"/": download}, "", "PageDriftedError"),
    "inflates": ({"/": "<script>fetch('/big')</script><p>fine", "/big": inflating(300)}, "wait", ""),
    "much over the line": (
        {
            "/": "<script>function work() { return fetch('/big').then(a => a.text()) }</script>",
            "/big": b"x" * (9 << 20),
        },
        "run",
        "PageTooLargeError",
    ),
}


def test_whatever_a_page_does_ends_in_time(tmp_path: Path) -> None:
    visits, servers = [], []
    for pages, step, _ in HANGS.values():
        servers.append(serving(pages))
        visits.append(Visit(servers[-1].__enter__().url, step=step))
    limits = {"browser_page_seconds": 6, "browser_mb": 600, "browser_load_mb": 8}
    seen = dict(zip(HANGS, open_all(visits, tmp_path, limits), strict=True))
    for server in servers:
        server.__exit__(None, None, None)
    assert {name: one.error for name, one in seen.items()} == {name: error for name, (_, _, error) in HANGS.items()}
    assert all(one.seconds < 40 for one in seen.values())
    assert "600 MB" in seen["much in memory"].said
    assert "8 MB" in seen["much over the line"].said
    assert "".join(seen["inflates"].texts) == ""
    assert not chromium_processes(str(tmp_path))


def counting_datagrams() -> tuple[socket.socket, list[bytes]]:
    """A UDP port and what arrives there."""
    port, came = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), []
    port.bind(("127.0.0.1", 0))

    def receive() -> None:
        with suppress(OSError):  # the test closes the port
            while True:
                came.append(port.recv(2048))

    Thread(target=receive, daemon=True).start()
    return port, came


def leaving(outside: PageServer, datagrams: int) -> str:
    """A page that tries to reach another server in every way that a page has."""
    host = outside.url.removeprefix("http://")
    return f"""<link rel=preconnect href="{outside.url}"><link rel=prefetch href="{outside.url}/prefetch">
    <link rel=dns-prefetch href="//somewhere.example.org">
    <link rel=stylesheet href="/redirected"><iframe src="{outside.url}/frame"></iframe><script src="{outside.url}/script"></script>
    <script type=speculationrules>{{"prerender": [{{"source": "list", "urls": ["/redirected", "{outside.url}/prerender"]}}]}}</script>
    <script>
    fetch("/redirected").catch(() => 0); fetch("{outside.url}/fetch", {{mode: "no-cors"}}).catch(() => 0);
    navigator.sendBeacon("{outside.url}/beacon"); new EventSource("{outside.url}/events");
    new WebSocket("ws://{host}/socket"); navigator.serviceWorker && navigator.serviceWorker.register("/worker.js").catch(() => 0);
    new Worker(URL.createObjectURL(new Blob(["fetch('{outside.url}/worker', {{mode: 'no-cors'}})"])));
    window.open("{outside.url}/popup");
    const peer = new RTCPeerConnection({{iceServers: [{{urls: "stun:127.0.0.1:{datagrams}"}}]}});
    peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer));
    const form = document.createElement("form"); form.action = "{outside.url}/form"; form.target = "other"; document.body.append(form); form.submit();
    </script><p>here</p>"""


def test_nothing_leaves_the_host_group(tmp_path: Path) -> None:
    port, came = counting_datagrams()
    with serving({}) as outside, serving({}) as inside, serving({"/second": "of the group"}) as second:
        inside.pages |= {
            "/": leaving(outside, port.getsockname()[1]),
            "/redirected": redirect(f"{outside.url}/redirected"),
            "/moved": redirect("/once-more"),
            "/once-more": redirect(f"{outside.url}/moved"),
            "/kept": redirect(f"{second.url}/second"),
        }
        visits = [
            Visit(inside.url, step="wait"),
            Visit(f"{inside.url}/moved"),
            Visit(f"{inside.url}/kept", known=[second.url]),
            Visit(f"{inside.url}/kept"),
        ]
        page, moved, kept, lost = open_all(visits, tmp_path)
        assert outside.connections == 0, outside.asked
        assert len(second.asked) == 1
    port.close()
    assert came == []
    assert page.error == ""
    for path in ("/fetch", "/script", "/frame"):
        assert f"{outside.url}{path}" in page.refused
    assert (moved.error, lost.error) == ("PageMovedError", "PageMovedError")
    assert f"{outside.url}/moved" in moved.said
    assert "of the group" in kept.html


def test_the_proxy_of_the_group_serves_the_browser_with_its_password(tmp_path: Path) -> None:
    with serving({"/": SHOWS, "/api": "{}"}) as server, serving({}) as proxy:
        proxy.pages[f"{server.url}/"] = SHOWS
        proxy.pages[f"{server.url}/api"] = '{"by": "proxy"}'
        address = proxy.url.replace("//", "//user:p%40ss@")
        (seen,) = open_all(
            [Visit(server.url, step="wait")], tmp_path, settings={"PROXIES": f'{{"group": "{address}"}}'}
        )
        assert server.asked == []
    assert seen.texts == ['{"by": "proxy"}'], seen.said
    assert {one.get("proxy-authorization") for one in proxy.headers} == {"Basic dXNlcjpwQHNz"}


def test_a_certificate_of_nobody_is_taken_as_for_plain_requests(tmp_path: Path) -> None:
    with serving({"/": "<p>secure"}, server_tls()) as server:
        (seen,) = open_all([Visit(server.url)], tmp_path)
    assert "secure" in seen.html, seen.said
