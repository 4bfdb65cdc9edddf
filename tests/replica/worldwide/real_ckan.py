"""A real CKAN on loopback, with PostgreSQL and Redis of its own; in Solr's place the stub.

CKAN lives in a virtual environment of its own (`.cache/ckan`, made by `make setup-test` from ckan.lock): its packages are
pinned to other versions than ours. Everything is started in a folder under /tmp, on free ports, and stopped by its process.
"""

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.replica.worldwide.solr_stub import SolrStub

ROOT = Path(__file__).parents[3]
CKAN = ROOT / ".cache/ckan/bin/ckan"
SCHEMA = "ckan-2.12"
POSTGRES = Path("/usr/lib/postgresql")
"""Where Debian keeps PostgreSQL, a folder for each version."""
PATIENCE = 60.0
"""Seconds within which a server must answer; CKAN takes two on an idle machine."""
_PORTS = range(21_000, 26_000)
"""Below those that the system hands out by itself: nobody else takes the port of a server that is stopped for a while."""
_ports = islice(cycle(_PORTS), os.getpid() * 11 % len(_PORTS), None)
"""Test workers begin at different places."""
ALLOWS_API = "User-agent: *\nAllow: /api/3/action/\nDisallow: /api/\n"
_SECRET = "only for loopback, only for a minute: 0123456789"


class MissingPartError(RuntimeError):
    """Raised where something that has to be installed is not; the message says how."""


class CkanError(RuntimeError):
    """Raised for an action that CKAN refuses; `status` is the HTTP status, `said` CKAN's own error."""

    def __init__(self, action: str, status: int, said: Any) -> None:
        super().__init__(f"{action}: HTTP {status}, {said}")
        self.status, self.said = status, said


