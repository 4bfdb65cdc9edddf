"""Reads a large document in a process of its own, which may hang or run out of memory without ending the crawl."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from opendata_spiders.dcat.catalogue import CataloguePage
from opendata_spiders.dcat.documents import read_document
from opendata_spiders.dcat.policy import catalogue_policy
from opendata_spiders.pages import contract
from opendata_spiders.pages.bodies import plain
from opendata_spiders.pages.contract import ListRow, PageDriftedError, PageError

_ROOT = Path(__file__).parents[2]


def read_bounded(text: str, content_type: str, url: str, language: str) -> CataloguePage:
    """Read a document as `read_document` does, apart if it is large; raises PageError, also where that takes too long.

    The crawl waits: a whole catalogue is its only request, and a night reads each portal in a process of its own.
    """
    limits = catalogue_policy()
    if len(text) <= limits.apart_kb << 10:
        return read_document(text, content_type, url, language)
    command = [sys.executable, "-m", "opendata_spiders.dcat", content_type, url, language]
    env = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}  # nothing secret where hostile bytes are parsed
    body = text.encode("utf-8", "replace")
    try:
        done = subprocess.run(
            command, input=body, capture_output=True, timeout=limits.reader_seconds, env=env, check=False
        )
    except subprocess.TimeoutExpired:
        said = f"a document of {len(body) >> 20} MB is not read within {limits.reader_seconds} seconds"
        raise PageDriftedError(said) from None
    if done.returncode:
        said = plain(done.stderr.decode(errors="replace").strip().rpartition("\n")[2]) or f"status {done.returncode}"
        raise PageDriftedError(f"the reader of a document of {len(body) >> 20} MB ended: {said}")
    return _page(json.loads(done.stdout))


def outcome(text: str, content_type: str, url: str, language: str) -> dict[str, Any]:
    """What reading a document comes to, as JSON: the page, or the class and the words of its PageError."""
    try:
        return asdict(read_document(text, content_type, url, language))
    except PageError as error:
        return {"error": type(error).__name__, "said": str(error)}


def _page(found: dict[str, Any]) -> CataloguePage:
    if "error" in found:
        raise getattr(contract, found["error"])(found["said"])
    rows, oddities = tuple(ListRow(**one) for one in found["rows"]), tuple(found["oddities"])
    return CataloguePage(**{**found, "rows": rows, "oddities": oddities})
