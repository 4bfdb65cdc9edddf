"""One night over many portals, in two steps: every portal is crawled, then the files of watched datasets are checked.

crawl_plan and file_plan select what is due; units is what one worker reads (the portals of one host group, one after
the other); crawl_run and file_rounds do it with hosts in parallel; uplink judges whether our own internet connection
failed; report and file_report make the tables, logs keeps the log files. shared_night is the same night read by several
machines: who reads what stands in the database.
"""