class RealCkan:
    """One CKAN site, empty at first. Use it as a context manager.

    `settings` are lines of its configuration, such as `{"ckan.search.rows_max": "10"}`. As installed, CKAN's robots.txt
    forbids `/api/`; with `robots` the site has that text instead, as sites have whose operators override the template.
    """

    def __init__(self, settings: Mapping[str, str] | None = None, *, robots: str | None = ALLOWS_API) -> None:
        self.settings = dict(settings or {})
        self.robots = robots
        self.solr = SolrStub(SCHEMA)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api = f"{self.url}/api/3/action"
        self._token = ""
        self._server: subprocess.Popen[bytes] | None = None
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        postgres, redis = _postgres(), _installed("redis-server")
        if not CKAN.exists():
            raise MissingPartError(f"{CKAN} does not exist: run make setup-test, which installs CKAN there.")
        with self._parts:
            self.folder = Path(self._parts.enter_context(tempfile.TemporaryDirectory(prefix="ckan-", dir="/tmp")))
            self.folder.chmod(0o755)
            self._ini = self.folder / "ckan.ini"
            self._parts.enter_context(self.solr)
            self._database = self._start_postgres(postgres)
            self._queue = self._start_redis(redis)
            self._parts.callback(self.stop)
            self._set_up()
            self.start()
            self._parts = self._parts.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.close()

    # --- what a test does with it -----------------------------------------------------------------------------------

    def act(self, action: str, **data: Any) -> Any:
        """Call an action as the sysadmin; raises CkanError."""
        return self._call(action, data, {"Authorization": self._token})

    def ask(self, action: str, **data: Any) -> Any:
        """Call an action without a login, as the watch does; raises CkanError."""
        return self._call(action, data, {})

    def start(self) -> None:
        """Start CKAN's web server, with `settings` and `robots` as they are now, and wait until it answers."""
        self._configure()
        words = ("run", "--host", "127.0.0.1", "--port", str(self.port), "--disable-reloader", "--threaded")
        log = self.folder / "ckan.log"
        self._server = _started([CKAN, "-c", self._ini, *words], log)
        _wait_for(lambda: _listens(self.port), self._server, log)

    def stop(self) -> None:
        """Stop CKAN's web server alone; its address refuses connections until `start`."""
        if self._server is not None:
            _stop(self._server)
            self._server = None

    def restart(self) -> None:
        """Stop and start CKAN's web server: changed `settings` and `robots` hold from then on."""
        self.stop()
        self.start()

    # --- its parts --------------------------------------------------------------------------------------------------

    def _start_postgres(self, programs: Path) -> str:
        """A cluster of its own, without durability; PostgreSQL refuses root, so root lends it the package's user."""
        data, log = self.folder / "postgres", self.folder / "postgres.log"
        data.mkdir()
        who: dict[str, Any] = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(data, user.pw_uid, user.pw_gid)
            who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        make = [programs / "initdb", "-D", data, "-U", "ckan", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        _ran([*make, "--no-sync"], cwd=data, **who)
        port = _free_port()
        options = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "synchronous_commit=off")
        flags = [part for option in options for part in ("-c", option)]
        server = _started([programs / "postgres", "-D", data, "-p", str(port), *flags], log, cwd=data, **who)
        self._parts.callback(_stop, server)
        ready = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
        _wait_for(lambda: subprocess.run(ready, check=False).returncode == 0, server, log)
        return f"postgresql://ckan@127.0.0.1:{port}/postgres"

    def _start_redis(self, program: str) -> str:
        port, log = _free_port(), self.folder / "redis.log"
        server = _started([program, "--bind", "127.0.0.1", "--port", str(port), "--save", ""], log, cwd=self.folder)
        self._parts.callback(_stop, server)
        _wait_for(lambda: _listens(port), server, log)
        return f"redis://127.0.0.1:{port}/0"

    def _configure(self) -> None:
        settings = {
            "use": "egg:ckan",
            "SECRET_KEY": _SECRET,
            "api_token.jwt.encode.secret": f"string:{_SECRET}",
            "api_token.jwt.decode.secret": f"string:{_SECRET}",
            "sqlalchemy.url": self._database,
            "solr_url": self.solr.url,
            "ckan.redis.url": self._queue,
            "ckan.site_url": self.url,
            "ckan.site_id": "replica",
            "ckan.storage_path": str(self.folder / "storage"),
            "ckan.webassets.path": str(self.folder / "webassets"),
            **self.settings,
        }
        if self.robots is not None:
            template = self.folder / "templates/home/robots.txt"
            template.parent.mkdir(parents=True, exist_ok=True)
            template.write_text(self.robots)
            settings["extra_template_paths"] = str(self.folder / "templates")
        self._ini.write_text("[app:main]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))

    def _set_up(self) -> None:
        """Make the tables, and a sysadmin with a token."""
        self._configure()
        self._run("db", "init")
        keeper = ("keeper", "email=keeper@example.org", "password=correct-horse")
        self._run("sysadmin", "add", *keeper, answer="y\n")  # CKAN asks whether to make the user
        self._token = self._run("user", "token", "add", "--quiet", "keeper", "tests").split()[-1]

    def _run(self, *words: str, answer: str = "") -> str:
        return _ran([CKAN, "-c", self._ini, *words], input=answer)

    def _call(self, action: str, data: Mapping[str, Any], headers: Mapping[str, str]) -> Any:
        headers = {"Content-Type": "application/json", **headers}
        request = Request(f"{self.api}/{action}", json.dumps(data).encode(), headers)  # noqa: S310 -- our own server
        try:
            with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                return json.load(answer)["result"]
        except HTTPError as error:
            body = error.read().decode(errors="replace")
            said = json.loads(body).get("error", body) if body.startswith("{") else body[:300]
            raise CkanError(action, error.code, said) from None


def _postgres() -> Path:
    """The folder of the newest installed PostgreSQL's programs."""
    found = sorted(POSTGRES.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise MissingPartError("PostgreSQL is not installed: run make setup-test, or apt-get install postgresql.")
    return found[-1].parent


def _installed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise MissingPartError(f"{program} is not installed: run make setup-test, or apt-get install {program}.")
    return found


def _free_port() -> int:
    """The next port of ours that nobody listens on."""
    found = next((port for port in islice(_ports, len(_PORTS)) if not _listens(port)), None)
    if found is None:
        raise RuntimeError(f"every port from {_PORTS.start} to {_PORTS.stop} is taken")
    return found


def _listens(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


def _ran(command: list[Any], **options: Any) -> str:
    """What a command prints; raises RuntimeError with all of it if the command fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _started(command: list[Any], log: Path, **options: Any) -> "subprocess.Popen[bytes]":
    with log.open("ab") as out:
        return subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server is ready; raises RuntimeError with the end of its log if it ends or takes too long."""
    due = time.monotonic() + PATIENCE
    while time.monotonic() < due and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {log.name} ends with\n{log.read_text(errors='replace')[-2000:]}")
