"""Serves a rewritten portal on the loopback: a page for people, and the calls that its script makes."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from opendata_spiders.declared import DeclaredFamily, JsonDetail, JsonList
from tests.replica.declared.pages import detail_text
from tests.replica.declared.portals import Key, key_of, page_length
from tests.replica.moved.rewriting import Rewriting, Scheme
from tests.replica.records import Record

_PLAIN = re.compile(r"[\w.]+")
_MOST = 20
"""Rows of a page, where the old call asked for all at once."""


class MovedPortal:
    """The server; a context manager."""

    def __init__(
        self,
        spider: DeclaredFamily,
        records: Sequence[Record],
        rewriting: Rewriting,
        values: Callable[[Record], Mapping[str, Any]],
    ) -> None:
        """`values`: what the portal holds about a dataset, by field."""
        self.spider, self.records, self.how, self.values = spider, records, rewriting, values
        self.size = min(page_length(spider), _MOST)
        self.first = spider.first_page
        self.list_page = _readable(spider.list_page)
        self.detail_page = _detail_page(spider)
        call = spider.list_call
        self.method = "GET" if call.json is None and call.form is None else "POST"
        self.sends_json = call.json is not None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    # --- what is answered -----------------------------------------------------------------------------------------------

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str, str]:
        """Status, type and text of an answer."""
        parts = urlsplit(target)
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        if method == "POST":
            text = body.decode()
            given |= json.loads(text) if text[:1] == "{" else dict(parse_qsl(text, keep_blank_values=True))
        path, api = parts.path, self.how.api
        if path in ("/", "/dataset.html"):
            return 200, "text/html; charset=utf-8", self._page()
        asks_a_page = {self.how.word(name) for name in ("page", "size", "order", "kind")} <= given.keys()
        if path == f"{api}/{self.how.word('list')}" and method == self.method and asks_a_page:
            return self._json(self._list(given))
        if path == f"{api}/{self.how.word('menu')}":
            return self._json(json.dumps({"menu": [{"name": one} for one in ("首页", "数据目录", "应用", "互动")]}))
        if path == f"{api}/{self.how.word('hot')}":
            hot = sorted(self.records, key=lambda one: -one.views)[:6]
            return self._json(json.dumps({"hot": [{"label": one.title, "n": one.views} for one in hot]}))
        if self.how.scheme is Scheme.ENVELOPE:
            key = method, path, frozenset(parse_qsl(parts.query, keep_blank_values=True)), body
            found = self._old_details.get(key, "")
        else:
            found = self._detail(path, given)
        return self._json(found) if found else (404, "text/html", "<html><body>404</body></html>")

    @cached_property
    def _old_details(self) -> Mapping[Key, str]:
        """What the old calls of details are answered."""
        page = self.spider.detail_page
        if page is None:
            return {}
        return {
            key_of(self.spider.detail_request(one.id)): detail_text(page, (one.id, self.values(one)))
            for one in self.records
        }

    def _json(self, text: str) -> tuple[int, str, str]:
        return 200, "application/json;charset=UTF-8", text

    def _list(self, given: Mapping[str, Any]) -> str:
        number, size = int(given[self.how.word("page")]), int(given[self.how.word("size")])
        start = number if self.how.offset else (number - self.first) * size
        order = -1 if str(given[self.how.word("order")]) == "1" else 1
        shown = self.records[::order] if str(given[self.how.word("kind")]) == "1" else ()
        rows = [
            self.entry(self.list_page, record, start + place)
            for place, record in enumerate(shown[start : start + size])
        ]
        return self.how.envelope(rows, len(self.records), size)

    def entry(self, page: JsonList | JsonDetail, record: Record, place: int) -> dict[str, Any]:
        return self.how.entry(page, self.how.id(record.id), self.how.values(self.values(record)), place)

    def _detail(self, path: str, given: Mapping[str, Any]) -> str:
        start = f"{self.how.api}/{self.how.word('detail')}"
        if self.detail_page is None or not path.startswith(start):
            return ""
        native = given.get(self.how.word("dataset"), "") or unquote(path.removeprefix(f"{start}/"))
        record = next((one for one in self.records if self.how.id(one.id) == native), None)
        if record is None:
            return ""
        entry = self.entry(self.detail_page, record, 0)
        return json.dumps({self.how.word("ok"): True, self.how.word("result"): entry}, ensure_ascii=False)

    def _page(self) -> str:
        word = self.how.word
        first = self.records[0]
        printed = self.entry(self.list_page, first, 0)
        script = {
            "api": self.how.api, "list": word("list"), "menu": word("menu"), "hot": word("hot"), "method": self.method,
            "json": self.sends_json, "detail": word("detail"), "inPath": self.how.id_in_path, "dataset": word("dataset"),
            "rows": [word("result"), word("page"), word("rows")],
            "ask": {word("order"): 0, word("kind"): 1, word("keyword"): "", word("page"): 0 if self.how.offset else self.first, word("size"): self.size},
            "title": _path_to(printed, first.title), "id": _path_to(printed, self.how.id(first.id)),
        }  # fmt: skip
        return _PAGE.replace("SCRIPT", json.dumps(script, ensure_ascii=False))


def _readable(page: Any) -> JsonList:
    """The list as plain JSON, in which titles and offices stand: a page for people shows them."""
    if not isinstance(page, JsonList):
        page = JsonList(rows="rows", id="id", keys={name: name for name in page.fields})
    keys = {"title": "title", "office": "office"} | dict(page.keys)
    served = {name for names in page.keys.values() for name in ([names] if isinstance(names, str) else names)}
    keys = {path: name for path, name in keys.items() if path in page.keys or name not in served}
    id_ = page.id if _PLAIN.fullmatch(page.id) else "id"
    return replace(page, id=id_, xml_root="", inside="", keys=keys)


def _detail_page(spider: DeclaredFamily) -> JsonDetail | None:
    page = spider.detail_page
    if page is None:
        return None
    if isinstance(page, JsonDetail):
        return replace(page, xml_root="", inside="")
    return JsonDetail(keys={name: name for name in page.fields}, at="data")


def _path_to(entry: Mapping[str, Any], value: str) -> list[str]:
    """The keys that lead to a value in an entry."""
    for key, one in entry.items():
        if str(one) == value:
            return [key]
        if isinstance(one, dict) and (below := _path_to(one, value)):
            return [key, *below]
    return []


def _handler(portal: MovedPortal) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            portal.asked.append(f"{self.command} {self.path}")
            status, kind, text = portal.answer(self.command, self.path, body)
            said = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _answer  # noqa: N815 -- the names that the server calls

        def log_message(self, *_arguments: object) -> None:
            pass

    return Handler


_PAGE = """<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>数据开放平台</title></head>
<body><nav></nav><ul id="hot"></ul><ul id="list"></ul><dl></dl><script>
const how = SCRIPT;
const at = (value, path) => path.reduce((one, key) => one?.[key], value);
function ask(name, values) {
  const url = how.api + "/" + name, pairs = new URLSearchParams(values);
  if (how.method === "GET" || !values) return fetch(values ? url + "?" + pairs : url).then(one => one.json());
  const type = how.json ? "application/json" : "application/x-www-form-urlencoded";
  const body = how.json ? JSON.stringify(values) : pairs.toString();
  return fetch(url, {method: "POST", headers: {"Content-Type": type}, body}).then(one => one.json());
}
const wanted = new URLSearchParams(location.search).get("id");
if (wanted !== null) {
  const url = how.api + "/" + how.detail, id = encodeURIComponent(wanted);
  fetch(how.inPath ? url + "/" + id : url + "?" + how.dataset + "=" + id)
    .then(one => one.json()).then(one => { document.querySelector("dl").textContent = JSON.stringify(one); });
} else {
  ask(how.menu).then(one => { document.querySelector("nav").textContent = one.menu.map(m => m.name).join(" "); });
  ask(how.hot).then(one => { one.hot.forEach(h => document.querySelector("#hot").append(h.label)); });
  ask(how.list, how.ask).then(answer => at(answer, how.rows).forEach(row => {
    const link = document.createElement("a"), item = document.createElement("li");
    link.href = "/dataset.html?id=" + encodeURIComponent(at(row, how.id));
    link.textContent = at(row, how.title);
    item.append(link);
    document.querySelector("#list").append(item);
  }));
}
</script></body></html>
"""
