"""What every `scrapy` command of this project declares, and how the room that does its work is found.

Scrapy imports all commands before it runs one. The modules of commands/ therefore only declare: name, options, help.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from opendata_spiders.log_lines import QuietCommand

if TYPE_CHECKING:
    from scrapy.crawler import CrawlerProcessBase
    from scrapy.settings import BaseSettings


class ProjectCommand(QuietCommand):
    """A command whose work is done elsewhere: by `run(command, args, opts)` of a module that is imported for it."""

    requires_project = True
    done_by: ClassVar[str]
    """Name of that module."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the work; `exitcode` is the exit status."""
        import_module(self.done_by).run(self, args, opts)


def process_of(command: ScrapyCommand) -> "CrawlerProcessBase":
    """Return the process that Scrapy gives a command before it runs it."""
    if command.crawler_process is None:
        raise RuntimeError("scrapy sets the crawler process before it runs a command")
    return command.crawler_process


def settings_of(command: ScrapyCommand) -> "BaseSettings":
    """Return the settings that Scrapy gives a command before it runs it."""
    if command.settings is None:
        raise RuntimeError("scrapy sets the settings before it runs a command")
    return command.settings


@contextmanager
def wrong_use(*kinds: type[Exception]) -> Iterator[None]:
    """Turn errors of these kinds into UsageError: the command prints their sentence and exits with 2."""
    try:
        yield
    except kinds as error:
        raise UsageError(str(error.args[0]), print_help=False) from error


def add_night(parser: argparse.ArgumentParser) -> None:
    """Add the options of a night: how many hosts are asked at once, and the form of the answer."""
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout, all else on stderr")
    parser.add_argument("--hosts", type=int, default=4, help="how many hosts are asked side by side (default 4)")
