"""Keeps the log readable: no line per page or item, since a night has a hundred thousand of both."""

from typing import Any

from scrapy import Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from twisted.python.failure import Failure


class QuietLogFormatter(LogFormatter):
    """Logs errors of items as Scrapy does, and nothing for items and pages that went well."""

    def scraped(  # type: ignore[override]
        self, item: Any, response: Response | Failure | None, spider: Spider | None
    ) -> LogFormatterResult | None:
        """Return None: Progress counts them."""
        return None
