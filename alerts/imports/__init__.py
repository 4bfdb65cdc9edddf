"""Old crawls by others, taken in as claims about the past: a file's rows, its columns, the portal that it fits.

Kept by `opendata_spiders/store/imports.py`, apart from the runs: an import is no observation of ours. Only the
back-cast of the scoreboard reads it.
"""
