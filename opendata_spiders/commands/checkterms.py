"""`scrapy checkterms`: the terms of use of each portal, read as text once a month."""

import argparse

from opendata_spiders.command import ProjectCommand, add_night


class CheckTermsCommand(ProjectCommand):
    """Exit status: 0 read, or nothing due, whatever was answered; 8 most hosts gave no answer (our connection).

    1 no store, or an error on our side; 2 wrong use. Terms that cannot be read fail no night: nothing is said of them.
    """

    done_by = "opendata_spiders.terms.command"

    def syntax(self) -> str:
        return "[options] [portal …]"

    def short_desc(self) -> str:
        return "Read the terms of use of portals, each once a month"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of a night."""
        super().add_options(parser)
        parser.add_argument("--force", action="store_true", help="also portals that were asked lately")
        parser.add_argument("--base-url", default="", help="ask there instead of the register's address (one portal)")
        add_night(parser)
