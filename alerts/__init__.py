"""Compares runs, states events, writes digests and delivers them; imports no Scrapy."""
