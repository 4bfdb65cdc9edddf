"""How a crawl ended: its verdict, and the summary for people."""

from scrapy.crawler import Crawler

from opendata_spiders.crawl.run_writer import Recorder
from opendata_spiders.crawl.spider import PortalSpider
from opendata_spiders.crawl.summary import card
from opendata_spiders.store.models import Verdict


def outcome(crawler: Crawler) -> tuple[Verdict, str]:
    """Return the verdict of a crawl that has ended, and its summary or why nothing was read."""
    recorder = crawler.get_extension(Recorder) if crawler._extensions else None  # noqa: SLF001 -- unset after a failed start
    spider = crawler.spider
    if recorder is None or recorder.run is None or not isinstance(spider, PortalSpider):
        reason = recorder.refusal if recorder else "the crawl could not be set up, see the log above"
        return Verdict.FAILED, f"not read: {reason}"
    name = f"{spider.target.name_zh} {spider.target.name_en} ({spider.family})"
    return recorder.run.verdict, card(recorder.run, name=name, timezone=spider.target.timezone)
