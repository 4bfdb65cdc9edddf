"""Keeps the log of a night readable: none of Scrapy's lines that repeat on every crawl, page or item."""

import logging
from typing import Any

from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

_CHATTY = {
    "scrapy.middleware": logging.WARNING,
    "scrapy.crawler": logging.WARNING,
    "scrapy.utils.log": logging.WARNING,
    "scrapy.addons": logging.WARNING,
    "scrapy.statscollectors": logging.WARNING,
    "scrapy.downloadermiddlewares.robotstxt": logging.CRITICAL,  # a traceback for what the verdict says in a sentence
}


def quieten(settings: BaseSettings | None) -> None:
    """Silence Scrapy's chatty loggers; LOG_LEVEL=DEBUG brings them back."""
    if settings is not None and settings["LOG_LEVEL"] != "DEBUG":
        for name, level in _CHATTY.items():
            logging.getLogger(name).setLevel(level)


class QuietLogFormatter(LogFormatter):
    """Logs errors of items as Scrapy does, and nothing for items that went well."""

    def scraped(  # type: ignore[override]
        self, item: Any, response: Response | Failure | None, spider: Spider | None
    ) -> LogFormatterResult | None:
        """Return None, which logs nothing: the progress line counts them."""
        return None
