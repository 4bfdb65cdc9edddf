"""Reads one document in a process of its own: `python -m opendata_spiders.dcat TYPE URL LANGUAGE < document`."""

import contextlib
import json
import resource
import sys

from opendata_spiders.dcat.apart import outcome
from opendata_spiders.dcat.policy import catalogue_policy


def main(content_type: str, url: str, language: str) -> None:
    """Read standard input within the memory of the policy and print what comes of it as JSON."""
    most = catalogue_policy().reader_mb << 20
    with contextlib.suppress(ValueError, OSError):  # a platform without such a limit
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    json.dump(outcome(text, content_type, url, language), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
