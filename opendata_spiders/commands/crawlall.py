"""`scrapy crawlall`: crawls every crawlable portal, many side by side, the portals of one host one after the other."""

import argparse
import os

from opendata_spiders.command import ProjectCommand, add_night, positive


class CrawlAllCommand(ProjectCommand):
    """Exit status: 0 done (whatever the verdicts), 8 most hosts failed (our connection), 1 no store, 2 wrong use.

    9 another night reads the same database. 130 after Ctrl-C or SIGTERM: runs in progress end with what they have read,
    the other portals are left out. A trial ends with the same statuses and records nothing.
    """

    done_by = "opendata_spiders.night.crawl_command"
    takes_no_names = "to read a few portals only, name them as --only guiyang,jinan"
    kept = "what was not read is left for the next time"

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Read every crawlable portal, politely; ends in a table of verdicts"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of a night."""
        super().add_options(parser)
        cores = os.cpu_count() or 1
        parser.add_argument("--only", default="", help="a subset: guiyang,province:山东,family:guizhou_api,host:…")
        parser.add_argument("--dry-run", action="store_true", help="print hosts, requests and minutes; send nothing")
        parser.add_argument(
            "--trial", action="store_true", help="look at page one and one detail of each portal; record no run"
        )
        parser.add_argument("--again", action="store_true", help="read also what a night read that was broken off")
        parser.add_argument("--processes", type=positive, help=f"worker processes (default {cores}: the cores)")
        add_night(parser)
