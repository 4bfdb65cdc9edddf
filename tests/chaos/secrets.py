"""Secrets in every setting, services that fail and echo them, every command at every log level: none may be seen.

What is searched: what commands print, the files they leave, every document of the database (unpacked), and answers that
were stored. Each secret is looked for as it is, percent-encoded and inside base64 at each of its three alignments.
"""

import base64
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import zstandard
from pymongo import MongoClient

from opendata_spiders.store.config import StoreConfig
from opendata_spiders.store.embedded.server import embedded_server
from opendata_spiders.store.embedded.supervisor import choose_port
from tests.chaos.figures import Figure, Options
from tests.replica.demo_commands import PROJECT
from tests.replica.demo_script import NIGHTS, Play, the_play
from tests.replica.server import Replica

DATABASE = "secrets"
CITY = "jinan"
PATIENCE = 300
LEVELS = ("DEBUG", "INFO", "WARNING")
NAMES = (
    "mongo-password", "proxy-user", "proxy-password", "ping-path", "outbox-key", "smtp-user", "smtp-password",
    "hook-user", "hook-password", "hook-path", "hook-query", "signing-secret", "chat-token", "form-password",
)  # fmt: skip
AT_LEVEL = """
import logging, runpy, sys
logging.basicConfig(level=sys.argv[1], force=True)
sys.argv = [sys.argv[2], *sys.argv[3:]]
runpy.run_module(sys.argv[0], run_name="__main__")
"""
"""Runs a module as `python -m` does, under a log level that it does not set itself."""


def marker(name: str) -> str:
    """A secret that stands nowhere else, with signs that are written otherwise in an address."""
    return f"Mk{name.replace('-', 'X')}+/{sum(name.encode())}&Zq"


