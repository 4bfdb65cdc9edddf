"""Chromium, for what only a browser can read: one page at a time, within its portal's host group, bounded in every way.

A page is asked for by an ordinary Scrapy request (robots.txt, host group and delay hold for it) that scrapy-playwright
downloads. Nothing is started for a crawl that opens no page.
"""
