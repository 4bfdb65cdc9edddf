"""`scrapy checknational`: totals of the national register once a month, and its entries for missing datasets."""

import argparse

from opendata_spiders.command import ProjectCommand


class CheckNationalCommand(ProjectCommand):
    """Exit status: 0 asked, or nothing to ask, whatever was answered; 1 no store, or an error on our side; 2 wrong use.

    A second source that does not answer fails no night: missing datasets are then reported without it.
    """

    done_by = "opendata_spiders.national.command"

    def syntax(self) -> str:
        return "[options] [portal …]"

    def short_desc(self) -> str:
        return "Ask the national register for its totals and for datasets that went missing"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of a night's questions."""
        super().add_options(parser)
        parser.add_argument("--totals", action="store_true", help="read the totals, however new the last ones are")
        parser.add_argument("--base-url", default="", help="ask there instead of the register's own address")
