"""`scrapy crawl`: as Scrapy's own, but the exit status is the run's verdict and a card closes the run."""

from scrapy.commands import crawl as scrapy_crawl

from opendata_spiders.command import ProjectCommand


class CrawlCommand(ProjectCommand, scrapy_crawl.Command):
    """Exit status: 0 complete, 3 partial, 4 blocked, 5 drifted, 6 empty, 7 unreachable, 1 failed, 2 wrong use."""

    done_by = "opendata_spiders.crawl.command"

    def syntax(self) -> str:
        return "[options] <portal, or family with -a slug=… -a base_url=…>"

    def short_desc(self) -> str:
        return "Read one portal; the exit status is the verdict"