def forms(secret: str) -> frozenset[str]:
    """How a secret may be written: as it is, percent-encoded, and the middle of it in base64, however it begins."""
    found = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + secret.encode()).decode()
        whole = encoded[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        found |= {whole, whole.replace("+", "-").replace("/", "_")}
    return frozenset(found)


class _Echo(BaseHTTPRequestHandler):
    """Fails, and repeats all it was told: a web hook, a dead-man service and a proxy on a bad day."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = f"cannot do {self.requestline}\n{self.headers}\n".encode() + body
        self.send_response(502)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


class _EchoMail(socketserver.StreamRequestHandler):
    """A mail server that refuses a login and repeats it."""

    def handle(self) -> None:
        self._say("220 mail.test")
        while line := self.rfile.readline():
            text = line.decode("utf-8", "replace").strip()
            match text.split(" ")[0].upper():
                case "EHLO":
                    self._say("250-mail.test", "250 AUTH PLAIN LOGIN")
                case "AUTH" if text.upper() == "AUTH LOGIN" or len(text.split(" ")) < 3:
                    self._say("334 VXNlcm5hbWU6")
                    more = self.rfile.readline().decode().strip()
                    self._say(f"535 5.7.8 refused: {text} {more}")
                case "AUTH":
                    plain = base64.b64decode(text.split(" ")[2] + "==").decode("utf-8", "replace").replace("\0", " ")
                    self._say(f"535 5.7.8 refused: {text} which is {plain}")
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say(f"530 5.7.0 not without a login: {text}")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Search:
    """Looks for the secrets, and remembers where they were."""

    known: Mapping[str, frozenset[str]]
    found: list[str] = field(default_factory=list)
    places: int = 0

    def look(self, where: str, text: str) -> None:
        self.places += 1
        for name, written in self.known.items():
            for form in written:
                if (place := text.find(form)) >= 0:
                    around = text[max(0, place - 60) : place + 20].replace(form, f"<{name}>")
                    self.found.append(f"{name} in {where}: …{around!r}")
                    break


@dataclass
class Attack:
    """One performance with one set of secrets."""

    out: Path
    uri: str
    echo: int
    mail: int
    replica: Replica
    play: Play
    search: Search

    def write_subscribers(self) -> None:
        """Addresses with every secret an address may hold, some through ${NAME}, all to services that fail."""
        host, m = f"127.0.0.1:{self.echo}", {name: quote(marker(name), safe="") for name in NAMES}
        targets = [
            f"mailto://{m['smtp-user']}:${{SMTP_PASSWORD}}@127.0.0.1:{self.mail}/?from=watch@example.org&to=r@example.org&mode=insecure",
            f"json://{m['hook-user']}:{m['hook-password']}@{host}/{m['hook-path']}?-key={m['hook-query']}",
            f"form://u:{m['form-password']}@{host}/x",
            f"nightwatch+http://{host}/hook?secret=${{HOOK_SECRET}}",
            f"mmost://{host}/{'k' * 4}{sum(map(ord, marker('chat-token'))):020d}",
        ]
        urls = "".join(f"      - {json.dumps(one)}\n" for one in targets)
        text = f"subscribers:\n  - name: reader\n    role: operator\n    rhythm: {{every: daily}}\n    urls:\n{urls}"
        (self.out / "subscribers.yaml").write_text(text, "utf-8")

    def env(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {
            "MONGODB_URI": self.uri, "MONGODB_DATABASE": DATABASE, "DATA_DIR": str(self.out / "data"),
            "SUBSCRIBERS": str(self.out / "subscribers.yaml"), "SMTP_PASSWORD": marker("smtp-password"),
            "HOOK_SECRET": marker("signing-secret"), "OUTBOX_KEY": marker("outbox-key"), "PYTHONUTF8": "1",
            "HEALTHCHECK_URL": f"http://127.0.0.1:{self.echo}/{quote(marker('ping-path'), safe='')}",
            "PYTHONPATH": str(PROJECT), "NO_PROXY": "127.0.0.1",
        }  # fmt: skip
        return {**kept, **own, **more}

    def proxied(self) -> str:
        user, password = (quote(marker(name), safe="") for name in ("proxy-user", "proxy-password"))
        proxy = f"http://{user}:{password}@127.0.0.1:{self.echo}"
        return json.dumps({"127.0.0.1": proxy, "data.jinan.gov.cn": proxy, "jinan.gov.cn": proxy})

    def run(self, level: str, words: Sequence[str], **env: str) -> int:
        """Run a command in a folder of its own and search what it prints."""
        night = env.pop("night", None)
        moment = {"WATCH_NOW": self.play.world.moment(int(night)).isoformat()} if night is not None else {}
        command = [sys.executable, "-c", AT_LEVEL, level, *words]
        if words[0] == "scrapy":
            command = [sys.executable, "-m", *words, "-L", level]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.env(**env, **moment), capture_output=True, text=True, errors="replace",
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        self.search.look(f"`{' '.join(words[:4])}` at {level}", done.stdout + done.stderr)
        return done.returncode

    def play_all(self, levels: Sequence[str]) -> None:
        base_url = f"base_url={self.replica.url(CITY)}"
        wrong = self.uri.replace(
            quote(marker("mongo-password"), safe=""), quote(marker("mongo-password"), safe="") + "x"
        )
        nobody = self.uri.replace(self.uri.rpartition("@")[2].partition("/")[0], f"127.0.0.1:{choose_port(0)}")
        garbled = self.uri.replace(quote(marker("mongo-password"), safe=""), marker("mongo-password"))
        nights = iter(range(1000))
        for level in levels:
            night = str(next(nights))
            self.replica.night = int(night)
            self.run(level, ["scrapy", "crawl", CITY, "-a", base_url], night=night)
            night = str(next(nights))
            self.run(level, ["scrapy", "crawl", CITY, "-a", base_url], night=night, PROXIES=self.proxied())
            self.run(level, ["scrapy", "doctor", CITY], PROXIES=self.proxied())
            self.run(level, ["scrapy", "crawlall", "--dry-run"], night=night)
            self.run(level, ["scrapy", "checkfiles", CITY], night=night, PROXIES=self.proxied())
            for bad in (wrong, nobody, garbled):
                self.run(level, ["scrapy", "crawl", CITY, "-a", base_url], MONGODB_URI=bad)
                self.run(level, ["alerts", "states"], MONGODB_URI=bad)
                self.run(level, ["alerts", "health", "--ping"], MONGODB_URI=bad)
            self.run(level, ["scrapy", "crawl", CITY, "-a", base_url], PROXIES=self.proxied()[:-2])
            for words in self.alerts():
                self.run(level, ["alerts", *words], night=night)

    def alerts(self) -> Iterator[list[str]]:
        yield ["diff"]
        for name in ("events", "states", "runs"):
            yield [name]
            yield [name, "--json"]
        yield ["subscribe", "check"]
        yield ["digest", "--preview"]
        yield ["digest"]
        yield ["send"]
        yield ["send", "--json"]
        yield ["health", "--ping", "--status", "1"]
        yield ["note", CITY, "a note"]
        yield ["ack", CITY]
        yield ["audit"]
        yield ["scoreboard", "--keep"]
        yield ["site", "--out", str(self.out / "site")]
        yield ["export", "--out", str(self.out / "exports"), "--format", "csv"]
        yield ["kinds"]

    def search_files(self) -> None:
        for path in self.out.rglob("*"):
            if path.is_file() and path.name != "subscribers.yaml":
                self.search.look(str(path.relative_to(self.out)), path.read_text("utf-8", "replace"))

    def search_database(self, database: Any) -> None:
        for name in database.list_collection_names():
            for document in database[name].find():
                self.search.look(f"database {name}", _shown(document))


def _shown(value: Any) -> str:
    """A document as text, what is packed in it unpacked."""
    if isinstance(value, dict):
        return " ".join(f"{key} {_shown(one)}" for key, one in value.items())
    if isinstance(value, list):
        return " ".join(map(_shown, value))
    if isinstance(value, bytes):
        with suppress(zstandard.ZstdError):
            value = zstandard.ZstdDecompressor().decompress(value)
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def attack(options: Options) -> Iterator[Figure]:
    """Run every command with secrets in its settings; yield how often one was seen."""
    levels = LEVELS[: max(1, round(len(LEVELS) * options.scale))]
    search = Search({name: forms(marker(name)) for name in NAMES if name != "chat-token"})
    with tempfile.TemporaryDirectory(prefix="secrets-") as folder, ExitStack() as stack:
        out = Path(folder)
        play = the_play(nights=NIGHTS)
        owner_uri = stack.enter_context(embedded_server(StoreConfig(data_dir=out / "mongo"))).uri
        owner: MongoClient[dict[str, Any]] = stack.enter_context(MongoClient(owner_uri))
        roles = [{"role": "readWrite", "db": DATABASE}]
        owner[DATABASE].command("createUser", "watch", pwd=marker("mongo-password"), roles=roles)
        host = owner_uri.rpartition("@")[2].partition("/")[0]
        password = quote(marker("mongo-password"), safe="")
        uri = f"mongodb://watch:{password}@{host}/?replicaSet=opendata&authSource={DATABASE}"
        echo = stack.enter_context(_serving(ThreadingHTTPServer(("127.0.0.1", 0), _Echo)))
        mail = stack.enter_context(_serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _EchoMail)))
        replica = stack.enter_context(Replica(play.world))
        place = out / "work"
        place.mkdir()
        one = Attack(place, uri, echo, mail, replica, play, search)
        one.write_subscribers()
        one.play_all(levels)
        one.search_files()
        one.search_database(owner[DATABASE])
    seen = sorted(set(search.found))
    yield Figure("secrets seen", len(seen), 0, search.places, tuple(seen[:20]))
