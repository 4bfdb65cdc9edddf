"""`scrapy crawl` in whole, of a list with another number of rows a page and without details.

The first argument is the number of rows a page, the others those of `scrapy crawl`.
"""

import sys

from scrapy.cmdline import execute

from opendata_spiders.families.guizhou_api import GuizhouApiSpider

GuizhouApiSpider.page_size = int(sys.argv[1])
GuizhouApiSpider.detail_call = GuizhouApiSpider.detail_page = None
GuizhouApiSpider.detail_fields = ()
execute(["scrapy", "crawl", "guizhou_api", "-a", "slug=bench", *sys.argv[2:]])
