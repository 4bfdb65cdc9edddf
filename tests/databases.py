"""Databases of tests, emptied and used again.

Making one takes a quarter of a second, and mongod keeps the files of dropped ones open for ten minutes: a suite that makes
one a test takes thousands, until mongod may open no more and dies.
"""

from typing import Any

from pymongo.database import Database

from opendata_spiders.store import collections

KNOWN = frozenset(collections.OF_THE_CRAWL) | frozenset(collections.OF_ALERTS)


def empty(database: Database[dict[str, Any]]) -> None:
    """Remove every document, and collections that are not the product's."""
    for name in database.list_collection_names():
        if name in KNOWN:
            database[name].delete_many({})
        else:
            database.drop_collection(name)
