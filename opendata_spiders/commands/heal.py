"""`scrapy heal`: drafts a new version of a drifted portal's family, proven by the values of its last reading."""

import argparse
from pathlib import Path

from opendata_spiders.command import ProjectCommand


class HealCommand(ProjectCommand):
    """Exit status: 0 a draft was written and reads the portal, or the portal reads as declared; 5 nothing is proven.

    4 blocked, 7 unreachable, 1 an error on our side or no trusted reading, 2 wrong use. Nothing but the folder of the
    draft is written.
    """

    done_by = "opendata_spiders.healing.command"

    def syntax(self) -> str:
        return "[options] <portal>"

    def short_desc(self) -> str:
        return "Draft a new version of a drifted portal's family, proven by the values of its last reading"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the page to watch, where the draft goes, and the form of the answer."""
        super().add_options(parser)
        parser.add_argument("--url", default="", help="the page that shows the list (default: as the family says)")
        parser.add_argument("--base-url", default="", help="the portal's address, if it is not the register's")
        parser.add_argument("--out", type=Path, help="folder of the draft (default: heal-PORTAL)")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout, all else on stderr")
