"""`python -m tests.score.overnight.crawls SLUG=URL …`: reads portals side by side in one process, as `scrapy crawl` would.

A process a portal is what a real night has; 840 of them would take half an hour to start alone. Everything else is the
same: settings, extensions, pipelines, one store connection and one lease a portal. Prints one line a portal: slug, verdict.
"""

import asyncio
import sys
from collections.abc import Sequence

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.defer import deferred_f_from_coro_f
from scrapy.utils.log import configure_logging
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor

from opendata_spiders.crawl.run_writer import Recorder

AT_ONCE = 6
SETTINGS = {"DOWNLOAD_TIMEOUT": 4, "LOG_LEVEL": "ERROR"}
"""A portal that is silent is given up after four seconds here."""


async def read(portals: Sequence[tuple[str, str]]) -> None:
    """Read all portals, a few at once."""
    settings = get_project_settings()
    settings.setdict(SETTINGS, priority="cmdline")
    configure_logging(settings)
    runner, gate = AsyncCrawlerRunner(settings), asyncio.Semaphore(AT_ONCE)

    async def one(slug: str, base_url: str) -> None:
        async with gate:
            crawler = runner.create_crawler(slug)
            await runner.crawl(crawler, base_url=base_url)
            recorder = crawler.get_extension(Recorder)
            run = recorder.run if recorder else None
            print(slug, run.verdict if run else f"refused: {recorder and recorder.refusal}", flush=True)

    await asyncio.gather(*(one(slug, url) for slug, url in portals))


def main() -> None:
    """Install Scrapy's reactor and read what the arguments name."""
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet.task import react  # noqa: PLC0415 -- importing it installs another reactor

    portals = [(slug, url) for slug, _, url in (word.partition("=") for word in sys.argv[1:])]
    react(lambda _reactor: deferred_f_from_coro_f(read)(portals))


if __name__ == "__main__":
    main()
