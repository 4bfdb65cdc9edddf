"""`scrapy checkall`: whether register, families, golden pages and documents agree; sends no request."""

import argparse

from scrapy.commands import ScrapyCommand

from opendata_spiders.command import wrong_use
from opendata_spiders.command_run import loader_of
from opendata_spiders.exits import Exit
from opendata_spiders.probing.checks import inconsistencies
from opendata_spiders.register import RegisterError


def run(command: ScrapyCommand, _args: list[str], _opts: argparse.Namespace) -> None:
    """Print one line a fault."""
    with wrong_use(RegisterError):
        found = list(inconsistencies(loader_of(command)))
    for fault in found:
        print(f"{fault.where}: {fault.said}")
    command.exitcode = Exit.FAILED if found else Exit.DONE
