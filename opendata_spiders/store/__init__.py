"""The memory: MongoDB collections, content-addressed; imports neither Scrapy nor `alerts`.

Kept empty of imports: the supervisor of the embedded database runs from this package and must stay small.
"""
