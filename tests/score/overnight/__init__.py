"""Fourteen nights over HTTP: sixty portals of the replica, read by the real crawl, folded by the real diff, judged by the truth."""
