"""What hostile servers do, one act each, with the verdicts that are due and a word the reason has to hold."""

import asyncio
import gzip
import json
import struct
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import brotli
import zstandard

from tests.chaos.hostile_server import Scene
from tests.replica import PortalSpec, World
from tests.replica.incidents import Incident, Kind

SPECS = {
    "guiyang": PortalSpec("guiyang", "guizhou_api", "贵阳", "520100", division="520100", datasets=36),
    "jinan": PortalSpec("jinan", "inspur_oportal", "济南", "370100", context_path="/jinan", datasets=30),
}
COMPLETE, PARTIAL, BLOCKED, DRIFTED, UNREACHABLE = ({status} for status in (0, 3, 4, 5, 7))
JSON = "application/json;charset=UTF-8"
Play = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Act:
    """One way to be hostile."""

    name: str
    on: str
    """The requests it is played on: list, detail, robots; all others are answered honestly."""
    play: Play
    due: set[int]
    """Exit statuses that are right."""
    says: str = ""
    slug: str = "guiyang"
    nights: int = 1
    """2: the first night is honest, and on the second two datasets are missing, so that they are looked for."""
    scheme: str = "http"

    def world(self) -> World:
        world = World([SPECS[self.slug]], seed=3)
        if self.nights > 1:
            world.script(self.slug, Incident(Kind.DELETES, 1, count=2, how="404"))
        return world

    def truth(self) -> set[str]:
        """Native ids of the datasets that the portal has on the last night."""
        return {record.id for record in self.world().night(self.slug, self.nights - 1)}


# --- redirects ------------------------------------------------------------------------------------------------------


def to(target: str, status: str = "302 Found", *headers: str) -> Play:
    """Redirect; {trap}, {port}, {base} and {path} stand for those of the scene."""

    async def play(scene: Scene) -> None:
        port = scene.base.rpartition(":")[2]
        where = target.format(trap=scene.trap.port, port=port, base=scene.base, path=scene.request.path)
        await scene.redirect(where, status, *headers)

    return play


async def meta_refresh(scene: Scene) -> None:
    page = f'<html><head><meta http-equiv="refresh" content="0;url=http://127.0.0.1:{scene.trap.port}/"></head></html>'
    await scene.answer(page.encode())


async def ring(scene: Scene) -> None:
    await scene.redirect(f"{scene.request.path}?page={scene.number % 3}&x={scene.number}")


async def moved_within(scene: Scene) -> None:
    """The interface is elsewhere on the same server, and takes nothing but POST."""
    if not scene.request.path.endswith("/moved"):
        await scene.redirect("/api/search/data/moved", "301 Moved Permanently")
    elif scene.request.method != "POST" or not scene.request.body:
        await scene.answer(b"", status="405 Method Not Allowed")
    else:
        await scene.answer(json.dumps(_catalogue(json.loads(scene.request.body)["pageIndex"])).encode(), kind=JSON)


@cache
def _records() -> Sequence[Any]:
    return list(World([SPECS["guiyang"]], seed=3).night("guiyang", 0))


def _catalogue(page: int) -> dict[str, Any]:
    rows = [{"id": one.id, "name": one.title} for one in _records()]
    return {"code": 200, "total": len(rows), "data": rows[12 * (page - 1) : 12 * page]}


# --- headers --------------------------------------------------------------------------------------------------------


def flood(piece: bytes, start: bytes = b"HTTP/1.1 200 OK\r\n") -> Play:
    async def play(scene: Scene) -> None:
        await scene.send(start)
        while True:
            await scene.send(piece)

    return play


def headers(*lines: str) -> Play:
    async def play(scene: Scene) -> None:
        reply = scene.honest()
        await scene.answer(reply.body, *lines, kind=reply.content_type)

    return play


# --- bodies ---------------------------------------------------------------------------------------------------------

_MANY = 32 << 20


def _repeated(compress: Any, flush: Any) -> bytes:
    return b"".join(compress(bytes(1 << 20)) for _ in range(_MANY >> 20)) + flush()


@cache
def _bomb(encoding: str) -> bytes:
    if encoding == "br":
        packer = brotli.Compressor(quality=3)
        return _repeated(packer.process, packer.finish)
    if encoding == "zstd":
        stream = zstandard.ZstdCompressor(level=3).compressobj()
        return _repeated(stream.compress, stream.flush)
    packer = zlib.compressobj(wbits=31 if "gzip" in encoding else 15)
    bomb = _repeated(packer.compress, packer.flush)
    return gzip.compress(bomb) if "," in encoding else bomb


