"""`scrapy record`: keeps page one and one detail of a portal as golden pages, redacted, and marks its row as read."""

import argparse
from pathlib import Path

from opendata_spiders.command import ProjectCommand


class RecordCommand(ProjectCommand):
    """Exit status: 0 recorded and read, 5 drifted (what came is recorded) or moved, 4 blocked, 6 empty, 7 unreachable.

    1 not recorded, 2 wrong use, also where golden pages stand there already.
    """

    done_by = "opendata_spiders.probing.record_command"

    def syntax(self) -> str:
        return "[options] <portal, or family with -a slug=… -a base_url=…>"

    def short_desc(self) -> str:
        return "Keep a list page and a detail of a portal as golden pages, redacted"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add where the portal stands, and where its pages go."""
        super().add_options(parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE",
                            help="as of `scrapy crawl`: base_url=…")  # fmt: skip
        parser.add_argument("--force", action="store_true", help="write over golden pages that stand there already")
        parser.add_argument("--out", type=Path, help="folder of the golden pages (default: the tests')")
