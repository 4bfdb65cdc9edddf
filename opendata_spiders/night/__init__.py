"""One night over many portals, in two steps: every portal is crawled, then the files of watched datasets are looked at.

crawl_plan and file_plan say what is due, crawl_run and file_rounds do it (hosts side by side, the portals of one host
one after the other), uplink says whether our own line failed, report makes the tables, logs keeps the log files.
"""
