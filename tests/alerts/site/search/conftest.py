"""A browser that searches an index on a server of loopback."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from alerts.site.assets import FOLDER
from tests.serving import chromium, served

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


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def find(root: Path, browser: Browser) -> Iterator[Find]:
    """Every row that each of the queries finds in the index of a folder below `root`; None for one that is too short."""
    (root / "page.html").write_text('<meta charset="utf-8"><script src="search.js"></script>')
    (root / "search.js").write_bytes((FOLDER / "search.js").read_bytes())
    with served(root) as address:
        page = browser.new_page()
        page.goto(f"{address}/page.html")
        yield lambda folder, queries: page.evaluate(_SEARCH, [f"{folder}/", list(queries)])
        page.close()
