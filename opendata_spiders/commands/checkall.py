"""`scrapy checkall`: whether register, families, golden pages and documents agree; sends no request."""

import argparse

from scrapy.commands import ScrapyCommand

from opendata_spiders.commands.common import loader_of, wrong_use
from opendata_spiders.exits import Exit
from opendata_spiders.probing.checks import inconsistencies
from opendata_spiders.register import RegisterError


class CheckAllCommand(ScrapyCommand):
    """Exit status: 0 no fault, 1 inconsistencies, one line each; 2 a table that cannot be read."""

    requires_project = True
    default_settings = {"LOG_ENABLED": False}  # noqa: RUF012 -- Scrapy's own attribute

    def short_desc(self) -> str:
        return "Check register, families, golden pages and documents against each other"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print one line a fault."""
        with wrong_use(RegisterError):
            found = list(inconsistencies(loader_of(self)))
        for fault in found:
            print(f"{fault.where}: {fault.said}")
        self.exitcode = Exit.FAILED if found else Exit.DONE
