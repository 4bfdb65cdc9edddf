"""`python -m tests.browser.opening TASKS`: opens pages in one crawl as a spider does, and says what became of each.

Takes and prints JSON. A page may be asked to do something when it is open: a step of `STEPS`.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from scrapy import Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from opendata_spiders.browser.portal_page import PortalPage, open_page
from opendata_spiders.fetching.addresses import host_group
from opendata_spiders.pages.contract import PageError
from tests.browser.lowered import lower
from tests.commands import run_module


@dataclass(frozen=True)
class Visit:
    """One page to be opened, and what is done with it."""

    url: str
    known: Sequence[str] = ()
    """Further addresses of its host group."""
    step: str = ""
    rest: float = 0.0
    """Seconds that pass after it was closed."""


@dataclass(frozen=True)
class Seen:
    """What became of a visit."""

    error: str = ""
    """Class of the PageError; '' for none."""
    said: str = ""
    html: str = ""
    texts: Sequence[str] = ()
    """Of the answers to what the page itself asked for."""
    refused: Sequence[str] = ()
    seconds: float = 0.0
    browsers: int = 0
    """Processes of Chromium when the visit and its rest were over, and what ended below the crawl and was not collected."""


async def _crash(opened: PortalPage) -> None:
    session = await opened.page.context.new_cdp_session(opened.page)
    crashed = asyncio.ensure_future(session.send("Page.crash"))
    try:
        await opened.page.evaluate("new Promise(done => setTimeout(done, 5000))")
    finally:
        crashed.cancel()


async def _kill(opened: PortalPage) -> None:
    for pid, words in chromium_processes():
        if "--type=" not in words and "leash" not in words:
            os.kill(pid, signal.SIGKILL)
    await opened.page.evaluate("new Promise(done => setTimeout(done, 5000))")


async def _run(opened: PortalPage) -> None:
    await opened.page.evaluate("work()")


async def _wait(opened: PortalPage) -> None:
    await asyncio.sleep(2)


STEPS = {"": lambda _: asyncio.sleep(0), "crash": _crash, "kill": _kill, "run": _run, "wait": _wait}


def chromium_processes(mark: str = "") -> list[tuple[int, str]]:
    """Id and command line of the processes of browsers of this crawl, or of any that was given `mark` in its environment."""
    mark = mark or os.environ["DATA_DIR"]
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            environment = (folder / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if mark in environment and any(name in words for name in ("chrom", "playwright/driver")):
            found.append((int(folder.name), words))
    return found


def defunct_descendants() -> list[int]:
    """Ended processes below this one that nobody has collected."""
    parents, ended = {}, []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, *_ = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[pid := int(stat.parent.name)] = int(parent)
        ended += [pid] if state == "Z" else []
    return [pid for pid in ended if os.getpid() in _ancestors(pid, parents)]


def _ancestors(pid: int, parents: Mapping[int, int]) -> set[int]:
    found = set()
    while (pid := parents.get(pid, 0)) and pid not in found:
        found.add(pid)
    return found


class Visitor(Spider):
    name = "visitor"
    custom_settings = {"ITEM_PIPELINES": {}, "EXTENSIONS": {}}

    def __init__(self, visits: Sequence[Visit], seen: list[Seen], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._visits, self._seen = visits, seen

    async def start(self) -> AsyncIterator[Any]:
        for visit in self._visits:
            began = monotonic()
            seen = await self._visit(visit)
            await asyncio.sleep(visit.rest)
            count = len(chromium_processes()) + len(defunct_descendants())
            self._seen.append(Seen(**{**asdict(seen), "seconds": monotonic() - began, "browsers": count}))
        for nothing in ():
            yield nothing

    async def _visit(self, visit: Visit) -> Seen:
        group = host_group("group", visit.url, ())
        places = group.places.union(*(host_group("", url).places for url in visit.known))
        group = type(group)(group.name, places)
        try:
            async with open_page(self.crawler, visit.url, group) as opened:
                await STEPS[visit.step](opened)
                texts = [one.text for one in opened.exchanges]
                return Seen(html=opened.response.text, texts=texts, refused=opened.refused)
        except PageError as error:
            return Seen(error=type(error).__name__, said=str(error))


def open_all(
    visits: Sequence[Visit],
    data_dir: Path,
    policy: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> list[Seen]:
    """Open pages in a crawl of their own, with other limits than the policy's where they are given."""
    given = json.dumps([[asdict(one) for one in visits], policy or {}, settings or {}])
    env = {"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir), "PYTHONUTF8": "1"}
    done = run_module("tests.browser.opening", given, env=env, timeout=170)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    sys.stderr.write(done.stderr)
    return [Seen(**one) for one in json.loads(done.stdout)]


def main() -> None:
    visits, limits, more = json.loads(sys.argv[1])
    lower(limits)
    seen: list[Seen] = []
    settings = get_project_settings()
    settings.setdict({"LOG_LEVEL": "WARNING", **more}, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    process.crawl(Visitor, visits=[Visit(**one) for one in visits], seen=seen)
    process.start()
    json.dump([asdict(one) for one in seen], sys.stdout)


if __name__ == "__main__":
    main()
