"""Reads one file in a process of its own: `python -m opendata_spiders.files whole|head FORMAT < file`, JSON out.

A workbook of two cells can be made so that its reader asks for 549 GB, which ends the process it runs in.
"""

import contextlib
import json
import resource
import sys
from dataclasses import asdict

from opendata_spiders.files.parse.file_reading import read, read_head
from opendata_spiders.files.policy import file_policy


def main(part: str, declared: str) -> None:
    """Read standard input within the memory of the policy and print the reading."""
    most = file_policy().reader_mb << 20
    with contextlib.suppress(ValueError, OSError):  # a platform without such a limit
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    body = sys.stdin.buffer.read()
    found = read(body, declared) if part == "whole" else read_head(body, declared)
    json.dump(asdict(found), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
