"""One night over many portals, in two steps: every portal is crawled, then the files of watched datasets are checked.

crawl_plan and file_plan select what is due. A night of crawls (crawl_run) is read by worker processes: scheduler
decides which portal is read when and in which of them, worker_process is one of them as the night sees it, worker the
process itself, messages what the two tell each other, portal_logs its log. units reads the portals of one host group,
for whoever shares a night out in another way. file_rounds makes the checks of files. deadline and stopping end a
night, progress shows it, uplink judges whether our own internet connection failed; report makes the tables, logs keeps
the log files, policy the limits; values are what all of them hand on.
"""
