"""`scrapy checkall`: whether register, families, golden pages and documents agree; sends no request."""

import argparse
import sys

from scrapy.commands import ScrapyCommand

from opendata_spiders.command import wrong_use
from opendata_spiders.command_run import loader_of
from opendata_spiders.exits import Exit
from opendata_spiders.probing.checks import inconsistencies
from opendata_spiders.register import RegisterError


def run(command: ScrapyCommand, _args: list[str], _opts: argparse.Namespace) -> None:
    """Print one line a fault; that there is none goes to stderr."""
    with wrong_use(RegisterError):
        loader = loader_of(command)
        found = list(inconsistencies(loader))
    for fault in found:
        print(f"{fault.where}: {fault.said}")
    if not found:
        agree = f"{len(loader.register.portals)} portals and {len(loader.families)} families"
        print(f"{agree}: register, families, golden pages and documents agree", file=sys.stderr)
    command.exitcode = Exit.FAILED if found else Exit.DONE
