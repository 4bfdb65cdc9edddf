"""Chromium's way to the network, asked as a browser asks: by a request with a whole URL, or for a tunnel."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from opendata_spiders.browser.group_proxy import GroupProxy
from opendata_spiders.fetching.addresses import HostGroup
from tests.browser.servers import redirect, serving


def ask(group: HostGroup, *requests: bytes) -> tuple[list[bytes], GroupProxy]:
    """The answer to each request, sent on a connection of its own, and the proxy."""

    async def main() -> tuple[list[bytes], GroupProxy]:
        proxy = GroupProxy(5)
        port = int((await proxy.start()).rpartition(":")[2])
        proxy.begin(group, "")
        answers = []
        for request in requests:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            try:
                answers.append(await asyncio.wait_for(reader.read(), 10))
            except ConnectionResetError:  # it was closed before all was read
                answers.append(b"")
            writer.close()
        await proxy.close()
        return answers, proxy

    return asyncio.run(main())


def get(url: str) -> bytes:
    return f"GET {url} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n".encode()


def group_of(*ports: int, host: str = "127.0.0.1") -> HostGroup:
    return HostGroup("g", frozenset((host, port) for port in ports))


def test_a_server_of_the_group_answers_and_no_connection_is_kept() -> None:
    with serving({"/a": "of the group"}) as server:
        (answer,), proxy = ask(group_of(server.server_port), get(f"{server.url}/a?b=c"))
    assert answer.endswith(b"of the group")
    assert b"Connection: close" in answer
    assert server.asked == ["/a?b=c"]
    assert server.headers[0]["connection"] == "close"
    assert (proxy.refused, proxy.failure) == ([], "")


def test_a_tunnel_is_made_to_a_server_of_the_group_alone() -> None:
    with serving({"/": "here"}) as inside, serving({"/": "there"}) as outside:
        ends = [f"CONNECT 127.0.0.1:{one.server_port} HTTP/1.1\r\n\r\n".encode() for one in (inside, outside)]
        through = b"GET / HTTP/1.0\r\n\r\n"
        (here, there), proxy = ask(group_of(inside.server_port), ends[0] + through, ends[1] + through)
        assert outside.connections == 0
    assert here.startswith(b"HTTP/1.1 200")
    assert here.endswith(b"here")
    assert there == b""
    assert proxy.refused == [f"127.0.0.1:{outside.server_port}"]


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\r\n\r\n", b"\r\n\r\n", b"GET http://[half/ HTTP/1.1\r\n\r\n", b"x" * 200_000, b"CONNECT 127.0.0.1 HTTP/1.1\r\n\r\n",
     b"GET http://127.0.0.1@localhost/ HTTP/1.1\r\n\r\n", b"GET ftp://127.0.0.1/ HTTP/1.1\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_request_is_answered_by_nothing(request_: bytes) -> None:
    (answer,), _ = ask(group_of(1), request_)
    assert answer == b""


def test_a_public_name_of_an_address_that_is_not_public_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(answer: str) -> Callable[..., Awaitable[list[tuple[object, ...]]]]:
        async def look_up(*_: object, **__: object) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, None, 0, "", (answer, 80))]

        return look_up

    with serving({"/": "private"}) as server:
        monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolved("127.0.0.1"))
        (answer,), proxy = ask(
            group_of(server.server_port, host="data.example.gov.cn"),
            get(f"http://data.example.gov.cn:{server.server_port}/"),
        )
        assert server.connections == 0
    assert answer == b""
    assert "no address of the public network" in proxy.failure


def test_a_server_that_does_not_listen_is_named() -> None:
    with serving({}) as server:
        port = server.server_port
    (answer,), proxy = ask(group_of(port), get(f"http://127.0.0.1:{port}/"))
    assert answer == b""
    assert str(port) in proxy.failure


def test_a_redirect_is_the_browsers_to_follow() -> None:
    with serving({"/": redirect("http://elsewhere.example.cn/")}) as server:
        (answer,), _ = ask(group_of(server.server_port), get(server.url + "/"))
    assert b"302" in answer.splitlines()[0]
    assert b"elsewhere" in answer
