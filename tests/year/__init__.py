"""`python -m tests.year`: a year of nights of the whole country at the level of the store, and what it costs to keep.

The portals are invented and nothing is requested. What a night leaves is written by the product's own code (entries,
versions and views as the crawl counts them, `Store.commit`, the fold, digests, scoreboard, health), so that sizes, times and
queries at the end are those of a store that is a year old. It judges no event: `tests/score` does.
"""
