"""`scrapy check`: as Scrapy's own, but a name nobody bears is wrong use and no traceback."""

import argparse

from scrapy.commands import check as scrapy_check
from scrapy.exceptions import UsageError


class CheckCommand(scrapy_check.Command):
    """Exit status: 0 all contracts hold, 1 one is broken, 2 wrong use."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check the named portals and families, or all."""
        if self.crawler_process is None:
            raise RuntimeError("scrapy sets the crawler process before it runs a command")
        loader = self.crawler_process.spider_loader
        for name in args:
            try:
                loader.load(name)
            except KeyError as error:
                raise UsageError(str(error.args[0]), print_help=False) from error
        super().run(args, opts)
