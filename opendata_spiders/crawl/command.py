"""`scrapy crawl`: as Scrapy's own, but the exit status is the run's verdict and a card closes the run."""

import argparse
import gc
import sys
from contextlib import nullcontext

from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from opendata_spiders.command import process_of, wrong_use
from opendata_spiders.command_run import check_access, store_trouble
from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.crawl.summary import card
from opendata_spiders.crawl.target import SpiderArgumentError, target_from_arguments
from opendata_spiders.register import RegisterError
from opendata_spiders.store.connect import open_store
from opendata_spiders.store.models import Verdict

_OBJECTS = 50_000
"""New objects after which the collector looks for cycles; a page of the list makes thousands, none in a cycle."""


def run(command: BaseRunSpiderCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Crawl one portal or family."""
    check_access(command)
    if len(args) != 1:
        raise UsageError("name one portal: `scrapy list` prints them", print_help=False)
    crawler = _crawler_of(command, args[0], opts)
    with_store = crawler.settings.getbool("STORE_ENABLED")
    gc.freeze()  # what is imported stays: the collector need not look through it again and again,
    gc.set_threshold(_OBJECTS)  # nor at every few rows of a page
    with store_trouble(command), open_store() if with_store else nullcontext():
        # held open all along, so that the embedded database is up before the first request
        process_of(command).crawl(crawler, **opts.spargs)
        process_of(command).start()
        command.exitcode = _close(crawler)


def _crawler_of(command: BaseRunSpiderCommand, name: str, opts: argparse.Namespace) -> Crawler:
    with wrong_use(KeyError, RegisterError, SpiderArgumentError):
        spider_class = process_of(command).spider_loader.load(name)
        if issubclass(spider_class, PortalSpider):
            target_from_arguments(spider_class.portal, spider_class.family, dict(opts.spargs))
    return command._create_crawler(spider_class)  # noqa: SLF001 -- it warns of an unused -O


def _close(crawler: Crawler) -> int:
    """Print the card; return the exit status."""
    recorder = crawler.get_extension(Recorder) if crawler.extensions else None
    spider = crawler.spider
    if recorder is None or recorder.run is None or not isinstance(spider, PortalSpider):
        reason = recorder.refusal if recorder else "the crawl could not be set up, see the log above"
        print(f"not read: {reason}", file=sys.stderr)
        return Verdict.FAILED.exit_status
    name = f"{spider.target.name_zh} {spider.target.name_en} ({spider.family})"
    print(card(recorder.run, name=name, timezone=spider.target.timezone), file=sys.stderr)
    return recorder.run.verdict.exit_status
