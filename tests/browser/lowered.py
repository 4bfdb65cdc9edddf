"""`python -m tests.browser.lowered LIMITS WORDS…`: runs a command of `scrapy` with other limits than policy.csv has."""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scrapy.cmdline import execute

import opendata_spiders.policy


def lower(limits: Mapping[str, Any]) -> None:
    """Have this process read other limits than policy.csv has."""
    table = opendata_spiders.policy.policy
    rules = replace(table(), **limits)
    for module in list(sys.modules.values()):
        if getattr(module, "policy", None) is table:
            module.policy = lambda: rules
    opendata_spiders.policy.policy = lambda: rules


def main() -> None:
    limits, *words = sys.argv[1:]
    lower(json.loads(limits))
    execute(["scrapy", *words])


if __name__ == "__main__":
    main()
