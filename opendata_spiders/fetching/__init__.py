"""What lies between a spider and a portal's server: where requests may go, how much may come back, when to retry.

Every request passes here: lists, details, files, robots.txt, the request of `scrapy doctor`.
"""
