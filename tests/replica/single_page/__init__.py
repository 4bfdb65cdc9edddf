"""Portals that are one page of scripts, each built in another way, all with the same datasets.

Each module is one portal: the script of its page, and what its interface answers. Beside the catalogue every page loads
and shows what a portal's page has besides: a menu, news, the most popular datasets, offices and themes.
"""
