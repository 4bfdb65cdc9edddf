"""The database: what is stored, how it is read and written; imports neither Scrapy nor `alerts`.

No imports here: the supervisor of the embedded database runs from this package and must stay small.
"""
