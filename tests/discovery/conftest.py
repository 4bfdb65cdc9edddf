"""Searches as a user runs them: on the desk of the crawls."""

from tests.crawl.conftest import desk

__all__ = ["desk"]
