"""Terms of use as a user reads them: on the desk of the crawls."""

from tests.crawl.conftest import desk

__all__ = ["desk"]
