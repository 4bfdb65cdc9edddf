"""What every `scrapy` command of this project declares, and how the room that does its work is found.

Scrapy imports all commands before it runs one. The modules of commands/ therefore only declare: name, options, help.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from scrapy.commands import ScrapyCommand, ScrapyHelpFormatter
from scrapy.exceptions import UsageError

from opendata_spiders.exits import Exit
from opendata_spiders.interrupts import interruptible, say_stopped
from opendata_spiders.log_lines import QuietCommand
from opendata_spiders.night.deadline import deadline
from opendata_spiders.night.policy import night_policy

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.crawler import Crawler, CrawlerProcessBase
    from scrapy.settings import BaseSettings


class OptionHelpFormatter(ScrapyHelpFormatter):
    """Scrapy's own takes a line of an option's help that happens to end in a colon for a heading."""

    def format_part_strings(self, part_strings: list[str]) -> list[str]:
        """Leave the lines of an option, which are indented, as they are."""
        if part_strings and part_strings[0].startswith(" "):
            return part_strings
        return super().format_part_strings(part_strings)


class ProjectCommand(QuietCommand):
    """A command whose work is done elsewhere: by `run(command, args, opts)` of a module that is imported for it."""

    requires_project = True
    done_by: ClassVar[str]
    """Name of that module."""
    takes_no_names: ClassVar[str] = ""
    """What is said where a command that takes no names is given one; empty where it takes them."""
    kept: ClassVar[str] = "nothing was changed"
    """What became of the work if the command was stopped by Ctrl-C or SIGTERM."""
    stopped = False
    """Whether a signal ended the reading; what had been read until then was worked up all the same."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add Scrapy's options to a help page in which each option's text stays in its place."""
        parser.formatter_class = OptionHelpFormatter
        super().add_options(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Do the work; `exitcode` is the exit status."""
        if args and self.takes_no_names:
            raise UsageError(self.takes_no_names, print_help=False)
        with interruptible(lambda: self.kept):
            import_module(self.done_by).run(self, args, opts)
        if self.stopped:
            say_stopped(self.kept)
            self.exitcode = Exit.INTERRUPTED


def process_of(command: ScrapyCommand) -> "CrawlerProcessBase":
    """Return the process that Scrapy gives a command before it runs it."""
    if command.crawler_process is None:
        raise RuntimeError("scrapy sets the crawler process before it runs a command")
    return command.crawler_process


def read_by(command: ScrapyCommand, spider: "type[Spider]", **arguments: Any) -> None:
    """Let a spider read to its end, or until a signal ends it, which the command then knows (`stopped`)."""
    process = process_of(command)
    crawler = process.create_crawler(spider)
    process.crawl(crawler, **arguments)
    process.start()
    if isinstance(command, ProjectCommand):
        command.stopped = ended_by_signal(crawler)


def ended_by_signal(crawler: "Crawler") -> bool:
    """Tell whether a signal ended a crawl that does not stop itself, maybe before its spider began."""
    return crawler.stats is None or crawler.stats.get_value("finish_reason") in {None, "shutdown"}


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


def refuse_given(opts: argparse.Namespace, why: str, *names: str) -> None:
    """Raise UsageError for those of the options (`names`: their attributes) that are given and would be ignored."""
    if given := [f"--{name.replace('_', '-')}" for name in names if getattr(opts, name)]:
        raise UsageError(f"{why}: leave out {', '.join(given)}", print_help=False)


def positive(text: str) -> int:
    """A number of an option that is one or more; raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def add_night(parser: argparse.ArgumentParser) -> None:
    """Add the options of a night: how many hosts are asked at once, when it ends, and the form of the answer."""
    rules = night_policy()
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout, all else on stderr")
    parser.add_argument(
        "--hosts",
        type=positive,
        default=rules.hosts,
        help=f"how many hosts are asked side by side (default {rules.hosts})",
    )
    parser.add_argument(
        "--until",
        default=f"{rules.night_hours:g}h",
        help=f"when nothing begins any more and what runs is to end: 06:30, or 8h (default {rules.night_hours:g}h)",
    )


def night_end(opts: argparse.Namespace) -> datetime:
    """Return the moment of the option --until, in the zone of this machine; raises UsageError."""
    with wrong_use(ValueError):
        return deadline(opts.until, datetime.now(UTC).astimezone())
