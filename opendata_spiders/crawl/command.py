"""`scrapy crawl`: as Scrapy's own, but the exit status is the run's verdict and a card closes the run."""

import argparse
import sys
from contextlib import nullcontext

from scrapy.commands import BaseRunSpiderCommand
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from opendata_spiders.command import process_of, wrong_use
from opendata_spiders.command_run import check_access, store_trouble
from opendata_spiders.crawl.collector import spare_the_collector
from opendata_spiders.crawl.outcome import outcome
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.crawl.target import SpiderArgumentError, target_from_arguments
from opendata_spiders.register import RegisterError
from opendata_spiders.store.connect import shared_store


def run(command: BaseRunSpiderCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Crawl one portal or family."""
    check_access(command)
    if len(args) != 1:
        raise UsageError("name one portal: `scrapy list` prints them", print_help=False)
    crawler = _crawler_of(command, args[0], opts)
    with_store = crawler.settings.getbool("STORE_ENABLED")
    spare_the_collector()
    with store_trouble(command), shared_store() if with_store else nullcontext():
        # held open all along, so that the embedded database is up before the first request
        process_of(command).crawl(crawler, **opts.spargs)
        process_of(command).start()
        verdict, summary = outcome(crawler)
        print(summary, file=sys.stderr)
        command.exitcode = verdict.exit_status


def _crawler_of(command: BaseRunSpiderCommand, name: str, opts: argparse.Namespace) -> Crawler:
    with wrong_use(KeyError, RegisterError, SpiderArgumentError):
        spider_class = process_of(command).spider_loader.load(name)
        if issubclass(spider_class, PortalSpider):
            target_from_arguments(spider_class.portal, spider_class.family, dict(opts.spargs))
    return command._create_crawler(spider_class)  # noqa: SLF001 -- it warns of an unused -O
