"""The project's own scrapy commands. Scrapy imports this package before it runs any command, its own included."""

from opendata_spiders.terminal import prepare

prepare()
