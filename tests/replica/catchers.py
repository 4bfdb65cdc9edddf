"""The receivers of the demo's messages: a mail server and a web hook on loopback that store them as files."""

import json
import socket
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller


class MailCatcher:
    """An SMTP server that keeps each mail as .eml, and its HTML part as .html beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mails: list[Path] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 -- the name aiosmtpd calls
        path = self.folder / f"{len(self.mails) + 1:02d}.eml"
        path.write_bytes(envelope.original_content)
        if page := read_mail(path).get_body(("html",)):
            path.with_suffix(".html").write_text(page.get_content(), encoding="utf-8")
        self.mails.append(path)
        return "250 OK"

    @property
    def url(self) -> str:
        """Where to send to, as an Apprise address."""
        return f"mailto://127.0.0.1:{self._controller.port}/?from=watch@example.org&to=reader@example.org"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()


def read_mail(path: Path) -> EmailMessage:
    """Read a caught mail."""
    with path.open("rb") as mail:
        return BytesParser(EmailMessage, policy=policy.default).parse(mail)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class HookCatcher:
    """A web hook that keeps each JSON document it is posted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.posts: list[Path] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where to send to, as an Apprise address."""
        return f"json://127.0.0.1:{self._server.server_address[1]}/hook"

    def keep(self, body: bytes) -> None:
        path = self.folder / f"{len(self.posts) + 1:02d}.json"
        path.write_text(json.dumps(json.loads(body), ensure_ascii=False, indent=1), encoding="utf-8")
        self.posts.append(path)

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def _handler(catcher: HookCatcher) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            catcher.keep(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    return Handler
