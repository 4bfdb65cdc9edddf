"""`scrapy discover`: looks for portals of governments without a register row; a person adds what it finds."""

import argparse
from pathlib import Path

from opendata_spiders.command import ProjectCommand, add_night
from opendata_spiders.discovery.policy import discovery_policy


class DiscoverCommand(ProjectCommand):
    """Exit status: 0 searched, whatever was found; 8 no host answered (our connection); 2 wrong use.

    1 where the file of what was searched cannot be written. 130 after Ctrl-C: the governments searched so far are kept,
    the next call goes on with the others.
    """

    done_by = "opendata_spiders.discovery.command"
    kept = "the governments that were searched are kept, the others are searched by the next call"

    def syntax(self) -> str:
        return "[options] [government …]"

    def short_desc(self) -> str:
        return "Look for portals of governments that have no register row; print the command that adds each"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add what is asked, how much, and the form of the answer."""
        super().add_options(parser)
        parser.add_argument("--dry-run", action="store_true", help="print which addresses would be asked; send nothing")
        parser.add_argument("--addresses", type=Path, help="a table of your own: adcode,address,note,source")
        parser.add_argument("--again", action="store_true", help="also governments that were searched before")
        parser.add_argument(
            "--progress", type=Path, help="file of what was searched (default: discover.jsonl in DATA_DIR)"
        )
        budget = discovery_policy().budget
        parser.add_argument("--budget", type=int, default=budget, help=f"requests of this call (default {budget})")
        add_night(parser)
