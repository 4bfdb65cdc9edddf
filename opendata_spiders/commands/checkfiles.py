"""`scrapy checkfiles`: one round of checks of the files of watched datasets."""

import argparse

from opendata_spiders.command import ProjectCommand, add_night


class CheckFilesCommand(ProjectCommand):
    """Exit status: 0 rounds recorded (whatever state the files are in), 8 most hosts gave no answer (our connection).

    1 no store, clock refused, or a round that could not be made; 2 wrong use.
    """

    done_by = "opendata_spiders.night.file_command"

    def syntax(self) -> str:
        return "[options] [portal …]"

    def short_desc(self) -> str:
        return "Look at the files of watched datasets; ends in a table"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of a round."""
        super().add_options(parser)
        parser.add_argument("--force", action="store_true", help="also portals that were looked at a few hours ago")
        parser.add_argument("--base-url", default="", help="look there instead of the register's address (one portal)")
        add_night(parser)
