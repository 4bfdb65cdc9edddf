"""What others recorded of a portal: an old crawl becomes claims about the past, a folder of snapshots its history.

An old crawl (`old_crawl.py`) is kept apart from the runs, and only the back-cast of the scoreboard reads it. Snapshots
(`history.py`) become runs with a mark, which the diff folds; `opendata_spiders/store/imports.py` finds both again.
"""
