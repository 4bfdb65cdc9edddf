"""Serves one single-page portal over HTTP on loopback, and counts what it is asked."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.replica.single_page.truth import MENU, NEWS, THEMES, Known, datasets, offices


@dataclass(frozen=True)
class Asked:
    """A request to the portal's interface."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


@dataclass(frozen=True)
class Refused:
    """An answer that is an error."""

    status: int
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SinglePage:
    """One portal."""

    name: str
    script: str
    """Loads the list and shows it in `#app`; `decoys()` and `el()` of `PAGE` are at hand."""
    answer: Callable[[Sequence[Known], Asked], Any]
    """What `/api/…` answers: a value that is sent as JSON, a text as it is, or `Refused`."""
    route: str = ""
    """The register's context path."""
    hot: bool = True


PAGE = """<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>金川市公共数据开放平台</title></head><body>
<nav id="menu"></nav><main id="app"></main><aside><ol id="hot"></ol><ul id="news"></ul><ul id="offices"></ul></aside>
<script>
const el = (html) => {{ const t = document.createElement("template"); t.innerHTML = html.trim(); return t.content.firstChild; }};
const get = async (url, init) => (await fetch(url, init)).json();
const decoys = async () => {{
  for (const one of (await get("/side/menu")).data) menu.append(el(`<a href="#${{one.path}}">${{one.name}}</a>`));
  for (const one of (await get("/side/hot")).data) hot.append(el(`<li><a href="#/detail/${{one.id}}">${{one.title}}</a><i>${{one.views}}次浏览</i></li>`));
  for (const one of (await get("/side/news?page=1&rows=6")).rows) news.append(el(`<li><a href="#/news/${{one.id}}">${{one.title}}</a><span>${{one.publishTime}}</span></li>`));
  for (const one of (await get("/side/offices")).data) offices.append(el(`<li><b>${{one.orgName}}</b> (${{one.count}})</li>`));
  await get("/side/themes");
}};
{script}
</script></body></html>"""


@dataclass
class Served:
    """A portal that is being served."""

    url: str
    asked: list[str]
    """Method and path of each request, in their order."""
    times: list[float]
    """When each of them came, in seconds of the monotonic clock."""


@contextmanager
def serving(portal: SinglePage, count: int = 96, *, robots: str = "") -> Iterator[Served]:
    """Serve a portal with so many datasets."""
    known, asked, times = datasets(count), list[str](), list[float]()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def _answer(self, body: str) -> None:
            parts = urlsplit(self.path)
            asked.append(f"{self.command} {parts.path}")
            times.append(time.monotonic())
            if parts.path == "/robots.txt":
                return self._send(robots, "text/plain") if robots else self._send("", "text/plain", 404)
            if parts.path.startswith("/side/"):
                return self._send(json.dumps(side(portal, known, parts.path)), "application/json")
            if not parts.path.startswith("/api/"):
                page = PAGE.format(script=portal.script)
                return (
                    self._send(page, "text/html; charset=utf-8")
                    if parts.path == "/"
                    else self._send("", "text/plain", 404)
                )
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = portal.answer(known, Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body))
            if isinstance(said, Refused):
                return self._send(json.dumps(said.said), "application/json", said.status)
            return self._send(
                said if isinstance(said, str) else json.dumps(said, ensure_ascii=False), "application/json"
            )

        def _send(self, text: str, kind: str, status: int = 200) -> None:
            raw = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Served(f"http://127.0.0.1:{server.server_port}", asked, times)
        server.shutdown()


def side(portal: SinglePage, known: Sequence[Known], path: str) -> Any:
    """What stands beside the catalogue; the most popular datasets look like entries of it."""
    hot = [
        {"id": one.id, "title": one.title, "orgName": one.office, "updateTime": one.updated, "updateCycle": one.frequency,
         "openType": one.open_type, "views": one.views}
        for one in known[:10]
    ]  # fmt: skip
    found = {"/side/menu": {"data": MENU}, "/side/news": NEWS, "/side/offices": {"data": offices()},
             "/side/themes": {"data": THEMES}, "/side/hot": {"total": 10, "data": hot if portal.hot else []}}  # fmt: skip
    return found[path]


def page_of(known: Sequence[Known], number: int, size: int) -> Sequence[Known]:
    """A page of the list, counted from 1."""
    return known[(number - 1) * size : number * size]
