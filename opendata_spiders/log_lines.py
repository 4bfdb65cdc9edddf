"""Leaves out of the log those of Scrapy's own lines that come with every crawl, page or item."""

import argparse
import logging
from typing import Any

from scrapy import Spider
from scrapy.commands import ScrapyCommand
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from twisted.python.failure import Failure

_CHATTY = (
    "scrapy-playwright",
    "scrapy.addons",
    "scrapy.core.engine",
    "scrapy.crawler",
    "scrapy.middleware",
    "scrapy.statscollectors",
    "scrapy.utils.log",
)
"""Loggers whose INFO lines say nothing of a portal."""


class QuietCommand(ScrapyCommand):
    """A command whose log has none of Scrapy's own INFO lines and no names of loggers, unless `-L` sets a level."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Apply the options, and filter Scrapy's loggers before it makes the crawler process and first logs."""
        super().process_options(args, opts)
        if self.settings is not None:
            quiet(self.settings)


def quiet(settings: BaseSettings) -> None:
    """Filter Scrapy's loggers and leave out the names of loggers, unless the command line gives a log level."""
    if (settings.getpriority("LOG_LEVEL") or 0) >= SETTINGS_PRIORITIES["cmdline"]:
        return
    settings.set("LOG_FORMAT", "%(asctime)s %(levelname)s: %(message)s", priority="command")
    for name in _CHATTY:
        logging.getLogger(name).addFilter(_warns)  # levels are reset by Scrapy's own configuration


def _warns(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


class QuietLogFormatter(LogFormatter):
    """Logs errors of items as Scrapy does, and nothing for items that went well."""

    def scraped(  # type: ignore[override]
        self, item: Any, response: Response | Failure | None, spider: Spider | None
    ) -> LogFormatterResult | None:
        """Return None, which logs nothing: the progress line counts them."""
        return None
