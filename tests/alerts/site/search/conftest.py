"""A browser that searches an index on a server of loopback."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from alerts.text.templates import TEMPLATES

_SYSTEM = Path("/usr/bin/chromium")
_SEARCH = """async ([folder, queries]) => {
  const index = await new Index(folder).open(), found = [];
  for (const query of queries) {
    const search = new Search(index, query), rows = [];
    if (!search.isShort) await search.start();
    while (search.more) rows.push(...await search.next());
    found.push(search.isShort ? null : rows);
  }
  return found;
}"""

Find = Callable[[str, Sequence[str]], list[list[Any] | None]]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def find(root: Path) -> Iterator[Find]:
    """Every row that each of the queries finds in the index of a folder below `root`; None for one that is too short."""
    (root / "page.html").write_text('<meta charset="utf-8"><script src="search.js"></script>')
    (root / "search.js").write_bytes((TEMPLATES / "site" / "assets" / "search.js").read_bytes())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root)) as server, sync_playwright() as play:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = play.chromium.launch(
            executable_path=str(_SYSTEM) if _SYSTEM.exists() else None, args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/page.html")
        yield lambda folder, queries: page.evaluate(_SEARCH, [f"{folder}/", list(queries)])
        browser.close()
        server.shutdown()
