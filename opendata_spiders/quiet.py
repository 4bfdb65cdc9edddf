"""Keeps Scrapy's own loggers from repeating on every crawl what nobody reads at night."""

import logging

from scrapy.settings import BaseSettings

_CHATTY = {
    "scrapy.middleware": logging.WARNING,
    "scrapy.crawler": logging.WARNING,
    "scrapy.utils.log": logging.WARNING,
    "scrapy.addons": logging.WARNING,
    "scrapy.statscollectors": logging.WARNING,
    "scrapy.downloadermiddlewares.robotstxt": logging.CRITICAL,  # a traceback for what the verdict says in a sentence
}


def quieten(settings: BaseSettings | None) -> None:
    """Silence them; LOG_LEVEL=DEBUG brings them back."""
    if settings is not None and settings["LOG_LEVEL"] != "DEBUG":
        for name, level in _CHATTY.items():
            logging.getLogger(name).setLevel(level)
