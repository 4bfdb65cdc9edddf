"""The settings of a Scrapy project without anything of its own: how long Scrapy's commands take to start by themselves."""

SPIDER_MODULES: list[str] = []
