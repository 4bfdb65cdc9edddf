"""What a crawl has read does not outlive it: a worker of a night reads portals for hours."""

import gc
import weakref

from scrapy.crawler import Crawler
from scrapy.settings import Settings

from opendata_spiders.crawl.details import DetailQueue
from opendata_spiders.families.guizhou_api import GuizhouApiSpider
from opendata_spiders.fetching.robots import RobotsMiddleware
from opendata_spiders.items import Dataset
from opendata_spiders.policy import policy


class Watched(Dataset):
    """A dataset that can be referred to weakly."""


def test_the_middleware_of_robots_txt_keeps_no_crawl() -> None:
    crawler = Crawler(GuizhouApiSpider, Settings({"ROBOTSTXT_OBEY": True, "USER_AGENT": "x"}))
    middleware = RobotsMiddleware.from_crawler(crawler)
    alive = weakref.ref(crawler)
    assert alive() is not None
    del crawler, middleware
    gc.collect()
    assert alive() is None


def test_a_dataset_that_was_handed_out_with_its_detail_is_not_held_by_the_queue() -> None:
    queue = DetailQueue(budget=10, policy=policy(), day=0)
    known = []
    for number in range(6):
        dataset = Watched(portal="p", slug="s", id=f"d{number}", raw={})
        known.append(weakref.ref(dataset))
        assert queue.offer(dataset, None)
    del dataset
    for handed_out, batch in enumerate(queue.batches(2), start=1):
        batch.clear()
        assert sum(one() is not None for one in known) == 6 - 2 * handed_out
    assert len(queue) == 6