def bomb(encoding: str) -> Play:
    async def play(scene: Scene) -> None:
        await scene.answer(await asyncio.to_thread(_bomb, encoding), f"Content-Encoding: {encoding}")

    return play


def body(data: bytes, kind: str = "text/html;charset=utf-8", *lines: str) -> Play:
    async def play(scene: Scene) -> None:
        await scene.answer(data, *lines, kind=kind)

    return play


async def endless_chunks(scene: Scene) -> None:
    await scene.head("Transfer-Encoding: chunked")
    while True:
        await scene.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


async def endless_body(scene: Scene) -> None:
    await scene.head("Content-Type: text/html")
    while True:
        await scene.send(b" " * 0x10000)


async def announced_giant(scene: Scene) -> None:
    await scene.head("Content-Length: 99999999999")
    await endless_body(scene)


async def shorter_than_announced(scene: Scene) -> None:
    reply = scene.honest()
    await scene.head(f"Content-Length: {len(reply.body) + 999}", f"Content-Type: {reply.content_type}")
    await scene.send(reply.body)
    scene.writer.close()


async def reset_inside(scene: Scene) -> None:
    await scene.head("Content-Length: 9999")
    await scene.send(b"{")
    sock = scene.writer.get_extra_info("socket")
    sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER: close with a reset
    scene.writer.close()


async def drip(scene: Scene) -> None:
    await scene.head("Content-Type: text/html")
    while True:
        await scene.send(b"<")
        await asyncio.sleep(0.2)


async def silence(scene: Scene) -> None:
    await asyncio.sleep(600)


def raw(data: bytes, *, close: bool = True) -> Play:
    async def play(scene: Scene) -> None:
        await scene.send(data)
        if close:
            scene.writer.close()

    return play


async def poisoned(scene: Scene) -> None:
    """Behind each answer stands another one, for a question that nobody has asked yet."""
    reply = scene.honest()
    trap = b'{"code": 200, "total": 36, "data": [{"id": "POISON", "name": "x"}]}'
    await scene.answer(reply.body, kind=reply.content_type)
    await scene.answer(trap, kind=JSON)


# --- catalogues -----------------------------------------------------------------------------------------------------


def endless(total: int | None) -> Play:
    """Full pages of datasets that nobody has seen before, for ever."""

    async def play(scene: Scene) -> None:
        page = json.loads(scene.request.body)["pageIndex"]
        rows = [{"id": f"fresh-{page}-{n}", "name": f"数据 {page} {n}"} for n in range(12)]
        answer = {"code": 200, "total": 12 * page + 36 if total is None else total, "data": rows}
        await scene.answer(json.dumps(answer).encode(), kind=JSON)

    return play


async def giants(scene: Scene) -> None:
    """Twelve new entries a page, of three and a half megabytes together, for ever."""
    page = json.loads(scene.request.body)["pageIndex"]
    rows = [{"id": f"giant-{page}-{n}", "name": "数据", "description": "数据说明" * 25_000} for n in range(12)]
    await scene.answer(json.dumps({"total": 100_000, "data": rows}, ensure_ascii=False).encode(), kind=JSON)


def crowded(mark: str, times: int = 1, closing: str = "") -> Play:
    """An honest page with so much markup put in at its end."""

    async def play(scene: Scene) -> None:
        page = scene.honest().body.decode()
        end = page.rfind("</body>")
        await scene.answer((page[:end] + mark * times + closing * times + page[end:]).encode())

    return play


async def control_bytes(scene: Scene) -> None:
    await scene.answer(
        scene.honest().body.replace(b"<div", b"<div a\x01b='\x02' \x7f=1").replace(b"<li", b"<li \x1b[2J")
    )


async def towers(scene: Scene) -> None:
    answer = json.loads(scene.honest().body)
    for row in answer["data"]:
        row["name"] += "\u0327\u0301" * 20_000
    await scene.answer(json.dumps(answer).encode(), kind=JSON)


def asks_for_patience(status: str, after: str) -> Play:
    async def play(scene: Scene) -> None:
        await scene.answer(b"", f"Retry-After: {after}", status=status)

    return play


_NESTED = b'{"code":200,"total":1,"data":' + b"[" * 900 + b"]" * 900 + b"}"
_LISTS = b'{"code":200,"total":1,"data":[' + b"[]," * 1_000_000 + b"[]]}"
_DEEP = b'{"data":' * 200_000

