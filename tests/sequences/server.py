"""A loopback portal that answers with one recorded version at a time, in the shape of the Guizhou interface."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from tests.sequences.translate import detail, list_row
from tests.sequences.versions import Version

LIST = "/api/search/data/getDataListByParams"
DETAIL = "/api/search/data/getDataDetailByDataId"


class Answers:
    """What a portal prints and says while it shows one version.

    `total`: the largest seen so far, of rows (doubled ones counted) or of distinct datasets, or `honest`: as many as
    the version lists. `look`: the status of a detail page whose id the version does not list; 503 where nobody can
    know. A version that tells its own total, or which ids were called gone, is believed before either.
    """

    def __init__(self, *, total: str = "rows", look: int = 503) -> None:
        self._kind, self._missing = total, look
        self._largest = 0
        self._version: Version | None = None
        self._rows: list[dict[str, Any]] = []
        self.total = 0

    def show(self, version: Version) -> None:
        """Answer with this version from now on."""
        self._version = version
        self._rows = [list_row(row) for row in version.rows]
        self.total = self._total(version) if version.total is None else version.total

    def _total(self, version: Version) -> int:
        if self._kind == "honest":
            return len(version.objects)
        self._largest = max(self._largest, len(version.objects if self._kind == "distinct" else version.rows))
        return self._largest

    def page(self, number: int, size: int) -> list[dict[str, Any]]:
        """The rows of a list page, the first of which has number 1."""
        return self._rows[(number - 1) * size : number * size]

    def status(self, id_: str) -> int:
        """Of the detail page behind an id."""
        if self._version is None:
            return 404
        if id_ in self._version.objects:
            return 200
        return 404 if id_ in self._version.gone else self._missing

    def detail(self, id_: str) -> dict[str, Any]:
        """What stands on that page; of a dataset that is not listed no more than its id."""
        row = self._version.objects.get(id_) if self._version else None
        return {"id": id_, "name": id_} if row is None else detail(row)


class Portal:
    """Serves a version as it stands; a context manager."""

    def __init__(self, answers: Answers | None = None) -> None:
        self.answers = answers or Answers()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def answer(self, path: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and JSON of one request."""
        if path == LIST:
            rows = self.answers.page(body["pageIndex"], body["pageSize"])
            return 200, {"code": 200, "total": self.answers.total, "data": rows}
        if path == DETAIL:
            status = self.answers.status(body["id"])
            return status, {
                "code": status,
                "data": self.answers.detail(body["id"]) if status == HTTPStatus.OK else None,
            }
        return 404, {"code": 404, "data": None}

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
