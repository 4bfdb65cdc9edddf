"""`python -m tests.replica.crawls TASKS`: crawls many replicas in one process, without a store, and says what each one saw.

Takes tasks as JSON and prints as many outcomes. A process a crawl would cost most of its time in starting.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings

from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.store.models import Verdict
from tests.commands import run_module


@dataclass(frozen=True)
class Task:
    """One crawl: a portal, the replica's address for it, and its spider's other arguments."""

    slug: str
    base_url: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The result of a crawl."""

    verdict: Verdict
    reason: str
    findings: Sequence[str]
    """Their codes."""
    titles: Mapping[str, str]
    """Title by native id, of every dataset that came out of the pipelines."""
    details: int
    requests: int
    raw: Mapping[str, Mapping[str, Any]]
    """Raw values by native id."""


def crawl_all(tasks: Sequence[Task], now: datetime, *, path: str = "") -> list[Outcome]:
    """Run the crawls in a process of their own and return their outcomes in the order of the tasks.

    `path` is the PATH of that process, for crawls that start a browser.
    """
    given = json.dumps([asdict(task) for task in tasks])
    env = {"WATCH_NOW": now.isoformat(), "PATH": path, "PYTHONUTF8": "1"}
    done = run_module(__name__, given, env=env, timeout=170)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return [Outcome(**{**one, "verdict": Verdict(one["verdict"])}) for one in json.loads(done.stdout)]


def main() -> None:
    tasks = [Task(**one) for one in json.loads(sys.argv[1])]
    settings = get_project_settings()
    settings.setdict({"STORE_ENABLED": False, "LOG_LEVEL": "ERROR"}, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    crawls = [_started(process, task) for task in tasks]
    process.start()
    json.dump([asdict(_outcome(*crawl)) for crawl in crawls], sys.stdout)


def _started(process: AsyncCrawlerProcess, task: Task) -> tuple[Any, dict[str, Any]]:
    spider = process.spider_loader.load(task.slug)
    crawler, items = process.create_crawler(spider), {}
    crawler.settings.setdict(dict(task.settings), priority="cmdline")
    keep = lambda item: items.update({item.id: item})  # noqa: E731 -- signals hold receivers weakly
    crawler.signals.connect(keep, signal=signals.item_scraped, weak=False)
    process.crawl(crawler, base_url=task.base_url, **task.arguments)
    return crawler, items


def _outcome(crawler: Any, items: Mapping[str, Any]) -> Outcome:
    run = Recorder.of(crawler).run
    findings = [finding.code for finding in run.findings]
    titles, raw = ({id_: getattr(item, name) for id_, item in items.items()} for name in ("title", "raw"))
    return Outcome(run.verdict, run.reason, findings, titles, run.details_read, run.requests, raw)


if __name__ == "__main__":
    main()