ACTS: Sequence[Act] = (
    Act("302 to another port, list", "list", to("http://127.0.0.1:{trap}/x"), DRIFTED, "outside"),
    Act(
        "307 to another port, list of pages",
        "list",
        to("http://127.0.0.1:{trap}/x", "307 T"),
        DRIFTED,
        "outside",
        "jinan",
    ),
    Act("meta refresh to another port", "list", meta_refresh, DRIFTED, "outside", "jinan"),
    Act("302 to another port, details", "detail", to("http://127.0.0.1:{trap}/x"), COMPLETE),
    Act("308 to another port, details of pages", "detail", to("//127.0.0.1:{trap}/x", "308 P"), COMPLETE, "", "jinan"),
    Act("302 to another port, look", "detail", to("http://127.0.0.1:{trap}/x"), COMPLETE, "", "jinan", 2),
    Act("302 to another port, robots.txt", "robots", to("http://127.0.0.1:{trap}/robots.txt"), COMPLETE),
    Act("a decimal address", "list", to("http://2130706433:{trap}/"), DRIFTED, "outside"),
    Act("an octal address", "list", to("http://0177.0.0.1:{trap}/"), DRIFTED, "outside"),
    Act("loopback in IPv6", "list", to("http://[::1]:{trap}/"), DRIFTED, "outside"),
    Act("loopback mapped into IPv6", "list", to("http://[::ffff:127.0.0.1]:{trap}/"), DRIFTED, "outside"),
    Act("localhost", "list", to("http://localhost:{trap}/"), DRIFTED, "outside"),
    Act("a user name before the host", "list", to("http://127.0.0.1:{port}@127.0.0.1:{trap}/"), DRIFTED, "outside"),
    Act("a backslash before the host", "list", to("http://127.0.0.1:{port}\\@127.0.0.1:{trap}/"), COMPLETE | DRIFTED),
    Act("https on another port", "list", to("https://127.0.0.1:{trap}/"), DRIFTED, "outside"),
    Act("link-local", "list", to("http://169.254.169.254/latest/meta-data/"), DRIFTED, "169.254.169.254"),
    Act("a file", "list", to("file:///etc/passwd"), DRIFTED, "outside"),
    Act("a script", "list", to("javascript:alert(1)"), DRIFTED, "outside"),
    Act("half an address", "list", to("http://[half"), DRIFTED, "outside"),
    Act("control characters in an address", "list", to("http://127.0.0.1:{trap}/\x1b[2J\u202e"), DRIFTED, "outside"),
    Act("a loop", "list", to("{base}{path}"), DRIFTED, "redirects more than"),
    Act(
        "a loop that sets a cookie", "list", to("{base}{path}", "302 F", "Set-Cookie: a=b"), DRIFTED, "cookie", "jinan"
    ),
    Act("a ring of addresses", "list", ring, DRIFTED, "redirects more than", "jinan"),
    Act("a POST that moved", "list", moved_within, COMPLETE),
    Act("endless header lines", "list", flood(b"X-Y: zzzzzzzzzzzzzzzzzzzzzzzzzz\r\n" * 500), DRIFTED, "headers"),
    Act("an endless header line", "list", flood(b"z" * 65536), UNREACHABLE),
    Act(
        "an endless folded header",
        "list",
        flood(b" zzzzzzzzzzzzzzzzzzz\r\n" * 500, b"HTTP/1.1 200 OK\r\nA: b\r\n"),
        DRIFTED,
        "headers",
    ),
    Act("endless interim answers", "list", flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 500, b""), DRIFTED, "headers"),
    Act("2,000 cookies", "list", headers(*(f"Set-Cookie: c{n}={'v' * 60}" for n in range(2000))), DRIFTED, "headers"),
    Act("100 cookies", "list", headers(*(f"Set-Cookie: c{n}=v" for n in range(100))), COMPLETE),
    Act(
        "endless headers, robots.txt", "robots", flood(b"X-Y: zzzzzzzzzzzzzzzzzz\r\n" * 500), UNREACHABLE, "robots.txt"
    ),
    Act("a gzip bomb", "list", bomb("gzip"), DRIFTED, "inflates"),
    Act("a deflate bomb", "list", bomb("deflate"), DRIFTED, "inflates", "jinan"),
    Act("a brotli bomb", "list", bomb("br"), DRIFTED, "inflates"),
    Act("a zstd bomb", "list", bomb("zstd"), DRIFTED, "inflates", "jinan"),
    Act("a bomb inside gzip", "list", bomb("gzip, gzip"), DRIFTED, "inflates"),
    Act("a gzip bomb, details", "detail", bomb("gzip"), COMPLETE),
    Act("a gzip bomb, robots.txt", "robots", bomb("gzip"), UNREACHABLE, "robots.txt"),
    Act("no gzip", "list", body(b"{}", JSON, "Content-Encoding: gzip"), UNREACHABLE),
    Act("endless chunks", "list", endless_chunks, DRIFTED, "larger"),
    Act("an endless body", "list", endless_body, DRIFTED, "larger", "jinan"),
    Act("an announced giant", "list", announced_giant, DRIFTED, "larger"),
    Act("shorter than announced", "list", shorter_than_announced, UNREACHABLE),
    Act("a reset inside the body", "list", reset_inside, UNREACHABLE),
    Act("a slow drip", "list", drip, UNREACHABLE, "", "jinan"),
    Act("silence", "list", silence, UNREACHABLE),
    Act("no HTTP", "list", raw(b"\x00\xff\x16\x03\x01 what\r\n\r\n"), UNREACHABLE),
    Act(
        "two lengths", "list", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), UNREACHABLE
    ),
    Act("a negative length", "list", raw(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}"), UNREACHABLE | DRIFTED),
    Act(
        "chunks of no size",
        "list",
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
        UNREACHABLE,
    ),
    Act("status 999", "list", raw(b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n"), UNREACHABLE),
    Act(
        "noise where TLS is due",
        "robots",
        raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        UNREACHABLE,
        "",
        "guiyang",
        1,
        "https",
    ),
    Act("an answer behind the answer", "list", poisoned, COMPLETE | UNREACHABLE | PARTIAL),
    Act("a list without end, of a small total", "list", endless(24), PARTIAL, "no end"),
    Act("a list without end, of a total that runs ahead", "list", endless(None), PARTIAL, "no end"),
    Act("a list without end, of giant entries", "list", giants, PARTIAL, "no end"),
    Act("a million nested tags", "list", body(b"<html><body>" + b"<b>" * 1_000_000), DRIFTED, "tags", "jinan"),
    Act("50,000 tags", "list", crowded("<span>x</span>", 50_000), DRIFTED, "tags", "jinan"),
    Act("1,000 nested totals", "list", crowded('<div class="top-title">', 1000, "</div>"), COMPLETE, "", "jinan"),
    Act(
        "1,000 nested entries",
        "list",
        crowded('<div class="bottom-content"><ul><li>', 300),
        COMPLETE | DRIFTED | UNREACHABLE,
        "",
        "jinan",
    ),
    Act(
        "1,000 nested tables, details",
        "detail",
        crowded('<table name="basicinfo"><tr><td>', 400),
        COMPLETE,
        "",
        "jinan",
    ),
    Act(
        "half a megabyte of unclosed scripts",
        "list",
        crowded("<script a", 60_000),
        COMPLETE | DRIFTED | UNREACHABLE,
        "",
        "jinan",
    ),
    Act("JSON nested 900 deep", "list", body(_NESTED, JSON), DRIFTED),
    Act("JSON nested without end", "list", body(_DEEP, JSON), DRIFTED | UNREACHABLE),
    Act("JSON of a million lists", "list", body(_LISTS, JSON), DRIFTED),
    Act("towers of accents", "list", towers, COMPLETE),
    Act("control bytes in markup", "list", control_bytes, COMPLETE, "", "jinan"),
    Act(
        "robots.txt answers 503",
        "robots",
        raw(b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"),
        UNREACHABLE,
        "robots.txt",
    ),
    Act("robots.txt is silent", "robots", silence, UNREACHABLE, "robots.txt"),
    Act("robots.txt redirects in circles", "robots", to("{base}/robots.txt"), COMPLETE),
    Act("robots.txt forbids", "robots", body(b"User-agent: *\nDisallow: /api", "text/plain"), BLOCKED, "robots.txt"),
    Act(
        "robots.txt of stars",
        "robots",
        body(b"User-agent: *\nDisallow: /" + b"*a" * 5000 + b"$", "text/plain"),
        COMPLETE,
    ),
    Act("429 for an hour", "list", asks_for_patience("429 Slow", "3600"), BLOCKED, "not to be asked again before"),
    Act(
        "503 until a date", "list", asks_for_patience("503 Later", "Fri, 01 Jan 2099 00:00:00"), BLOCKED, "Retry-After"
    ),
)
