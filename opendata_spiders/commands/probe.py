"""`scrapy probe`: which family's software answers at an address, and the register row to add for it."""

import argparse

from opendata_spiders.command import ProjectCommand


class ProbeCommand(ProjectCommand):
    """Exit status: 0 recognised, 5 unknown software, 4 blocked, 7 unreachable, 2 wrong use."""

    done_by = "opendata_spiders.probing.probe_command"

    def syntax(self) -> str:
        return "[options] <address of a portal>"

    def short_desc(self) -> str:
        return "Say whose software a portal runs, and print its register row"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the families to try, what holds of the portal, and the form of the answer."""
        super().add_options(parser)
        parser.add_argument("--family", action="append", default=[], help="ask its list as this family would")
        parser.add_argument("--tenant", default="", help="ask for one tenant of a shared host: name=value&name=value")
        parser.add_argument("--old-tls", action="store_true", help="the server speaks TLS of old servers only")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
