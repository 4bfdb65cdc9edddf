"""The exit statuses of every command, `scrapy …` and `python -m alerts …` alike; docs/operator.md says what to do."""

from enum import IntEnum


class Exit(IntEnum):
    """One member per status; 3 to 7 are verdicts, of a single `scrapy crawl` or of what `probe` and `record` read."""

    DONE = 0
    """Also a complete run, and a night whatever the verdicts of its portals."""
    FAILED = 1
    """Something failed: the command as a whole, or a part of it while the rest went on."""
    WRONG_USE = 2
    """click's and Scrapy's own status for a usage error: an unknown name, option or value."""
    PARTIAL = 3
    BLOCKED = 4
    DRIFTED = 5
    EMPTY = 6
    UNREACHABLE = 7
    UPLINK = 8
    """Most hosts failed at once: our own internet connection is suspected."""
    RUNNING = 9
    """Another night reads the same database: nothing was done."""
    INTERRUPTED = 130
    """Ctrl-C, as shells expect it: 128 and the number of the signal."""
