"""`scrapy doctor`: one request to each host, and what its answer means. `python -m alerts doctor` calls it."""

import argparse

from opendata_spiders.command import ProjectCommand


class DoctorCommand(ProjectCommand):
    """Exit status: 0 if every host answers, 1 if one does not, 2 wrong use."""

    done_by = "opendata_spiders.probing.doctor_command"

    def syntax(self) -> str:
        return "[options] [portal …]"

    def short_desc(self) -> str:
        return "Make one request per host and say: answers, blocked or unreachable"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the form of the answer."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
        parser.add_argument("--base-url", default="", help="ask at this address instead of the register's")
