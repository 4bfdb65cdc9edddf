"""One night over many portals, in two steps: every portal is crawled, then the files of watched datasets are checked.

crawl_plan and file_plan select what is due, crawl_run and file_rounds do it (hosts in parallel, the portals of one host
one after the other), uplink judges whether our own internet connection failed, report makes the tables, logs keeps the
log files.
"""
