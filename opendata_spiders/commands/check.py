"""`scrapy check`: as Scrapy's own, but an unknown name is wrong use, and it names what checks families here."""

import argparse

from scrapy.commands import check as scrapy_check

from opendata_spiders.command import process_of, wrong_use


class CheckCommand(scrapy_check.Command):
    """Exit status: 0 all contracts hold, 1 one is broken, 2 wrong use."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the named portals and families, or all."""
        loader = process_of(self).spider_loader
        for name in args:
            with wrong_use(KeyError):
                loader.load(name)
        super().run(args, opts)
        print("families are held to golden pages, not to contracts: scrapy checkall, python -m pytest tests/families")
