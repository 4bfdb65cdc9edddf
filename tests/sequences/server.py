"""A loopback portal that answers with one recorded version at a time, in the shape of the Guizhou interface."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from tests.sequences.translate import detail, list_row
from tests.sequences.versions import Version

LIST = "/api/search/data/getDataListByParams"
DETAIL = "/api/search/data/getDataDetailByDataId"


class Portal:
    """Serves a version as it stands; a context manager.

    Its total is the largest seen so far (`distinct`: of datasets, else of rows, doubled ones counted), unless the
    version tells its own. Of an id that the version does not list it answers 503, for nobody can know; 404 only where
    the version tells that the portal called it gone.
    """

    def __init__(self, *, distinct: bool = False) -> None:
        self._distinct = distinct
        self._largest = 0
        self._version: Version | None = None
        self._rows: list[dict[str, Any]] = []
        self.total = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def show(self, version: Version) -> None:
        """Serve this version from now on."""
        self._version = version
        self._rows = [list_row(row) for row in version.rows]
        self._largest = max(self._largest, len(version.objects if self._distinct else version.rows))
        self.total = self._largest if version.total is None else version.total

    def answer(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and JSON of one request."""
        if path == LIST:
            return 200, {"code": 200, "total": self.total, "data": self._page(body["pageIndex"], body["pageSize"])}
        if path == DETAIL and self._version is not None:
            return self._detail(self._version, body["id"])
        return 404, {"code": 404, "data": None}

    def _page(self, page: int, size: int) -> list[dict[str, Any]]:
        return self._rows[(page - 1) * size : page * size]

    def _detail(self, version: Version, id_: str) -> tuple[int, dict[str, Any]]:
        if id_ in version.objects:
            return 200, {"code": 200, "data": detail(version.objects[id_])}
        status = 404 if id_ in version.gone else 503
        return status, {"code": status, "data": None}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


def _handler(portal: Portal) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 1 << 16

        def do_GET(self) -> None:
            self._send(404, {"code": 404})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self._send(*portal.answer(self.path, body))

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

        def _send(self, status: int, answer: Mapping[str, Any]) -> None:
            body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass")
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
